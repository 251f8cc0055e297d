import type Stripe from 'stripe';
import { foldInvoice, type InvoiceState } from '../../src/modules/billing/domain/fold-invoice';
import { foldPayment, type PaymentState } from '../../src/modules/billing/domain/fold-payment';
import { foldSubscription, type SubscriptionState } from '../../src/modules/billing/domain/fold-subscription';
import { graceUntil } from '../../src/modules/billing/domain/grace';
import { invoiceJournal } from '../../src/modules/billing/domain/invoice-journal';
import { accessUntil } from '../../src/modules/billing/domain/subscription-status';
import type { JournalDraft } from '../../src/modules/ledger/domain/journal';
import { translateStripeEvent } from '../../src/providers/stripe/stripe-translator';
import type { Fact, InvoiceFact, PaymentFact, Stored, SubscriptionFact } from '../../src/shared/facts';

/** Everything that follows from the facts of one customer, by the objects' ids at the provider. */
export interface FoldedLife {
  subscriptions: Record<string, SubscriptionState>;
  invoices: Record<string, InvoiceState>;
  payments: Record<string, PaymentState>;
  /** By idempotency key. */
  journal: Record<string, JournalDraft>;
  access: Record<string, { graceUntil: Date | null; until: Date | null }>;
}

const GRACE_DAYS = 7;

/** What the adapter makes of events. */
export function factsOf(events: readonly Stripe.Event[]): Fact[] {
  return events.flatMap((event) => {
    const said = translateStripeEvent(event);
    if (said.kind === 'unplaced') return said.facts.map((fact): Fact => ({ ...fact, aggregate: 'stripe:cus' }));
    return said.kind === 'facts' ? said.facts : [];
  });
}

/** As the store keeps them: a source tells one thing about an object, and ids follow the order of arrival. */
export function storedOf(facts: readonly Fact[]): Stored[] {
  const stored = new Map<string, Stored>();
  for (const fact of facts) {
    const key = `${fact.sourceId} ${fact.objectType} ${fact.objectId}`;
    // The id is the arrival's own, so it stands for what may differ; the fold must not look at it.
    if (!stored.has(key)) stored.set(key, { ...fact, id: `fact of ${fact.sourceId}`, seq: BigInt(stored.size) });
  }
  return [...stored.values()];
}

/** As the projections do it, without the database: states, books and access of everything that was told. */
export function foldLife(facts: readonly Stored[]): FoldedLife {
  const folded: FoldedLife = { subscriptions: {}, invoices: {}, payments: {}, journal: {}, access: {} };
  for (const [id, own] of byObject(facts)) {
    const [first] = own;
    if (first?.objectType === 'subscription')
      put(folded.subscriptions, id, foldSubscription(own as Stored<SubscriptionFact>[]));
    if (first?.objectType === 'payment') put(folded.payments, id, foldPayment(own as Stored<PaymentFact>[]));
    if (first?.objectType === 'invoice') put(folded.invoices, id, foldInvoice(own as Stored<InvoiceFact>[]));
  }
  for (const [id, state] of Object.entries(folded.invoices)) {
    const identity = { invoiceId: `ours of ${id}`, providerRef: id, customerId: 'cus_ours' };
    for (const draft of invoiceJournal(state, identity)) folded.journal[draft.idempotencyKey] = draft;
  }
  for (const [id, state] of Object.entries(folded.subscriptions)) folded.access[id] = accessOf(state, folded.invoices);
  return folded;
}

function put<T>(states: Record<string, T>, id: string, state: T | null): void {
  if (state !== null) states[id] = state;
}

function byObject(facts: readonly Stored[]): Map<string, Stored[]> {
  const objects = new Map<string, Stored[]>();
  for (const fact of facts) {
    const own = objects.get(fact.objectId);
    if (own) own.push(fact);
    else objects.set(fact.objectId, [fact]);
  }
  return objects;
}

function accessOf(state: SubscriptionState, invoices: FoldedLife['invoices']): FoldedLife['access'][string] {
  const { payload, pastDueSince } = state;
  const latest = invoices[payload.latestInvoiceRef ?? ''];
  const unpaid = latest && (latest.payload.status === 'open' || latest.payload.status === 'uncollectible');
  const grace = graceUntil(unpaid ? latest.firstFailedAt : null, pastDueSince, GRACE_DAYS);
  const until = accessUntil({
    status: payload.status,
    currentPeriodEnd: new Date(payload.currentPeriodEnd),
    cancelAtPeriodEnd: payload.cancelAtPeriodEnd,
    cancelAt: payload.cancelAt === null ? null : new Date(payload.cancelAt),
    graceUntil: grace,
  });
  return { graceUntil: grace, until };
}
