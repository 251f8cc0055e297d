import type { AppError } from '../../../../shared/app-error';
import type { DisputeStatus } from '../../../../shared/facts';
import { disputeNotAnswerable, evidenceTooLate } from '../disputes.errors';
import { ANSWERABLE_STATUSES } from './fold-dispute';

/** Pure: why the dispute takes no answer at that moment; null where it does. The due moment itself still counts. */
export function whyNotAnswerable(
  { status, evidenceDueBy }: { status: DisputeStatus; evidenceDueBy: Date | null },
  now: Date,
): AppError | null {
  if (!ANSWERABLE_STATUSES.includes(status)) return disputeNotAnswerable(status);
  return evidenceDueBy !== null && now > evidenceDueBy ? evidenceTooLate(evidenceDueBy) : null;
}
