import type { FactOrder } from '../../../shared/fact-order';
import type { InvoiceFact, PaymentFact, SubscriptionFact } from '../../../shared/facts';
import { INVOICE_ORDER, PAYMENT_ORDER, SUBSCRIPTION_ORDER } from './ranks';

const placeOf =
  <F>({ phaseOf, tieOf }: FactOrder<F>) =>
  (kind: string, payload: object): number[] => {
    const fact = { kind, payload } as F;
    return [phaseOf(fact), tieOf(fact)];
  };
const subscription = (kind: string, status: string): number =>
  placeOf<SubscriptionFact>(SUBSCRIPTION_ORDER)(kind, { status })[0] ?? 0;
const invoice = (kind: string, status: string): number[] => placeOf<InvoiceFact>(INVOICE_ORDER)(kind, { status });
const payment = placeOf<PaymentFact>(PAYMENT_ORDER);

function expectRising(...places: (number | number[])[]): void {
  const texts = places.map((place) => [place].flat().join('.'));
  expect(texts).toEqual([...new Set(texts)].sort());
}

describe('places within one second', () => {
  it('of a subscription: what it never comes back to, then its creation', () => {
    expectRising(
      subscription('subscription.created', 'incomplete'),
      subscription('subscription.snapshot', 'incomplete'),
      subscription('subscription.created', 'active'),
      subscription('subscription.changed', 'active'),
      subscription('subscription.deleted', 'canceled'),
    );
    for (const status of ['trialing', 'past_due', 'unpaid', 'paused']) {
      expect(subscription('subscription.changed', status)).toBe(subscription('subscription.changed', 'active'));
    }
    for (const status of ['canceled', 'incomplete_expired']) {
      expect(subscription('subscription.snapshot', status)).toBe(subscription('subscription.deleted', 'canceled'));
    }
  });

  it('of an invoice: its status before its kind', () => {
    expectRising(
      invoice('invoice.created', 'draft'),
      invoice('invoice.changed', 'draft'),
      invoice('invoice.snapshot', 'draft'),
      invoice('invoice.created', 'open'),
      invoice('invoice.finalized', 'open'),
      invoice('invoice.changed', 'open'),
      invoice('invoice.payment_failed', 'open'),
      invoice('invoice.uncollectible', 'uncollectible'),
      invoice('invoice.changed', 'paid'),
      invoice('invoice.paid', 'paid'),
    );
    expect(invoice('invoice.changed', 'void')).toEqual(invoice('invoice.changed', 'paid'));
  });

  it('of a payment: what is final comes last, whoever tells it', () => {
    expectRising(
      payment('payment.linked', { invoiceRef: 'in_1' }),
      payment('payment.created', { status: 'pending' }),
      payment('payment.changed', { status: 'requires_action' }),
      payment('payment.failed', { status: 'failed' }),
      payment('payment.succeeded', { status: 'succeeded' }),
    );
    for (const [kind, status] of [
      ['payment.snapshot', 'succeeded'],
      ['payment.canceled', 'canceled'],
      ['payment.changed', 'canceled'],
    ] as const) {
      expect(payment(kind, { status })[0]).toBe(payment('payment.succeeded', { status: 'succeeded' })[0]);
    }
  });
});
