import { business, conflict, notFound, type AppError } from '../../shared/app-error';

export const caseNotFound = (caseId: string): AppError =>
  notFound('DUNNING_CASE_NOT_FOUND', 'Dunning case not found', { caseId: caseId.slice(0, 64) });

/** Closed, or its grace is over. */
export const notCollectable = (status: string): AppError =>
  business('INVALID_STATE_TRANSITION', 'Nothing of this case can be collected any more', { status });

export const attemptInFlight = (): AppError =>
  conflict('REQUEST_IN_PROGRESS', 'The invoice is being charged at this moment; look at the case again in a while');
