import type { AppError } from '../../../../shared/app-error';
import type { InvoiceStatus } from '../../../../shared/facts';
import type { CreditNoteTarget } from '../../../../providers/stripe';
import { creditNoteTooMuch, notCreditable } from '../credit-notes.errors';

/** An invoice as a credit note needs it; amounts in minor units. */
export interface Creditable {
  status: InvoiceStatus;
  amountPaid: bigint;
  amountRemaining: bigint;
}

/**
 * Pure: why the credit note cannot be. An open invoice's lowers what is owed; a paid one's goes back in money, as credit or outside
 * the provider. What was given up is owed to the books no more: a note on it would write it off twice. How much earlier notes
 * left, the provider knows.
 */
export function whyNotCreditable(invoice: Creditable, amount: bigint, target: CreditNoteTarget): AppError | null {
  const { status, amountPaid, amountRemaining } = invoice;
  const fits = target === 'owed' ? status === 'open' : status === 'paid';
  if (!fits) return notCreditable(status, target);
  return amount > (target === 'owed' ? amountRemaining : amountPaid) ? creditNoteTooMuch() : null;
}
