import type { FailureClass } from '../../../shared/retry-policy';
import { failedEventPriority } from './failed-event-priority';
import type { TicketPriority } from './ticket';

describe('priority of a failed event', () => {
  it.each<[string, TicketPriority, TicketPriority]>([
    // type                                    understood  unknown
    ['invoice.paid', 'high', 'normal'],
    ['invoice.payment_succeeded', 'high', 'normal'],
    ['invoice_payment.paid', 'high', 'normal'],
    ['payment_intent.succeeded', 'high', 'normal'],
    ['charge.succeeded', 'high', 'normal'],
    ['charge.refunded', 'high', 'normal'],
    ['charge.dispute.created', 'high', 'normal'],
    ['refund.updated', 'high', 'normal'],
    ['checkout.session.completed', 'high', 'normal'],
    ['customer.subscription.created', 'normal', 'low'],
    ['customer.subscription.deleted', 'normal', 'low'],
    ['checkout.session.expired', 'normal', 'low'],
    ['invoice.payment_failed', 'normal', 'low'],
    ['invoice.finalized', 'normal', 'low'],
    ['payment_intent.payment_failed', 'normal', 'low'],
    ['kassa.read', 'normal', 'low'],
    ['customer.updated', 'low', 'low'],
    ['invoice.paid.twice', 'normal', 'low'],
    ['invoices', 'low', 'low'],
    ['charge', 'low', 'low'],
    ['', 'low', 'low'],
    ['constructor', 'low', 'low'],
  ])('%s: %s, or %s where nobody knows the error', (type, understood, unknown) => {
    for (const failureClass of ['permanent', 'transient'] satisfies FailureClass[]) {
      expect(failedEventPriority(type, failureClass)).toBe(understood);
    }
    expect(failedEventPriority(type, 'unknown')).toBe(unknown);
  });
});
