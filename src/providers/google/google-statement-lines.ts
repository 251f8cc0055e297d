import { parseCurrency } from '../../shared/currency';
import type { StatementLine } from '../../shared/statement-line';
import type { GoogleOrder } from './google-client';
import { unreadable } from './google-errors';
import { isGiven, partialRefundId, UNCHARGED } from './google-facts';
import { minorUnitsOf } from './google-money';

/** What a charge and a refund say each in its own way. */
type Own = 'ref' | 'kind' | 'paymentRef' | 'status';

/**
 * Pure: what orders moved, under the ids that the facts made of them have. None for what costs nothing, or that nobody has paid.
 * Two orders of one purchase for one period are one movement twice.
 * @param aggregate whose they are
 * @param onUnreadable told of each that cannot be read, which is left out
 */
export function linesOfOrders(
  orders: readonly GoogleOrder[],
  aggregate: string,
  onUnreadable: (orderId: string, error: unknown) => void,
): StatementLine[] {
  const paidBy = new Map<string, string>();
  const chargedAt = (order: GoogleOrder): string => chargeTimeOf(order) ?? '';
  const oldestFirst = orders.toSorted(
    (a, b) => compare(chargedAt(a), chargedAt(b)) || compare(a.orderId ?? '', b.orderId ?? ''),
  );
  return oldestFirst.flatMap((order) => {
    try {
      const lines = linesOf(order, aggregate);
      const charge = lines.find(({ kind }) => kind === 'charge');
      if (charge) {
        const period = periodKeyOf(order);
        charge.paymentRef = paidBy.get(period) ?? charge.ref;
        paidBy.set(period, charge.paymentRef);
      }
      return lines;
    } catch (error) {
      onUnreadable(order.orderId ?? '', error);
      return [];
    }
  });
}

/** Google renews a purchase period by period; what is bought once has the order itself. */
function periodKeyOf({ orderId, purchaseToken, lineItems }: GoogleOrder): string {
  const start = lineItems?.find((item) => item.subscriptionDetails)?.subscriptionDetails?.servicePeriodStartTime;
  return isGiven(start) ? `${purchaseToken ?? ''} ${start}` : (orderId ?? '');
}

function linesOf(order: GoogleOrder, aggregate: string): StatementLine[] {
  const { orderId, state, total, orderHistory } = order;
  if (!orderId || !state || !total) throw unreadable('order');
  if (UNCHARGED.has(state)) return [];
  const { amount: paid, currency } = minorUnitsOf(total);
  if (paid === 0) return [];
  const line = (objectRef: string, amount: number, at: Date): Omit<StatementLine, Own> => ({
    ...{ objectRef, aggregate },
    ...{ gross: BigInt(amount), fee: 0n, net: BigInt(amount), currency: parseCurrency(currency) },
    ...{ createdAt: at, availableAt: at },
  });
  const charge = line(orderId, paid, momentOf(chargeTimeOf(order)));
  const lines: StatementLine[] = [{ ...charge, ref: orderId, kind: 'charge', paymentRef: orderId, status: null }];
  const refund = (id: string, amount: number, at: Date): void => {
    // The last one has the order's id: the movement needs one of its own.
    const ref = `${id}:refund`;
    lines.push({ ...line(id, -amount, at), ref, kind: 'refund', paymentRef: null, status: 'succeeded' });
  };
  let left = paid;
  for (const { createTime, processTime, refundDetails } of orderHistory?.partialRefundEvents ?? []) {
    const amount = refundDetails?.total ? minorUnitsOf(refundDetails.total).amount : 0;
    if (!createTime || !processTime || amount === 0) continue;
    left -= amount;
    refund(partialRefundId(orderId, createTime), amount, momentOf(processTime));
  }
  const { eventTime, refundDetails } = orderHistory?.refundEvent ?? {};
  // What Google says of the last one may be all that was given back.
  const told = refundDetails?.total ? minorUnitsOf(refundDetails.total).amount : left;
  const rest = Math.min(told, left);
  if (eventTime && rest > 0) refund(orderId, rest, momentOf(eventTime));
  return lines;
}

function chargeTimeOf({ createTime, orderHistory }: GoogleOrder): string | null {
  return orderHistory?.processedEvent?.eventTime ?? createTime ?? null;
}

/** @throws SCHEMA_VALIDATION for what is no time. */
function momentOf(text: string | null): Date {
  const at = new Date(text ?? '');
  if (Number.isNaN(at.getTime())) throw unreadable('time', { text });
  return at;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
