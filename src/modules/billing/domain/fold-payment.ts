import { orderFacts } from '../../../shared/fact-order';
import type { PaymentFact, PaymentMethodSummary, PaymentPayload, Stored } from '../../../shared/facts';
import { paymentRank } from './ranks';

/** A payment as its facts tell it: its state, its invoice and its method come from different events. */
export interface PaymentState {
  payload: PaymentPayload;
  invoiceRef: string | null;
  method: PaymentMethodSummary | null;
  lastFactId: string;
  factCount: number;
  verifiedAt: Date | null;
}

type PayFact = Stored<PaymentFact>;
type StateFact = Extract<PayFact, { payload: PaymentPayload }>;

function isState(fact: PayFact): fact is StateFact {
  return fact.kind !== 'payment.linked' && fact.kind !== 'payment.charged';
}

/** Pure function of the set of facts. Null while no fact has told the payment's own state. */
export function foldPayment(facts: readonly PayFact[]): PaymentState | null {
  const ordered = orderFacts(facts, paymentRank);
  const states = ordered.filter(isState);
  const last = states.at(-1);
  const lastOfAll = ordered.at(-1);
  if (!last || !lastOfAll) return null;
  const link = ordered.findLast((fact) => fact.kind === 'payment.linked');
  const charge = ordered.findLast((fact) => fact.kind === 'payment.charged');
  return {
    payload: last.payload,
    invoiceRef: link?.payload.invoiceRef ?? null,
    method: charge?.payload.method ?? states.findLast((fact) => fact.payload.method !== null)?.payload.method ?? null,
    lastFactId: lastOfAll.id,
    factCount: ordered.length,
    verifiedAt: states.findLast((fact) => fact.kind === 'payment.snapshot')?.occurredAt ?? null,
  };
}
