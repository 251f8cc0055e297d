import { count } from './format';
import type { DunningCase } from './kassa-api';

/** "open, reminded on day 0, 1 retry declined": what has been done about a declined renewal so far. */
export function dunningWords({ status, attempts, reminders }: DunningCase): string {
  const days = reminders.filter((reminder) => reminder.status === 'sent').map(({ day }) => day);
  const declined = attempts.filter((attempt) => attempt.status === 'failed').length;
  const paidBy = attempts.find((attempt) => attempt.status === 'succeeded')?.strategy;
  return [
    status,
    ...(days.length === 0 ? [] : [`reminded on day ${days.join(' and ')}`]),
    ...(declined === 0 ? [] : [`${count(declined, 'retry', 'retries')} declined`]),
    ...(paidBy === undefined
      ? []
      : [`paid by the attempt on ${paidBy === 'new_method' ? 'the new card' : 'the old card'}`]),
  ].join(', ');
}
