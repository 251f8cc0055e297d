import { priorityOf } from './priority-rules';
import type { TicketPriority } from './ticket';

const SOON_MS = 2 * 86_400_000;

/** Pure: a dispute without evidence is lost when its day has come. */
export function disputePriority(status: string, evidenceDueBy: string | null, at: Date): TicketPriority {
  if (evidenceDueBy !== null && new Date(evidenceDueBy).getTime() - at.getTime() <= SOON_MS) return 'urgent';
  return priorityOf('dispute', status);
}
