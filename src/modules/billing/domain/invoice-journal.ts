import { parseCurrency } from '../../../shared/currency';
import type { InvoicePayload } from '../../../shared/facts';
import {
  invoiceFinalized,
  invoicePaid,
  invoicePaidElsewhere,
  invoiceUncollectible,
  invoiceVoided,
  reversalOf,
  type InvoiceFigures,
  type InvoiceRef,
  type JournalDraft,
} from '../../ledger';
import type { InvoiceMilestone, InvoiceState } from './fold-invoice';

/** Which invoice of ours the postings are about. */
export interface InvoiceIdentity {
  invoiceId: string;
  providerRef: string;
  customerId: string;
}

/**
 * Every posting an invoice's facts amount to, prerequisites included: whoever is told "paid" first posts the receivable
 * too, and the later "finalized" finds it posted. A function of the set of facts, so it may be posted again at any time.
 */
export function invoiceJournal(state: InvoiceState, identity: InvoiceIdentity): JournalDraft[] {
  const { finalized, uncollectible, paid, voided, paidElsewhere } = state;
  if (!finalized) return [];
  const ref = (milestone: InvoiceMilestone): InvoiceRef => ({
    provider: 'stripe',
    ...identity,
    currency: parseCurrency(milestone.payload.currency),
    occurredAt: milestone.at,
  });
  const drafts: (JournalDraft | null)[] = [invoiceFinalized({ ...ref(finalized), ...figuresOf(finalized.payload) })];
  if (uncollectible) {
    const givenUp = invoiceUncollectible({
      ...ref(uncollectible),
      amountRemaining: BigInt(uncollectible.payload.amountRemaining),
    });
    const undone = paid ?? voided;
    drafts.push(givenUp, givenUp && undone ? reversalOf(givenUp, undone.at) : null);
  }
  if (paid) drafts.push(invoicePaid({ ...ref(paid), ...paidOf(paid.payload) }));
  if (paid && paidElsewhere) {
    const amount = BigInt(paidElsewhere.payload.amountPaidOffStripe ?? 0) - paidOf(paid.payload).amountPaidOutOfBand;
    drafts.push(invoicePaidElsewhere({ ...ref(paidElsewhere), amount }));
  }
  if (voided) {
    // What a credit note had taken off is not owed any more, as if it were paid.
    const settled = BigInt(voided.payload.amountPaid) + BigInt(voided.payload.creditedBeforePayment ?? 0);
    drafts.push(invoiceVoided({ ...ref(voided), ...figuresOf(finalized.payload), amountPaid: settled }));
  }
  return drafts.filter((draft): draft is JournalDraft => draft !== null);
}

function figuresOf(payload: InvoicePayload): InvoiceFigures {
  return {
    total: BigInt(payload.total),
    tax: BigInt(payload.tax),
    // As it was finalized: a fact told later shows it less what credit notes took off.
    amountDue: BigInt(payload.amountDue) + BigInt(payload.creditedBeforePayment ?? 0),
    startingBalance: BigInt(payload.startingBalance),
    endingBalance: BigInt(payload.endingBalance ?? payload.startingBalance),
  };
}

/** Older versions of Stripe left what was paid elsewhere out of amount_paid; the invoice is paid in full all the same. */
function paidOf(payload: InvoicePayload): { amountPaid: bigint; amountPaidOutOfBand: bigint } {
  const outOfBand = payload.paidOutOfBand ? BigInt(payload.amountDue) - BigInt(payload.amountPaid) : 0n;
  return { amountPaid: BigInt(payload.amountPaid) + outOfBand, amountPaidOutOfBand: outOfBand };
}
