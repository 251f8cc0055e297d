import type { InvoiceFact, PaymentFact, SubscriptionFact } from '../../../shared/facts';
import { invoiceRank, paymentRank, subscriptionRank } from './ranks';

const invoice = (kind: string, status: string): number => invoiceRank({ kind, payload: { status } } as InvoiceFact);
const subscription = (kind: string, status: string): number =>
  subscriptionRank({ kind, payload: { status } } as SubscriptionFact);
const payment = (kind: string, payload: object): number => paymentRank({ kind, payload } as PaymentFact);

function expectRising(...ranks: number[]): void {
  expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
}

describe('places within one second', () => {
  it('of a subscription: created, changed, read, deleted', () => {
    expectRising(
      subscription('subscription.created', 'active'),
      subscription('subscription.changed', 'active'),
      subscription('subscription.snapshot', 'active'),
      subscription('subscription.deleted', 'canceled'),
    );
    expect(subscription('subscription.changed', 'canceled')).toBe(subscription('subscription.deleted', 'canceled'));
  });

  it('of an invoice: its status before its kind', () => {
    expectRising(
      invoice('invoice.created', 'draft'),
      invoice('invoice.snapshot', 'draft'),
      invoice('invoice.created', 'open'),
      invoice('invoice.finalized', 'open'),
      invoice('invoice.changed', 'open'),
      invoice('invoice.payment_failed', 'open'),
      invoice('invoice.snapshot', 'open'),
      invoice('invoice.uncollectible', 'uncollectible'),
      invoice('invoice.changed', 'paid'),
      invoice('invoice.paid', 'paid'),
    );
    expect(invoice('invoice.changed', 'void')).toBe(invoice('invoice.changed', 'paid'));
  });

  it('of a payment: what is final comes last, whoever tells it', () => {
    expectRising(
      payment('payment.linked', { invoiceRef: 'in_1' }),
      payment('payment.created', { status: 'pending' }),
      payment('payment.changed', { status: 'requires_action' }),
      payment('payment.failed', { status: 'failed' }),
      payment('payment.snapshot', { status: 'failed' }),
      payment('payment.succeeded', { status: 'succeeded' }),
    );
    expect(payment('payment.snapshot', { status: 'succeeded' })).toBe(
      payment('payment.succeeded', { status: 'succeeded' }),
    );
    expect(payment('payment.canceled', { status: 'canceled' })).toBe(
      payment('payment.succeeded', { status: 'succeeded' }),
    );
  });
});
