import { sameJson } from '../../../shared/canonical-json';
import { isReading, ofOneMoment, orderFacts } from '../../../shared/fact-order';
import type { PaymentFact, PaymentMethodSummary, PaymentPayload, Stored } from '../../../shared/facts';
import { PAYMENT_ORDER } from './ranks';
import { isEndOpen } from '../../../shared/reading-order';

/** A payment as its facts tell it: its state, its invoice and its method come from different events. */
export interface PaymentState {
  payload: PaymentPayload;
  invoiceRef: string | null;
  method: PaymentMethodSummary | null;
  lastFactId: string;
  factCount: number;
  verifiedAt: Date | null;
  /** What was told in its last second differs, and nothing says what came last: the provider must be asked again. */
  undecided: boolean;
}

type PayFact = Stored<PaymentFact>;
type StateFact = Extract<PayFact, { payload: PaymentPayload }>;

function isState(fact: PayFact): fact is StateFact {
  return fact.kind !== 'payment.linked' && fact.kind !== 'payment.charged';
}

/** Pure function of the set of facts. Null while no fact has told the payment's own state. */
export function foldPayment(facts: readonly PayFact[]): PaymentState | null {
  const ordered = orderFacts(facts, PAYMENT_ORDER).facts;
  const states = ordered.filter(isState);
  const last = states.at(-1);
  const lastOfAll = ordered.at(-1);
  if (!last || !lastOfAll) return null;
  const link = ordered.findLast((fact) => fact.kind === 'payment.linked');
  const charge = ordered.findLast((fact) => fact.kind === 'payment.charged');
  return {
    payload: last.payload,
    invoiceRef: link?.payload.invoiceRef ?? last.payload.invoiceRef ?? null,
    method: charge?.payload.method ?? states.findLast((fact) => fact.payload.method !== null)?.payload.method ?? null,
    lastFactId: lastOfAll.id,
    factCount: ordered.length,
    verifiedAt: states.findLast(isReading)?.occurredAt ?? null,
    undecided: isUndecided(states),
  };
}

/** Attempts of one second that came to different states do not say which was the last: no event tells what was before. */
function isUndecided(states: readonly StateFact[]): boolean {
  // The method is told by the charge, and not by every event.
  const facts = states.map((fact): StateFact => ({ ...fact, payload: { ...fact.payload, method: null } }));
  const last = facts.at(-1);
  if (!last) return false;
  const attempts = facts.filter((fact) => !isReading(fact) && ofOneMoment(fact, last, PAYMENT_ORDER));
  const end = attempts.at(-1);
  const differ = end !== undefined && attempts.some(({ payload }) => !sameJson(payload, end.payload));
  return isEndOpen({ facts, doubtful: new Set(differ ? [end] : []) }, PAYMENT_ORDER);
}
