import type { FailureClass } from '../../../shared/retry-policy';
import { priorityOf, stepped } from './priority-rules';
import type { TicketPriority } from './ticket';

/**
 * Pure: the priority of an event that could not be handled. An error of the unknown class counts one step less than one that
 * is understood: the latter is about this very event, the former may be a fault of ours that mends them all.
 */
export function failedEventPriority(type: string, failureClass: FailureClass): TicketPriority {
  const priority = priorityOf('webhook_failure', type);
  return failureClass === 'unknown' ? stepped(priority, -1) : priority;
}
