import { TICKET_PRIORITIES, type TicketPriority, type TicketType } from './ticket';

/**
 * How pressing a ticket is when it is opened, by its type and by what in it happened; the first row that fits counts, a name
 * ending in `*` fits all that begin so. `urgent` costs money by the hour; what has no row is low. People change what they
 * know better, and a ticket that is late is raised by a step (sla.ts).
 */
export const PRIORITY_RULES: readonly (readonly [TicketType, string, TicketPriority])[] = [
  // A provider's event that could not be handled, by the provider's name for it: https://docs.stripe.com/api/events/types
  // Money has moved, and the books do not show it.
  ['webhook_failure', 'invoice.paid', 'high'],
  ['webhook_failure', 'invoice.payment_succeeded', 'high'],
  ['webhook_failure', 'invoice_payment.paid', 'high'],
  ['webhook_failure', 'payment_intent.succeeded', 'high'],
  ['webhook_failure', 'charge.*', 'high'],
  ['webhook_failure', 'refund.*', 'high'],
  ['webhook_failure', 'checkout.session.completed', 'high'],
  ['webhook_failure', 'checkout.session.async_payment_succeeded', 'high'],
  // What a customer may use, or owes, is not up to date.
  ['webhook_failure', 'customer.subscription.*', 'normal'],
  ['webhook_failure', 'checkout.session.*', 'normal'],
  ['webhook_failure', 'invoice.*', 'normal'],
  ['webhook_failure', 'invoice_payment.*', 'normal'],
  ['webhook_failure', 'payment_intent.*', 'normal'],
  // A look at the provider that we asked for ourselves.
  ['webhook_failure', 'kassa.read', 'normal'],

  // An inquiry moves no money yet. Close to the bank's last day either is urgent (dispute-priority.ts).
  ['dispute', 'warning_needs_response', 'normal'],
  ['dispute', '*', 'high'],

  // The customer has not got his money.
  ['refund_failure', '*', 'high'],

  // Refunded now, an early warning of the issuer does not become a dispute.
  ['fraud_review', 'fraud_warning', 'urgent'],
  ['fraud_review', '*', 'high'],

  // A renewal: money came for what has ended; nobody knows whether money was taken; it will not be paid by itself.
  ['payment_failure', 'late_success', 'high'],
  ['payment_failure', 'stuck', 'high'],
  ['payment_failure', 'suspected_fraud', 'normal'],
  ['payment_failure', 'exhausted', 'normal'],

  // The customer is charged twice, each month; two people want what one has paid.
  ['store_purchase', 'double_payment', 'high'],
  ['store_purchase', '*', 'normal'],

  // Money that was with somebody else is taken back; somebody waits for his money; a person has to pay for it by hand.
  ['payout', 'charged_back', 'urgent'],
  ['payout', 'bounced', 'high'],
  ['payout', 'failed', 'high'],
  ['payout', '*', 'normal'],

  ['reconciliation_break', 'date', 'normal'],
  ['reconciliation_break', 'status', 'normal'],
  ['reconciliation_break', '*', 'high'],
];

/** Pure. @param code what happened: a provider's event type, a status, the kind of a break. */
export function priorityOf(type: TicketType, code: string): TicketPriority {
  return PRIORITY_RULES.find(([of, name]) => of === type && fits(name, code))?.[2] ?? 'low';
}

/** Pure: the priority so many steps away, as far as there are any. */
export function stepped(priority: TicketPriority, steps: number): TicketPriority {
  const at = TICKET_PRIORITIES.indexOf(priority) + steps;
  return TICKET_PRIORITIES[Math.min(Math.max(0, at), TICKET_PRIORITIES.length - 1)] ?? priority;
}

function fits(name: string, code: string): boolean {
  return name.endsWith('*') ? code.startsWith(name.slice(0, -1)) : code === name;
}
