import type { GoogleBook } from './book';
import { GoogleSandboxError, type OrderRecord } from './state';

/*
 * What ought never to happen: Google's orders say something else than they did. Nobody is notified; it is for whoever compares his
 * books with them to find.
 */

export function restate(
  book: GoogleBook,
  orderId: string,
  change: Partial<Pick<OrderRecord, 'total' | 'currency' | 'createdAt'>>,
): void {
  book.orders.set(orderId, { ...book.order(orderId), ...change });
}

/** A subscription's latest period is charged once more, under the next number. */
export function repeat(book: GoogleBook, orderId: string, at: number): void {
  const order = book.order(orderId);
  const record = book.subscriptions.get(order.token);
  if (record?.latestOrderId !== orderId) {
    throw new GoogleSandboxError('only the latest order of a subscription can be repeated', 409);
  }
  const next = `${record.orderBase}..${record.orders - 1}`;
  book.orders.set(next, { ...order, orderId: next, createdAt: at });
  Object.assign(record, { latestOrderId: next, orders: record.orders + 1 });
}

/** A subscription still shows its latest one. */
export function lose(book: GoogleBook, orderId: string): void {
  const { token } = book.order(orderId);
  if (book.subscriptions.get(token)?.latestOrderId === orderId) {
    throw new GoogleSandboxError('the latest order of a subscription cannot be lost', 409);
  }
  book.orders.delete(orderId);
}
