import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type Stripe from 'stripe';
import { assertBalanced, contentOf, type JournalDraft } from '../../src/modules/ledger/domain/journal';
import {
  toCreditNotePayload,
  toDisputePayload,
  toRefundPayload,
} from '../../src/providers/stripe/stripe-money-objects';
import { toInvoicePayload, toPaymentPayload, toSubscriptionPayload } from '../../src/providers/stripe/stripe-objects';
import type { Fact, PaymentPayload } from '../../src/shared/facts';
import { runs, within } from '../support/deep';
import { factsOf, foldLife, storedOf, type FoldedLife } from '../support/fold-life';
import { dice, stirred } from '../support/shuffle';
import { anyLife, fullLife, moneyLife, pausedLife, play, type Life, type PlayedLife } from '../support/stripe-life';

const fold = (facts: readonly Fact[]): FoldedLife => foldLife(storedOf(facts));

/** jest's own comparison takes longer than all the folds, so it only speaks where there is something to say. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** The states of a fold by the objects' ids. */
function statesOf(folded: FoldedLife): [id: string, state: { payload: object; undecided: boolean }][] {
  const { subscriptions, invoices, payments, refunds, disputes, creditNotes } = folded;
  return [subscriptions, invoices, payments, refunds, disputes, creditNotes].flatMap((states) =>
    Object.entries(states),
  );
}

/** What the provider itself holds, in our words; the method of a payment is told by its charge. */
function truthOf(played: PlayedLife, id: string): object {
  const object: unknown = played.object(id);
  switch ((object as { object: string }).object) {
    case 'subscription':
      return toSubscriptionPayload(object as Stripe.Subscription);
    case 'invoice':
      return toInvoicePayload(object as Stripe.Invoice);
    case 'refund':
      return toRefundPayload(object as Stripe.Refund);
    case 'dispute':
      return toDisputePayload(object as Stripe.Dispute);
    case 'credit_note':
      return toCreditNotePayload(object as Stripe.CreditNote);
    default:
      return saidOf(toPaymentPayload(object as Stripe.PaymentIntent));
  }
}

/** No event tells that a credit note has lowered what a payment asks for, before it is paid. */
function saidOf(payload: object): object {
  if (!('method' in payload)) return payload;
  const { amount, status } = payload as PaymentPayload;
  return { ...payload, method: null, amount: status === 'succeeded' ? amount : null };
}

function expectTruth(played: PlayedLife, folded: FoldedLife): void {
  for (const [id, { payload, undecided }] of statesOf(folded)) {
    if (undecided) throw new Error(`${id} is undecided though nothing is missing`);
    expectEqual(saidOf(payload), truthOf(played, id));
  }
}

/**
 * Where nothing is missing only attempts to pay, and what a bank does within one second, leave a doubt: their events do not
 * say what was before.
 */
function expectDecided(played: PlayedLife, folded: FoldedLife): void {
  const { payments, disputes, ...others } = folded;
  expectTruth(played, { ...others, payments: {}, disputes: {} });
  for (const [id, { payload, undecided }] of Object.entries({ ...payments, ...disputes })) {
    if (!undecided) expectEqual(saidOf(payload), truthOf(played, id));
  }
}

/** Readings only ask for one more look: everything that is decided is true, and the look decides the rest. */
function expectTruthAfterLook(played: PlayedLife, facts: readonly Fact[], folded: FoldedLife): FoldedLife {
  const open = statesOf(folded).filter(([id, { payload, undecided }]) => {
    if (!undecided) expectEqual(saidOf(payload), truthOf(played, id));
    return undecided;
  });
  if (open.length === 0) return folded;
  const settled = fold([...facts, ...open.flatMap(([id]) => played.lastLook(id))]);
  expectTruth(played, settled);
  return settled;
}

/**
 * The receivable holds what is open, clearing what was paid; nothing stands for what is void or given up. And what is at
 * Stripe, and the customer's credit, are what Stripe says.
 */
function expectBooks(played: PlayedLife, { journal, invoices, unsettled }: FoldedLife): void {
  const drafts = Object.values(journal);
  for (const draft of drafts) assertBalanced(draft);
  for (const id of Object.keys(invoices)) expectInvoiceBooks(played.object(id) as Stripe.Invoice, drafts, played);
  const sums = sumsOf(drafts);
  const moved = played.movements.reduce((sum, { amount, fee, source }) => {
    // Its fee is not known yet.
    return sum + amount - (unsettled.includes(source as string) ? 0 : fee);
  }, 0);
  expectEqual(
    [sums.get('stripe.clearing') ?? 0n, sums.get('customer.credit') ?? 0n],
    [BigInt(moved), BigInt(played.customerBalance)],
  );
}

function sumsOf(drafts: readonly JournalDraft[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { entries } of drafts) {
    for (const { account, amount } of entries) sums.set(account, (sums.get(account) ?? 0n) + amount);
  }
  return sums;
}

/** With the notes that took something off it before it was paid. */
function expectInvoiceBooks(invoice: Stripe.Invoice, journal: readonly JournalDraft[], played: PlayedLife): void {
  const own = new Set([invoice.id, ...played.notesOf(invoice.id)].map((id) => `ours of ${id}`));
  const sums = sumsOf(journal.filter(({ refId }) => own.has(refId)));
  const credited = invoice.pre_payment_credit_notes_amount;
  const stands = invoice.status === 'draft' ? 0 : invoice.status === 'void' ? credited : invoice.total;
  const expected = {
    'customer.receivable': BigInt(invoice.status === 'open' ? invoice.amount_due : 0),
    'stripe.clearing': BigInt(invoice.amount_paid),
    'bad_debt.expense': BigInt(invoice.status === 'uncollectible' ? invoice.amount_due : 0),
    'revenue.deferred': -BigInt(stands),
  };
  expectEqual(Object.fromEntries(Object.keys(expected).map((account) => [account, sums.get(account) ?? 0n])), expected);
}

/** A part of the facts posts a part of what all of them post: no posting is ever taken back. */
function expectNothingTakenBack(facts: readonly Fact[], all: FoldedLife, seed: number): void {
  const next = dice(seed);
  const part = fold(facts.filter(() => next() < 0.5));
  for (const [key, draft] of Object.entries(part.journal)) {
    expectEqual(all.journal[key] && contentOf(all.journal[key]), contentOf(draft));
  }
}

/** Our echoes do nothing new: what readings and answers repeat is no change, no failure, no access and no posting of its own. */
function expectNoEcho(quiet: FoldedLife, folded: FoldedLife): void {
  for (const [id, { history, pastDueSince }] of Object.entries(folded.subscriptions)) {
    const alone = quiet.subscriptions[id];
    expectEqual(
      [history.map(({ type }) => type), pastDueSince],
      [alone?.history.map(({ type }) => type), alone?.pastDueSince],
    );
  }
  expectEqual(folded.access, quiet.access);
  // What came in by a charge, and its fee, only a reading tells.
  const told = Object.entries(folded.journal).filter(([, { type }]) => type !== 'charge.settled');
  expectEqual(Object.fromEntries(told), quiet.journal);
}

const told = (facts: readonly Fact[]): string[] =>
  facts.map(
    ({ kind, objectId, occurredAt, sourceId }) => `${occurredAt.toISOString()} ${kind} ${objectId} ${sourceId}`,
  );

/** One life in many ways: played once, because playing it is most of the work. */
function expectConvergence(life: Life, seed: number): void {
  const played = play(life);
  const events = factsOf(played.events);
  const facts = [...events, ...played.readings];
  const quiet = fold(events);
  expectDecided(played, quiet);
  expectBooks(played, quiet);
  const all = fold(facts);
  for (const turn of [1, 2]) {
    const arrived = stirred(facts, seed + turn);
    if (!isDeepStrictEqual(fold(arrived), all)) {
      process.stderr.write(`${told(arrived).join('\n')}\n`);
      expect(fold(arrived)).toEqual(all);
    }
  }
  expectBooks(played, all);
  expectNothingTakenBack(facts, all, seed);
  expectNoEcho(quiet, expectTruthAfterLook(played, facts, all));
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
    expect(historyOf(fullLife)).toEqual([
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

  it('has in the one about money all that can happen to it', () => {
    const played = play(moneyLife);
    const types = new Set(played.events.map(({ type }) => type));
    for (const type of [
      'charge.updated',
      'charge.refunded',
      'refund.created',
      'refund.updated',
      'refund.failed',
      'charge.dispute.created',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.funds_reinstated',
      'credit_note.created',
      'credit_note.voided',
    ]) {
      expect(types).toContain(type);
    }
    const folded = fold([...factsOf(played.events), ...played.readings]);
    expect(Object.values(folded.refunds).map(({ payload }) => payload.status)).toEqual(
      expect.arrayContaining(['succeeded', 'failed']),
    );
    expect(Object.values(folded.disputes).map(({ payload }) => payload.status)).toEqual(['lost']);
    expect(Object.values(folded.creditNotes).map(({ payload }) => payload.status)).toEqual(
      expect.arrayContaining(['issued', 'void']),
    );
    const posted = new Set(Object.values(folded.journal).map(({ type }) => type));
    for (const type of [
      'charge.settled',
      'refund.created.reversed',
      'dispute.withdrawn',
      'dispute.reinstated',
      'dispute.lost',
      'dispute.lost.reversed',
      'credit_note.issued',
      'credit_note.issued.reversed',
    ]) {
      expect(posted).toContain(type);
    }
    expectConvergence(moneyLife, 1);
  });

  it('pauses after a trial without a card, and goes on with one', () => {
    const types = play(pausedLife).events.map(({ type }) => type);
    expect(types).toContain('customer.subscription.paused');
    expect(types).toContain('customer.subscription.resumed');
    expect(historyOf(pausedLife)).toEqual(['created', 'trial_started', 'paused', 'resumed']);
  });

  it('keeps every step of a second there and back', () => {
    const there: Life = { trialDays: 0, steps: [{ do: 'second' }, { do: 'toggle', what: 'cancel', times: 3 }] };
    expect(historyOf(there)).toEqual([
      'created',
      'cancellation_scheduled',
      'cancellation_revoked',
      'cancellation_scheduled',
    ]);
  });

  it(
    'comes to the same states, books, history and access in any order, and to what Stripe holds',
    () => {
      fc.assert(fc.property(anyLife, fc.nat(), expectConvergence), runs(1000));
    },
    within(300_000),
  );
});

function historyOf(life: Life): string[] {
  const [subscription] = Object.values(fold(factsOf(play(life).events)).subscriptions);
  return subscription?.history.map(({ type }) => type) ?? [];
}
