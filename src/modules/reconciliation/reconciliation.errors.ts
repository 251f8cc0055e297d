import { business, notFound, unavailable, type AppError } from '../../shared/app-error';

export const runNotFound = (runId: string): AppError =>
  notFound('RECONCILIATION_RUN_NOT_FOUND', 'Reconciliation run not found', { runId: runId.slice(0, 64) });

export const breakNotFound = (breakId: string): AppError =>
  notFound('RECONCILIATION_BREAK_NOT_FOUND', 'Reconciliation break not found', { breakId: breakId.slice(0, 64) });

export const breakNotIgnorable = (status: string): AppError =>
  business('INVALID_STATE_TRANSITION', 'Only an unresolved break can be ignored', { status });

export const statementNotConfigured = (provider: string): AppError =>
  unavailable('PROVIDER_NOT_CONFIGURED', `There is no statement of ${provider} on this installation`);

/** The run goes on elsewhere: what we have found since the last step is not written. */
export class RunLostError extends Error {}
