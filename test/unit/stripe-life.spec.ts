import fc from 'fast-check';
import type Stripe from 'stripe';
import { foldInvoice } from '../../src/modules/billing/domain/fold-invoice';
import { foldPayment } from '../../src/modules/billing/domain/fold-payment';
import { foldSubscription } from '../../src/modules/billing/domain/fold-subscription';
import { invoiceJournal } from '../../src/modules/billing/domain/invoice-journal';
import { assertBalanced, contentOf, type JournalDraft } from '../../src/modules/ledger/domain/journal';
import { toInvoicePayload, toPaymentPayload, toSubscriptionPayload } from '../../src/providers/stripe/stripe-objects';
import { translateStripeEvent } from '../../src/providers/stripe/stripe-translator';
import type { Fact, InvoiceFact, PaymentFact, Stored, SubscriptionFact } from '../../src/shared/facts';
import { anyLife, fullLife, play, type PlayedLife } from '../support/stripe-life';

/** As the store keeps them: a source tells one thing about an object, and ids follow the order of arrival. */
function storedOf(events: readonly Stripe.Event[]): Stored[] {
  const facts = new Map<string, Stored>();
  for (const event of events) {
    const said = translateStripeEvent(event);
    if (said.kind !== 'facts' && said.kind !== 'unplaced') continue;
    for (const fact of said.facts) {
      const key = `${fact.sourceId} ${fact.objectType} ${fact.objectId}`;
      // The id is the arrival's own, so it stands for what may differ; the fold must not look at it.
      const stored = { aggregate: 'stripe:cus', ...fact, id: `fact of ${fact.sourceId}`, seq: BigInt(facts.size) };
      if (!facts.has(key)) facts.set(key, stored);
    }
  }
  return [...facts.values()];
}

interface Folded {
  subscriptions: Record<string, unknown>;
  invoices: Record<string, unknown>;
  payments: Record<string, unknown>;
  journal: Record<string, JournalDraft>;
}

function ofType<F extends Fact>(facts: readonly Stored[], objectType: F['objectType']): Map<string, Stored<F>[]> {
  const byId = new Map<string, Stored<F>[]>();
  for (const fact of facts) {
    if (fact.objectType === objectType) {
      byId.set(fact.objectId, [...(byId.get(fact.objectId) ?? []), fact as unknown as Stored<F>]);
    }
  }
  return byId;
}

function fold(facts: readonly Stored[]): Folded {
  const folded: Folded = { subscriptions: {}, invoices: {}, payments: {}, journal: {} };
  for (const [id, own] of ofType<SubscriptionFact>(facts, 'subscription'))
    folded.subscriptions[id] = foldSubscription(own);
  for (const [id, own] of ofType<PaymentFact>(facts, 'payment')) folded.payments[id] = foldPayment(own);
  for (const [id, own] of ofType<InvoiceFact>(facts, 'invoice')) {
    const state = foldInvoice(own);
    folded.invoices[id] = state;
    if (!state) continue;
    for (const draft of invoiceJournal(state, {
      invoiceId: `ours of ${id}`,
      providerRef: id,
      customerId: 'cus_ours',
    })) {
      folded.journal[draft.idempotencyKey] = draft;
    }
  }
  return folded;
}

const keys = fc.array(fc.double({ noNaN: true, min: 0, max: 1 }), { minLength: 64, maxLength: 64 });

/** Every event at least once, some twice, in any order. */
function stirred<T>(items: readonly T[], order: readonly number[]): T[] {
  const keyOf = (i: number): number => ((order[i % order.length] ?? 0) * (i + 7) * 997) % 1;
  const twice = items.filter((_, i) => keyOf(i) > 0.6);
  return [...items, ...twice]
    .map((item, i) => ({ item, key: keyOf(i * 3 + 1) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** All that a life says in the end, against what the provider itself holds. */
function expectProviderTruth(played: PlayedLife, folded: Folded): void {
  for (const [id, state] of Object.entries(folded.subscriptions)) {
    const truth = toSubscriptionPayload(played.object(id) as Stripe.Subscription);
    expect((state as { payload: object }).payload).toEqual(truth);
  }
  for (const [id, state] of Object.entries(folded.invoices)) {
    const truth = toInvoicePayload(played.object(id) as Stripe.Invoice);
    expect((state as { payload: object }).payload).toEqual(truth);
  }
  for (const [id, state] of Object.entries(folded.payments)) {
    if (!state) continue;
    const { payload } = state as { payload: object };
    const truth = toPaymentPayload(played.object(id) as Stripe.PaymentIntent);
    expect({ ...payload, method: null }).toEqual({ ...truth, method: null });
  }
}

describe('any life of a subscription at Stripe', () => {
  it('has in the full one all that can be told', () => {
    const { events } = play(fullLife);
    const types = new Set(events.map(({ type }) => type));
    for (const type of [
      'customer.subscription.created',
      'customer.subscription.updated',
      'customer.subscription.deleted',
      'invoice.payment_failed',
      'invoice.paid',
      'payment_intent.payment_failed',
      'payment_intent.succeeded',
      'charge.succeeded',
      'invoice_payment.paid',
    ]) {
      expect(types).toContain(type);
    }
    const folded = fold(storedOf(events));
    const [subscription] = Object.values(folded.subscriptions) as { history: { type: string }[] }[];
    expect(subscription?.history.map(({ type }) => type)).toEqual([
      'created',
      'trial_started',
      'activated',
      'payment_failed',
      'recovered',
      'downgraded',
      'upgraded',
      'cancellation_scheduled',
      'cancellation_revoked',
      'cancellation_scheduled',
      'canceled',
    ]);
  });

  it('folds to the same state, whatever order and how often its events arrive', () => {
    fc.assert(
      fc.property(anyLife, keys, (life, order) => {
        const { events } = play(life);
        const inOrder = fold(storedOf(events));
        expect(fold(storedOf(stirred(events, order)))).toEqual(inOrder);
      }),
      { numRuns: 80 },
    );
  });

  it('folds to what Stripe holds in the end', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        const played = play(life);
        expectProviderTruth(played, fold(storedOf(played.events)));
      }),
      { numRuns: 80 },
    );
  });

  it('asks for no second look where nothing is missing', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        const folded = fold(storedOf(play(life).events));
        for (const state of [...Object.values(folded.subscriptions), ...Object.values(folded.invoices)]) {
          expect(state).toMatchObject({ undecided: false });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('posts balanced transactions, and in the end as much as was invoiced and paid', () => {
    fc.assert(
      fc.property(anyLife, (life) => {
        const played = play(life);
        const { journal, invoices } = fold(storedOf(played.events));
        for (const draft of Object.values(journal)) assertBalanced(draft);
        for (const id of Object.keys(invoices))
          expectBooks(played.object(id) as Stripe.Invoice, Object.values(journal));
      }),
      { numRuns: 80 },
    );
  });

  it('never takes a posting back: a part of the facts posts a part of what all of them post', () => {
    fc.assert(
      fc.property(anyLife, keys, (life, order) => {
        const facts = storedOf(play(life).events);
        const all = fold(facts).journal;
        const part = fold(facts.filter((_, i) => ((order[i % order.length] ?? 0) * (i + 3) * 31) % 1 > 0.5)).journal;
        for (const [key, draft] of Object.entries(part)) {
          expect(all[key] && contentOf(all[key])).toBe(contentOf(draft));
        }
      }),
      { numRuns: 80 },
    );
  });
});

/** The receivable holds what is open, clearing what was paid; nothing stands for what is void or given up. */
function expectBooks(invoice: Stripe.Invoice, journal: readonly JournalDraft[]): void {
  const sums = new Map<string, bigint>();
  for (const { refId, entries } of journal) {
    if (refId !== `ours of ${invoice.id}`) continue;
    for (const { account, amount } of entries) sums.set(account, (sums.get(account) ?? 0n) + amount);
  }
  const open = invoice.status === 'open' ? invoice.amount_due : 0;
  expect(sums.get('customer.receivable') ?? 0n).toBe(BigInt(open));
  expect(sums.get('stripe.clearing') ?? 0n).toBe(BigInt(invoice.amount_paid));
  const written = invoice.status === 'uncollectible' ? invoice.amount_due : 0;
  expect(sums.get('bad_debt.expense') ?? 0n).toBe(BigInt(written));
  const stands = invoice.status === 'draft' || invoice.status === 'void' ? 0 : invoice.total;
  expect(sums.get('revenue.deferred') ?? 0n).toBe(-BigInt(stands));
}
