import type Stripe from 'stripe';
import { chargeJournal, lacksSettlement } from '../../src/modules/billing/charges/domain/charge-journal';
import {
  creditNoteJournal,
  foldCreditNote,
  type CreditNoteState,
} from '../../src/modules/billing/credit-notes/domain/fold-credit-note';
import { disputeJournal, foldDispute, type DisputeState } from '../../src/modules/billing/disputes/domain/fold-dispute';
import { foldInvoice, type InvoiceState } from '../../src/modules/billing/domain/fold-invoice';
import { foldPayment, type PaymentState } from '../../src/modules/billing/domain/fold-payment';
import { foldSubscription, type SubscriptionState } from '../../src/modules/billing/domain/fold-subscription';
import { graceUntil, type FirstFailure } from '../../src/modules/billing/domain/grace';
import { invoiceJournal } from '../../src/modules/billing/domain/invoice-journal';
import { accessUntil } from '../../src/modules/billing/domain/subscription-status';
import { foldRefund, refundJournal, type RefundState } from '../../src/modules/billing/refunds/domain/fold-refund';
import type { JournalDraft } from '../../src/modules/ledger/domain/journal';
import type { CommissionTerms } from '../../src/modules/ledger/domain/store-commission';
import { translateStripeEvent } from '../../src/providers/stripe/stripe-translator';
import type { Fact, FactObjectType, Stored } from '../../src/shared/facts';

/** No store sells in a life at Stripe. */
const TERMS: CommissionTerms = { apple: [], google: [] };

/** Everything that follows from the facts of one customer, by the objects' ids at the provider. */
export interface FoldedLife {
  subscriptions: Record<string, SubscriptionState>;
  invoices: Record<string, InvoiceState>;
  payments: Record<string, PaymentState>;
  refunds: Record<string, Omit<RefundState, 'facts'>>;
  disputes: Record<string, Omit<DisputeState, 'facts'>>;
  creditNotes: Record<string, Omit<CreditNoteState, 'facts'>>;
  /** Charges of which nobody knows yet what came in. */
  unsettled: string[];
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
  const folded: FoldedLife = {
    ...{ subscriptions: {}, invoices: {}, payments: {}, refunds: {}, disputes: {}, creditNotes: {}, unsettled: [] },
    ...{ journal: {}, access: {} },
  };
  const objects = byObject(facts);
  for (const [id, own] of objects.get('subscription') ?? [])
    put(folded.subscriptions, id, foldSubscription(own as Told<'subscription'>));
  for (const [id, own] of objects.get('payment') ?? []) put(folded.payments, id, foldPayment(own as Told<'payment'>));
  for (const [id, own] of objects.get('invoice') ?? []) put(folded.invoices, id, foldInvoice(own as Told<'invoice'>));
  for (const [id, state] of Object.entries(folded.invoices)) {
    post(folded, invoiceJournal(state, { invoiceId: `ours of ${id}`, providerRef: id, customerId: 'cus_ours' }));
  }
  foldMoney(folded, objects);
  for (const [id, state] of Object.entries(folded.subscriptions)) folded.access[id] = accessOf(state, folded.invoices);
  return folded;
}

function put<T>(states: Record<string, T>, id: string, state: T | null): void {
  if (state !== null) states[id] = state;
}

/** The facts of one object, which all are of its type. */
type Told<Type extends FactObjectType> = Extract<Stored, { objectType: Type }>[];
type Objects = ReadonlyMap<FactObjectType, ReadonlyMap<string, Stored[]>>;

/** What happened to money after it was paid. */
function foldMoney(folded: FoldedLife, objects: Objects): void {
  const customerId = 'cus_ours';
  for (const [id, own] of objects.get('charge') ?? []) {
    if (lacksSettlement(own as Told<'charge'>)) folded.unsettled.push(id);
    post(folded, chargeJournal(own as Told<'charge'>, customerId));
  }
  folded.unsettled.sort();
  for (const [id, own] of objects.get('refund') ?? []) {
    const state = foldRefund(own as Told<'refund'>);
    put(folded.refunds, id, withoutFacts(state));
    if (state)
      post(
        folded,
        refundJournal(state, { refundId: `ours of ${id}`, providerRef: id, customerId, provider: 'stripe' }, TERMS),
      );
  }
  for (const [id, own] of objects.get('dispute') ?? []) {
    const state = foldDispute(own as Told<'dispute'>);
    put(folded.disputes, id, withoutFacts(state));
    if (state) post(folded, disputeJournal(state, { disputeId: `ours of ${id}`, providerRef: id, customerId }));
  }
  for (const [id, own] of objects.get('credit_note') ?? []) {
    const state = foldCreditNote(own as Told<'credit_note'>);
    put(folded.creditNotes, id, withoutFacts(state));
    if (state) post(folded, creditNoteJournal(state, { creditNoteId: `ours of ${id}`, providerRef: id, customerId }));
  }
}

function post(folded: FoldedLife, drafts: readonly JournalDraft[]): void {
  for (const draft of drafts) folded.journal[draft.idempotencyKey] = draft;
}

/** Its facts say in what order they arrived, which may differ. */
function withoutFacts<State extends { facts: unknown }>(state: State | null): Omit<State, 'facts'> | null {
  if (!state) return null;
  const { facts: _, ...told } = state;
  return told;
}

function byObject(facts: readonly Stored[]): Objects {
  const objects = new Map<FactObjectType, Map<string, Stored[]>>();
  for (const fact of facts) {
    const ofType = objects.get(fact.objectType) ?? new Map<string, Stored[]>();
    objects.set(fact.objectType, ofType);
    const own = ofType.get(fact.objectId);
    if (own) own.push(fact);
    else ofType.set(fact.objectId, [fact]);
  }
  return objects;
}

function accessOf(state: SubscriptionState, invoices: FoldedLife['invoices']): FoldedLife['access'][string] {
  const { payload, pastDueSince } = state;
  const latest = invoices[payload.latestInvoiceRef ?? ''];
  const unpaid = latest && (latest.payload.status === 'open' || latest.payload.status === 'uncollectible');
  const at = unpaid ? latest.firstFailedAt : null;
  const grace = graceUntil(at && { at, ...declinedBefore(at, payload, invoices) }, pastDueSince, GRACE_DAYS);
  const until = accessUntil({
    status: payload.status,
    currentPeriodEnd: new Date(payload.currentPeriodEnd),
    cancelAtPeriodEnd: payload.cancelAtPeriodEnd,
    cancelAt: payload.cancelAt === null ? null : new Date(payload.cancelAt),
    graceUntil: grace,
  });
  return { graceUntil: grace, until };
}

/** As `InvoicesRepository.firstFailuresOf` reads it. */
function declinedBefore(
  at: Date,
  { latestInvoiceRef }: SubscriptionState['payload'],
  invoices: FoldedLife['invoices'],
): Pick<FirstFailure, 'settledBefore' | 'owedBefore'> {
  const ref = invoices[latestInvoiceRef ?? '']?.payload.subscriptionRef;
  const last = (isOwed: boolean): Date | null => {
    const before = Object.values(invoices).flatMap(({ payload, firstFailedAt }) => {
      const isOne = payload.subscriptionRef === ref && (payload.status === 'open') === isOwed;
      return isOne && firstFailedAt && firstFailedAt < at ? firstFailedAt.getTime() : [];
    });
    return before.length === 0 ? null : new Date(Math.max(...before));
  };
  return { settledBefore: last(false), owedBefore: last(true) };
}
