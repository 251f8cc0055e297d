import { parseCurrency } from '../../../shared/currency';
import type { InvoicePayload } from '../../../shared/facts';
import {
  invoiceFinalized,
  invoicePaid,
  invoicePaidElsewhere,
  invoiceUncollectible,
  invoiceUncollectibleCredited,
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
  /** Who collected it. Absent is Stripe. */
  provider?: InvoiceRef['provider'];
}

/**
 * Every posting an invoice's facts amount to, prerequisites included: whoever is told "paid" first posts the receivable
 * too, and the later "finalized" finds it posted. A function of the set of facts, so it may be posted again at any time.
 */
export function invoiceJournal(state: InvoiceState, identity: InvoiceIdentity): JournalDraft[] {
  const { finalized, paid, voided, paidElsewhere } = state;
  if (!finalized) return [];
  const ref = (milestone: InvoiceMilestone): InvoiceRef => ({
    provider: 'stripe',
    ...identity,
    currency: parseCurrency(milestone.payload.currency),
    occurredAt: milestone.at,
  });
  const drafts: (JournalDraft | null)[] = [invoiceFinalized({ ...ref(finalized), ...figuresOf(finalized.payload) })];
  drafts.push(...givenUpJournal(state, ref));
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

/**
 * All that was still to be paid is given up, and what credit notes had taken off, or take off later, is taken out again: once
 * for each sum they are seen to come to, each undone by the next. So the same is left whether a note comes before or after.
 */
function givenUpJournal(
  { uncollectible, creditedWhileGivenUp, paid, voided }: InvoiceState,
  ref: (milestone: InvoiceMilestone) => InvoiceRef,
): (JournalDraft | null)[] {
  if (!uncollectible) return [];
  const { amountRemaining, creditedBeforePayment = 0 } = uncollectible.payload;
  const givenUp = invoiceUncollectible({
    ...ref(uncollectible),
    amountRemaining: BigInt(amountRemaining + creditedBeforePayment),
  });
  const undone = paid ?? voided;
  const credited = creditedWhileGivenUp.flatMap((sum, index) => {
    const posting = invoiceUncollectibleCredited({
      ...ref(uncollectible),
      occurredAt: sum.at,
      credited: BigInt(sum.credited),
    });
    const end = creditedWhileGivenUp[index + 1] ?? undone;
    return [posting, posting && end ? reversalOf(posting, end.at) : null];
  });
  return [givenUp, givenUp && undone ? reversalOf(givenUp, undone.at) : null, ...credited];
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
