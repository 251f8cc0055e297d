import { csvRecord } from './csv';
import { majorUnits, type ExportedBalance, type ExportedTransaction } from './exported';

export const JOURNAL_COLUMNS = [
  'ts',
  'recorded_at',
  'seq',
  'transaction_id',
  'type',
  'provider',
  'ref_id',
  'customer_id',
  'idempotency_key',
  'reverses_id',
  'position',
  'account',
  'account_type',
  'amount_minor',
  'amount',
  'currency',
  'meta',
] as const;

/** Pure: a record per entry; what the transaction says stands in each. */
export function journalRecords(transaction: ExportedTransaction): string {
  const { id, seq, ts, recordedAt, type, provider, refId, customerId, idempotencyKey, reversesId, meta } = transaction;
  const head = [ts.toISOString(), recordedAt.toISOString(), seq, id, type, provider, refId, customerId];
  return transaction.entries
    .map(({ account, type: accountType, amount, currency }, position) =>
      csvRecord([
        ...[...head, idempotencyKey, reversesId, String(position), account, accountType],
        ...[amount, majorUnits(amount, currency), currency, meta],
      ]),
    )
    .join('');
}

export const TRIAL_BALANCE_COLUMNS = ['account', 'type', 'currency', 'debit', 'credit', 'balance_minor'] as const;

/** Pure: on the side where it stands. */
export function trialBalanceRecord({ account, type, currency, balance }: ExportedBalance): string {
  const amount = BigInt(balance);
  const size = majorUnits(amount < 0n ? -amount : amount, currency);
  return csvRecord([account, type, currency, amount > 0n ? size : null, amount < 0n ? size : null, balance]);
}

export const STATEMENT_COLUMNS = [
  'ts',
  'transaction_id',
  'type',
  'provider',
  'ref_id',
  'customer_id',
  'amount',
  'balance',
  'currency',
] as const;

/** Pure: the balance at the beginning or the end of the period. */
export function statementBalanceRecord(what: 'opening' | 'closing', balance: bigint, currency: string): string {
  return csvRecord([null, null, `${what}_balance`, null, null, null, null, majorUnits(balance, currency), currency]);
}

/** Pure: one transaction as far as it moves the account. @param balance behind it. */
export function statementRecord(
  line: Omit<ExportedTransaction, 'entries'>,
  amount: bigint,
  balance: bigint,
  currency: string,
): string {
  const { ts, id, type, provider, refId, customerId } = line;
  const figures = [majorUnits(amount, currency), majorUnits(balance, currency), currency];
  return csvRecord([ts.toISOString(), id, type, provider, refId, customerId, ...figures]);
}
