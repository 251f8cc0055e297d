import { business, notFound, type AppError } from '../../../shared/app-error';

export const disputeNotFound = (disputeId: string): AppError =>
  notFound('DISPUTE_NOT_FOUND', 'Dispute not found', { disputeId: disputeId.slice(0, 64) });

export const disputeNotAnswerable = (status: string): AppError =>
  business('INVALID_STATE_TRANSITION', 'A dispute in this status takes no answer', { status });

export const evidenceTooLate = (dueBy: Date): AppError =>
  business('EVIDENCE_TOO_LATE', 'The bank takes no evidence any more', { evidenceDueBy: dueBy.toISOString() });
