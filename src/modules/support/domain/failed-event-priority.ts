import type { FailureClass } from '../../../shared/retry-policy';
import { TICKET_PRIORITIES, type TicketPriority } from './ticket';

/**
 * How pressing an event is that could not be handled, by the provider's name for it; the first row that fits counts, a
 * name ending in `*` fits all that begin so. `urgent` is for people to say. Stripe's names:
 * https://docs.stripe.com/api/events/types
 */
const BY_TYPE: readonly (readonly [string, TicketPriority])[] = [
  // Money has moved, and the books do not show it.
  ['invoice.paid', 'high'],
  ['invoice.payment_succeeded', 'high'],
  ['invoice_payment.paid', 'high'],
  ['payment_intent.succeeded', 'high'],
  ['charge.*', 'high'],
  ['refund.*', 'high'],
  ['checkout.session.completed', 'high'],
  ['checkout.session.async_payment_succeeded', 'high'],
  // What a customer may use, or owes, is not up to date.
  ['customer.subscription.*', 'normal'],
  ['checkout.session.*', 'normal'],
  ['invoice.*', 'normal'],
  ['invoice_payment.*', 'normal'],
  ['payment_intent.*', 'normal'],
  // A look at the provider that we asked for ourselves.
  ['kassa.read', 'normal'],
];

/**
 * Pure: the priority of the ticket. What has no row is low. An error of the unknown class counts one step less than one
 * that is understood: the latter is about this very event, the former may be a fault of ours that mends them all.
 */
export function failedEventPriority(type: string, failureClass: FailureClass): TicketPriority {
  const priority = BY_TYPE.find(([name]) => fits(name, type))?.[1] ?? 'low';
  if (failureClass !== 'unknown') return priority;
  return TICKET_PRIORITIES[Math.max(0, TICKET_PRIORITIES.indexOf(priority) - 1)] ?? priority;
}

function fits(name: string, type: string): boolean {
  return name.endsWith('*') ? type.startsWith(name.slice(0, -1)) : type === name;
}
