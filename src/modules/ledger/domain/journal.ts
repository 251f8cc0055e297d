import { unexpected } from '../../../shared/app-error';
import { Currency } from '../../../shared/currency';
import { Provider } from '../../../shared/facts';
import { AccountCode } from './accounts';
import { PostingType } from './posting-table';

/** Where a movement happened; `kassa` for those that no provider knows of. */
export type JournalSource = Provider | 'kassa';
export type JournalType = PostingType | `${PostingType}.reversed`;

export interface JournalEntry {
  account: AccountCode;
  /** Minor units, signed: debit positive, credit negative; never zero. */
  amount: bigint;
  currency: Currency;
}

/** A journal transaction as it is to be posted. Never changed once posted: corrections are reversals. */
export interface JournalDraft<Type extends JournalType = JournalType> {
  type: Type;
  /** `provider:object:kind[:occurrence]`; posted once under it. */
  idempotencyKey: string;
  /** Our id of what it is about (an invoice, a payment, ...). */
  refId: string;
  provider: JournalSource;
  /** When it happened, in the provider's time. */
  occurredAt: Date;
  /** Our customer's id; rows that are never erased hold no personal data. */
  customerId: string | null;
  meta: Record<string, string>;
  entries: readonly JournalEntry[];
}

/**
 * Key of a posting. `occurrence` is for what can happen to one object more than once (the balance transaction's id where
 * there is one).
 */
export function postingKey(provider: JournalSource, objectId: string, kind: string, occurrence?: string): string {
  return [provider, objectId, kind, ...(occurrence === undefined ? [] : [occurrence])].join(':');
}

export function debit(account: AccountCode, amount: bigint, currency: Currency): JournalEntry {
  return { account, amount, currency };
}

export function credit(account: AccountCode, amount: bigint, currency: Currency): JournalEntry {
  return { account, amount: -amount, currency };
}

/** Sum per currency; all zero in a balanced set. */
export function sumByCurrency(entries: readonly JournalEntry[]): Map<Currency, bigint> {
  const sums = new Map<Currency, bigint>();
  for (const entry of entries) sums.set(entry.currency, (sums.get(entry.currency) ?? 0n) + entry.amount);
  return sums;
}

/**
 * The invariant that the database checks again at commit.
 * @throws AppError unexpected JOURNAL_UNBALANCED (sums differ from zero), JOURNAL_INVALID (no entries, or one of zero)
 */
export function assertBalanced(draft: JournalDraft): void {
  const { idempotencyKey, entries } = draft;
  if (entries.length === 0 || entries.some((entry) => entry.amount === 0n)) {
    throw unexpected('JOURNAL_INVALID', 'A journal transaction needs entries, and none of zero', { idempotencyKey });
  }
  for (const [currency, sum] of sumByCurrency(entries)) {
    if (sum === 0n) continue;
    const details = { idempotencyKey, currency, sum: String(sum) };
    throw unexpected('JOURNAL_UNBALANCED', 'The entries of a journal transaction do not sum to zero', details);
  }
}

/**
 * A checked draft without its zero entries, or null when nothing is left: what moves no money is not posted.
 * @throws AppError unexpected JOURNAL_UNBALANCED
 */
export function draftOf<Type extends JournalType>(draft: JournalDraft<Type>): JournalDraft<Type> | null {
  const entries = draft.entries.filter((entry) => entry.amount !== 0n);
  if (entries.length === 0) return null;
  const result = { ...draft, entries };
  assertBalanced(result);
  return result;
}

/** The transaction that cancels another exactly. A posting is reversed at most once: its key follows from the original's. */
export function reversalOf<Type extends PostingType>(
  original: JournalDraft<Type>,
  occurredAt: Date,
): JournalDraft<`${Type}.reversed`> {
  return {
    ...original,
    type: `${original.type}.reversed`,
    idempotencyKey: `${original.idempotencyKey}:reversal`,
    occurredAt,
    meta: { ...original.meta, reverses: original.idempotencyKey },
    entries: original.entries.map((entry) => ({ ...entry, amount: -entry.amount })),
  };
}

/**
 * What two postings under one key must agree on; anything else under the same key is a break. Entry order does not count.
 * Neither do time, customer and meta: a second source of the same movement may date it by another event, and the customer may
 * have become known in between.
 */
export function contentOf(draft: Pick<JournalDraft, 'type' | 'refId' | 'entries'>): string {
  const lines = draft.entries.map((entry) => `${entry.account} ${entry.currency} ${String(entry.amount)}`);
  return [draft.type, draft.refId, ...lines.sort()].join('\n');
}
