import { parseCurrency } from '../../../shared/currency';
import type { FactOrder } from '../../../shared/fact-order';
import type {
  Stored,
  TransferFact,
  TransferFundingPayload,
  TransferOrderPayload,
  TransferState,
} from '../../../shared/facts';
import { TRANSFER_STATES } from '../../../shared/transfer-payloads';
import { foldObject } from '../../../shared/fold-object';
import {
  reversalOf,
  transferFunded,
  transferPaid,
  transferReturned,
  transferUnfunded,
  type JournalDraft,
  type TransferPosting,
} from '../../ledger';

/** A transfer as its facts tell it. */
export interface TransferStanding {
  /** Null while only we have told of it. */
  state: TransferState | null;
  /** The states it has been in, in their order; the same twice only where another lies between. */
  course: readonly { state: TransferState; at: Date }[];
  order: TransferOrderPayload | null;
  funding: TransferFundingPayload['status'] | null;
  fundedAt: Date | null;
  /** In the provider's words: why it was not paid for, or came back. */
  failureCode: string | null;
  settlement: { wasFunded: boolean; returned: number | null; at: Date } | null;
  lastFactId: string;
  factCount: number;
  verifiedAt: Date | null;
  /** The facts do not fix its end, or not what became of the money: the provider must be asked. */
  undecided: boolean;
}

type StateFact = Extract<Stored<TransferFact>, { kind: 'transfer.changed' | 'transfer.snapshot' }>;
type FundingFact = Extract<Stored<TransferFact>, { kind: 'transfer.funded' }>;

interface StateTold extends Pick<StateFact, 'id' | 'kind' | 'sourceId' | 'before'> {
  payload: { state: TransferState };
  /** To the second: answers are dated by no more than that, and one may not stand before what it has seen. */
  occurredAt: Date;
  at: Date;
}

/** Any state may follow another: of two of one second only the changes' own chain, and then their thousandths, tell. */
const ORDER: FactOrder<StateTold> = {
  phaseOf: () => 0,
  tieOf: ({ at, payload }) => at.getMilliseconds() * TRANSFER_STATES.length + TRANSFER_STATES.indexOf(payload.state),
};

/** It has ended, and the beneficiary has nothing. */
const ENDED_UNPAID: ReadonlySet<TransferState> = new Set(['funds_refunded', 'cancelled', 'charged_back']);
/** Not before it was paid for. */
const PAID_FOR: ReadonlySet<TransferState> = new Set([
  'processing',
  'funds_converted',
  'outgoing_payment_sent',
  'bounced_back',
  'funds_refunded',
]);

/** Pure function of the set of facts. Null for none. */
export function foldTransfer(facts: readonly Stored<TransferFact>[]): TransferStanding | null {
  const last = facts.at(-1);
  if (!last) return null;
  const states = facts.filter(isStateFact);
  // Only readings know what became of the money: between them and events that is no change of state.
  const told = foldObject(
    states.map(({ id, kind, sourceId, before, payload: { state }, occurredAt: at }): StateTold => ({
      ...{ id, kind, sourceId, before, payload: { state }, occurredAt: wholeSecond(at), at },
    })),
    ORDER,
  );
  const course: { state: TransferState; at: Date }[] = [];
  for (const { payload, at } of told?.facts ?? []) {
    if (course.at(-1)?.state !== payload.state) course.push({ state: payload.state, at });
  }
  const state = told?.payload.state ?? null;
  const funding = fundingOf(facts);
  const failed = latest(facts.filter((fact) => fact.kind === 'transfer.failed'));
  const settlement = settlementOf(states);
  const ended = state !== null && ENDED_UNPAID.has(state);
  return {
    state,
    course,
    order: facts.find((fact) => fact.kind === 'transfer.ordered')?.payload ?? null,
    funding: funding?.payload.status ?? null,
    fundedAt:
      funding?.payload.status === 'completed'
        ? funding.occurredAt
        : (course.find((one) => PAID_FOR.has(one.state))?.at ?? null),
    failureCode: failed?.payload.failureCode ?? funding?.payload.errorCode ?? null,
    settlement,
    lastFactId: told?.lastFactId ?? last.id,
    factCount: facts.length,
    verifiedAt: told?.verifiedAt ?? null,
    undecided: (told?.undecided ?? false) || (ended && settlement === null),
  };
}

/** Once it is completed it stays so, since it was first told; else what was answered last. */
function fundingOf(facts: readonly Stored<TransferFact>[]): FundingFact | undefined {
  const answers = facts.filter((fact) => fact.kind === 'transfer.funded').sort(inTime);
  return answers.find(({ payload }) => payload.status === 'completed') ?? answers.at(-1);
}

function settlementOf(states: readonly StateFact[]): TransferStanding['settlement'] {
  const told = states.filter(({ payload }) => payload.settlement !== undefined);
  const first = [...told].sort(inTime)[0];
  const settlement = first?.payload.settlement;
  return first && settlement ? { ...settlement, at: first.occurredAt } : null;
}

/**
 * Pure: every posting the facts amount to. What came back is asked for where it has ended unpaid, and posted once it is known.
 * @param transferRef the provider's id
 */
export function transferJournal(standing: TransferStanding, transferRef: string): JournalDraft[] {
  const { order, course, settlement, fundedAt, state } = standing;
  if (!order) return [];
  const posting = (occurredAt: Date, occurrence?: string): TransferPosting => ({
    ...{ provider: 'wise', providerRef: transferRef, refId: order.payoutId, customerId: null, occurredAt },
    ...{ amount: BigInt(order.sourceAmount), fee: BigInt(order.fee), rate: order.rate },
    currency: parseCurrency(order.sourceCurrency),
    target: { amount: BigInt(order.targetAmount), currency: parseCurrency(order.targetCurrency) },
    ...(occurrence !== undefined && { occurrence }),
  });
  const drafts: (JournalDraft | null)[] = [];
  const paidForAt = fundedAt ?? (settlement?.wasFunded ? settlement.at : null);
  if (paidForAt) drafts.push(transferFunded(posting(paidForAt)));
  let times = 0;
  for (const [index, { state: at, at: since }] of course.entries()) {
    if (at !== 'outgoing_payment_sent') continue;
    times += 1;
    const paid = transferPaid(posting(since, String(times)));
    const next = course[index + 1];
    drafts.push(paid, paid && next ? reversalOf(paid, next.at) : null);
  }
  if (settlement && state !== null && ENDED_UNPAID.has(state)) {
    const { returned, at } = settlement;
    drafts.push(
      paidForAt
        ? transferReturned({ ...posting(at), returned: BigInt(returned ?? order.sourceAmount) })
        : transferUnfunded(posting(at)),
    );
  }
  return drafts.filter((draft) => draft !== null);
}

export function wholeSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}

function isStateFact(fact: Stored<TransferFact>): fact is StateFact {
  return fact.kind === 'transfer.changed' || fact.kind === 'transfer.snapshot';
}

function latest<F extends Stored<TransferFact>>(facts: readonly F[]): F | undefined {
  return [...facts].sort(inTime).at(-1);
}

/** Facts that are changes of nothing, by when they happened; those that we told in one moment by their names. */
export function inTime(a: Stored, b: Stored): number {
  return a.occurredAt.getTime() - b.occurredAt.getTime() || (a.sourceId < b.sourceId ? -1 : 1);
}
