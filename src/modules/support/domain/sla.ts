import type { TicketPriority } from './ticket';

const HOUR_MS = 3_600_000;

/** How long a ticket may wait to be resolved, in hours from when it was opened. Business time: nights and weekends count. */
export const SLA_HOURS: Readonly<Record<TicketPriority, number>> = { urgent: 4, high: 24, normal: 72, low: 168 };

/** Pure: by when it is to be resolved. @param dueBy the last day somebody else has set, a bank's: never later than that. */
export function dueAt(priority: TicketPriority, openedAt: Date, dueBy: Date | null): Date {
  const due = new Date(openedAt.getTime() + SLA_HOURS[priority] * HOUR_MS);
  return dueBy !== null && dueBy < due ? dueBy : due;
}

/** Pure: whether it was late, or is. What was found to be late once stays so, whatever becomes of its priority. */
export function isBreached(
  ticket: { dueAt: Date; breachedAt: Date | null; resolvedAt: Date | null },
  now: Date,
): boolean {
  return ticket.breachedAt !== null || (ticket.resolvedAt ?? now) >= ticket.dueAt;
}
