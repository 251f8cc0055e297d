import { isReading, orderFacts } from '../../../shared/fact-order';
import type { InvoiceFact, InvoicePayload, InvoiceStatus, Stored } from '../../../shared/facts';
import { INVOICE_ORDER } from './ranks';
import { isEndOpen } from '../../../shared/reading-order';

/** The first fact that showed the invoice in a status, and the provider's time of it. */
export interface InvoiceMilestone {
  payload: InvoicePayload;
  at: Date;
}

/** How much credit notes had taken off an invoice, and when that was told first. */
export interface CreditedWhileGivenUp {
  credited: number;
  at: Date;
}

/** An invoice as its facts tell it. */
export interface InvoiceState {
  payload: InvoicePayload;
  lastFactId: string;
  factCount: number;
  verifiedAt: Date | null;
  /** First declined attempt; never moved by later ones. */
  firstFailedAt: Date | null;
  finalized: InvoiceMilestone | null;
  uncollectible: InvoiceMilestone | null;
  /** Every sum of credit notes that it showed while given up, the smallest first. */
  creditedWhileGivenUp: readonly CreditedWhileGivenUp[];
  paid: InvoiceMilestone | null;
  voided: InvoiceMilestone | null;
  /** The first fact that says what of it was paid outside the provider. */
  paidElsewhere: InvoiceMilestone | null;
  undecided: boolean;
}

type InvFact = Stored<InvoiceFact>;

/** Pure function of the set of facts. Null for no facts. */
export function foldInvoice(facts: readonly InvFact[]): InvoiceState | null {
  const told = orderFacts(facts, INVOICE_ORDER);
  const ordered = told.facts;
  const last = ordered.at(-1);
  if (!last) return null;
  const first = (test: (status: InvoiceStatus) => boolean): InvFact | undefined =>
    ordered.find((fact) => test(fact.payload.status));
  return {
    payload: last.payload,
    lastFactId: last.id,
    factCount: ordered.length,
    verifiedAt: ordered.findLast(isReading)?.occurredAt ?? null,
    firstFailedAt: ordered.find((fact) => fact.kind === 'invoice.payment_failed')?.occurredAt ?? null,
    finalized: milestone(
      first((status) => status !== 'draft'),
      (payload) => payload.finalizedAt,
    ),
    uncollectible: milestone(
      first((status) => status === 'uncollectible'),
      (payload) => payload.uncollectibleAt ?? null,
    ),
    creditedWhileGivenUp: creditedWhileGivenUp(ordered),
    paid: milestone(
      first((status) => status === 'paid'),
      (payload) => payload.paidAt,
    ),
    voided: milestone(
      first((status) => status === 'void'),
      (payload) => payload.voidedAt ?? null,
    ),
    paidElsewhere: milestone(
      ordered.find(({ payload }) => payload.status === 'paid' && (payload.amountPaidOffStripe ?? 0) > 0),
      (payload) => payload.paidAt,
    ),
    undecided: isEndOpen(told, INVOICE_ORDER),
  };
}

/** The provider's own time of the milestone where the object carries it: the same whichever fact came first. */
function milestone(
  fact: InvFact | undefined,
  said: (payload: InvoicePayload) => string | null,
): InvoiceMilestone | null {
  if (!fact) return null;
  const at = said(fact.payload);
  return { payload: fact.payload, at: at === null ? fact.occurredAt : new Date(at) };
}

/** Notes only add up: an invoice that was given up has its notes for good. */
function creditedWhileGivenUp(ordered: readonly InvFact[]): CreditedWhileGivenUp[] {
  const sums = new Map<number, Date>();
  for (const { payload, occurredAt } of ordered) {
    const credited = payload.creditedBeforePayment ?? 0;
    if (payload.status === 'uncollectible' && credited > 0 && !sums.has(credited)) sums.set(credited, occurredAt);
  }
  return [...sums].map(([credited, at]) => ({ credited, at })).sort((a, b) => a.credited - b.credited);
}
