import type { AppleBook } from './book';
import { AppleSandboxError } from './state';
import type { TransactionInfo } from './wire';

/*
 * What ought never to happen: Apple's records say something else than they did. Nobody is notified; it is for whoever compares his
 * books with them to find.
 */

export function restate(
  book: AppleBook,
  transactionId: string,
  change: Partial<Pick<TransactionInfo, 'price' | 'currency' | 'purchaseDate'>>,
): void {
  book.transactions.set(transactionId, { ...book.transaction(transactionId), ...change });
}

/** The same order once more, under another number. */
export function repeat(book: AppleBook, transactionId: string): void {
  const account = book.accountOf(transactionId) ?? '';
  book.keep({ ...book.transaction(transactionId), transactionId: book.nextTransactionId() }, account);
}

/** A subscription still shows its latest one. */
export function lose(book: AppleBook, transactionId: string): void {
  const { originalTransactionId } = book.transaction(transactionId);
  if (
    book.subscriptions.get(originalTransactionId)?.latest === transactionId ||
    transactionId === originalTransactionId
  ) {
    throw new AppleSandboxError('the first and the latest transaction of a subscription cannot be lost', 409);
  }
  book.transactions.delete(transactionId);
}
