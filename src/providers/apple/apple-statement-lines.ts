import { parseCurrency } from '../../shared/currency';
import type { StatementLine } from '../../shared/statement-line';
import { appleAggregate, isFree, refundedOf } from './apple-facts';
import { minorUnitsOf } from './apple-price';
import type { AppleTransaction } from './apple-wire';

/**
 * Pure: what the transactions of one Apple account moved, as the facts made of them have it. None for what costs us nothing.
 * Two transactions of one order (`webOrderLineItemId`, one for each period that is paid for) are one movement twice.
 * @param onUnreadable told of each that cannot be read, which is left out
 */
export function linesOfHistory(
  transactions: readonly AppleTransaction[],
  onUnreadable: (transactionId: string, error: unknown) => void,
): StatementLine[] {
  const paidBy = new Map<string, string>();
  const oldestFirst = [...transactions].sort(
    (a, b) => a.purchaseDate - b.purchaseDate || (a.transactionId < b.transactionId ? -1 : 1),
  );
  return oldestFirst.flatMap((one) => {
    const order = one.webOrderLineItemId ?? one.transactionId;
    const paymentRef = paidBy.get(order) ?? one.transactionId;
    paidBy.set(order, paymentRef);
    try {
      return linesOf(one, paymentRef);
    } catch (error) {
      onUnreadable(one.transactionId, error);
      return [];
    }
  });
}

function linesOf(one: AppleTransaction, paymentRef: string): StatementLine[] {
  const { price, currency, transactionId, revocationDate } = one;
  if (price === undefined || currency === undefined || isFree(one)) return [];
  const paid = minorUnitsOf(price, currency);
  const refunded = revocationDate === undefined ? 0 : refundedOf(one, paid);
  const line = (amount: number, at: number): Omit<StatementLine, 'ref' | 'kind' | 'paymentRef' | 'status'> => ({
    ...{ objectRef: transactionId, aggregate: appleAggregate(one.originalTransactionId) },
    ...{ gross: BigInt(amount), fee: 0n, net: BigInt(amount), currency: parseCurrency(currency) },
    ...{ createdAt: new Date(at), availableAt: new Date(at) },
  });
  const lines: StatementLine[] = [];
  if (paid > 0) {
    lines.push({ ...line(paid, one.purchaseDate), ref: transactionId, kind: 'charge', paymentRef, status: null });
  }
  if (refunded > 0 && revocationDate !== undefined) {
    const ref = `${transactionId}:refund:${String(revocationDate)}`;
    lines.push({ ...line(-refunded, revocationDate), ref, kind: 'refund', paymentRef: null, status: 'succeeded' });
  }
  return lines;
}
