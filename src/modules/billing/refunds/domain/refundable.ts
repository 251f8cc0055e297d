import type { AppError } from '../../../../shared/app-error';
import { notRefundable, paymentDisputed, refundTooMuch } from '../refunds.errors';

/** What may be given back of a payment. Amounts in minor units. */
export interface Refundable {
  status: string;
  amount: bigint;
  refunded: bigint;
  disputes: readonly string[];
}

/** Its money is already with the bank. */
const WITH_THE_BANK: ReadonlySet<string> = new Set(['needs_response', 'under_review', 'lost']);

/**
 * Pure: the amount to refund. @param asked null for all that is left.
 * @returns why not, where nothing or not so much can be given back
 */
export function amountToRefund(payment: Refundable, asked: bigint | null): bigint | AppError {
  const { status, amount, refunded, disputes } = payment;
  if (status !== 'succeeded') return notRefundable(status);
  if (disputes.some((dispute) => WITH_THE_BANK.has(dispute))) return paymentDisputed();
  const left = amount - refunded;
  if (left <= 0n || (asked !== null && asked > left)) return refundTooMuch(left > 0n ? left : 0n);
  return asked ?? left;
}
