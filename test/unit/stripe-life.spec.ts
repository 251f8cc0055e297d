import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type Stripe from 'stripe';
import { assertBalanced, contentOf, type JournalDraft } from '../../src/modules/ledger/domain/journal';
import { toInvoicePayload, toPaymentPayload, toSubscriptionPayload } from '../../src/providers/stripe/stripe-objects';
import type { Fact } from '../../src/shared/facts';
import { runs, within } from '../support/deep';
import { factsOf, foldLife, storedOf, type FoldedLife } from '../support/fold-life';
import { dice, stirred } from '../support/shuffle';
import { anyLife, fullLife, pausedLife, play, type Life, type PlayedLife } from '../support/stripe-life';

const fold = (facts: readonly Fact[]): FoldedLife => foldLife(storedOf(facts));

/** jest's own comparison takes longer than all the folds, so it only speaks where there is something to say. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** The states of a fold by the objects' ids. */
function statesOf(folded: FoldedLife): [id: string, state: { payload: object; undecided: boolean }][] {
  return [folded.subscriptions, folded.invoices, folded.payments].flatMap((states) => Object.entries(states));
}

/** What the provider itself holds, in our words; the method of a payment is told by its charge. */
function truthOf(played: PlayedLife, id: string): object {
  const object = played.object(id) as { object: string };
  if (object.object === 'subscription') return toSubscriptionPayload(object as unknown as Stripe.Subscription);
  if (object.object === 'invoice') return toInvoicePayload(object as unknown as Stripe.Invoice);
  return { ...toPaymentPayload(object as unknown as Stripe.PaymentIntent), method: null };
}

function saidOf(payload: object): object {
  return 'method' in payload ? { ...payload, method: null } : payload;
}

function expectTruth(played: PlayedLife, folded: FoldedLife): void {
  for (const [id, { payload, undecided }] of statesOf(folded)) {
    if (undecided) throw new Error(`${id} is undecided though nothing is missing`);
    expectEqual(saidOf(payload), truthOf(played, id));
  }
}

/** Where nothing is missing only attempts to pay within one second leave a doubt: their events do not say what was before. */
function expectDecided(played: PlayedLife, folded: FoldedLife): void {
  const { payments, ...others } = folded;
  expectTruth(played, { ...others, payments: {} });
  for (const [id, { payload, undecided }] of Object.entries(payments)) {
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

/** The receivable holds what is open, clearing what was paid; nothing stands for what is void or given up. */
function expectBooks(played: PlayedLife, { journal, invoices }: FoldedLife): void {
  const drafts = Object.values(journal);
  for (const draft of drafts) assertBalanced(draft);
  for (const id of Object.keys(invoices)) expectInvoiceBooks(played.object(id) as Stripe.Invoice, drafts);
}

function expectInvoiceBooks(invoice: Stripe.Invoice, journal: readonly JournalDraft[]): void {
  const sums = new Map<string, bigint>();
  for (const { refId, entries } of journal) {
    if (refId !== `ours of ${invoice.id}`) continue;
    for (const { account, amount } of entries) sums.set(account, (sums.get(account) ?? 0n) + amount);
  }
  const stands = invoice.status === 'draft' || invoice.status === 'void' ? 0 : invoice.total;
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
  expectEqual(folded.journal, quiet.journal);
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
      fc.assert(fc.property(anyLife, fc.nat(), expectConvergence), runs(2000));
    },
    within(300_000),
  );
});

function historyOf(life: Life): string[] {
  const [subscription] = Object.values(fold(factsOf(play(life).events)).subscriptions);
  return subscription?.history.map(({ type }) => type) ?? [];
}
