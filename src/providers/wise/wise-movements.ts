import { aggregateOf, HOUSE_ACCOUNT } from '../../shared/aggregate';
import { isCurrency, type Currency } from '../../shared/currency';
import type { MovementKind, StatementLine } from '../../shared/statement-line';
import type { TransferState } from '../../shared/transfer-payloads';
import { amountFromWise } from './wise-money';
import { listOf, momentOf, recordOf, textOf, textOrNull } from './wise-shape';
import { unreadable } from './wise-errors';

/** A line of a balance's statement. Amounts in minor units. */
export interface WiseMovement {
  /** Wise's: `TRANSFER-123`. What comes back of a transfer has the same again. */
  reference: string;
  /** In Wise's words: `TRANSFER`, `DEPOSIT`. */
  type: string;
  /** Signed, the fee within it. */
  amount: bigint;
  fee: bigint;
  currency: Currency;
  at: Date;
}

/** What our own bank sent, or got back. */
const OWN_BANK: ReadonlySet<string> = new Set(['DEPOSIT', 'MONEY_ADDED', 'WITHDRAWAL']);
const TRANSFER = 'TRANSFER';
const HOUR_MS = 3_600_000;
const FEES: ReadonlySet<string> = new Set(['ACCRUAL_CHARGE', 'BALANCE_FEE', 'CARD_ORDER_CHECKOUT']);
const TRANSFER_REFERENCE = /^TRANSFER-([1-9]\d{0,15})$/;
const MOVED_AT = /^([A-Z]{3})@(\d{1,15})$/;

/** What belongs to no payout. */
export const WISE_HOUSE = aggregateOf('wise', HOUSE_ACCOUNT);

/** Names a moment on our balance in one currency: what moved about then is what a reading of it tells. */
export function movedAt(currency: string, at: Date): string {
  return `${currency}@${at.getTime()}`;
}

/** The reverse; null for anything else. */
export function readMovedAt(text: string): { currency: Currency; at: Date } | null {
  const [, currency, ms] = MOVED_AT.exec(text) ?? [];
  const at = new Date(Number(ms));
  return isCurrency(currency) && !Number.isNaN(at.getTime()) ? { currency, at } : null;
}

/** What a reading of such a moment looks at; null for anything else. @returns `to` exclusive */
export function timeAbout(text: string): { currency: Currency; from: Date; to: Date } | null {
  const moment = readMovedAt(text);
  if (!moment) return null;
  const middle = moment.at.getTime();
  return { currency: moment.currency, from: new Date(middle - HOUR_MS), to: new Date(middle + HOUR_MS) };
}

/** Pure: the lines of a statement in COMPACT form. @throws SCHEMA_VALIDATION. */
export function readStatement(body: unknown): WiseMovement[] {
  return listOf(recordOf(body, 'statement')['transactions'], 'statement').map(readLine);
}

function readLine(value: unknown): WiseMovement {
  const line = recordOf(value, 'statement');
  const side = line['type'];
  if (side !== 'DEBIT' && side !== 'CREDIT') throw unreadable('statement');
  const amount = moneyIn(line['amount']);
  const fee = line['totalFees'] === undefined || line['totalFees'] === null ? null : moneyIn(line['totalFees']);
  if (fee && fee.currency !== amount.currency) throw unreadable('statement');
  const size = amount.amount < 0n ? -amount.amount : amount.amount;
  return {
    // Our own keys are parted by colons.
    reference: textOf(line['referenceNumber'], 'statement')
      .slice(0, 100)
      .replaceAll(/[^\w.-]/g, '_'),
    type: textOrNull(recordOf(line['details'] ?? {}, 'statement')['type']) ?? 'UNKNOWN',
    amount: side === 'DEBIT' ? -size : size,
    fee: fee?.amount ?? 0n,
    currency: amount.currency,
    at: momentOf(line['date'], 'statement'),
  };
}

function moneyIn(value: unknown): ReturnType<typeof amountFromWise> {
  const { value: amount, currency } = recordOf(value, 'statement');
  return amountFromWise({ value: amount, currency: textOf(currency, 'statement') });
}

/** Money that came from our own bank, or went back to it. */
export function isDeposit({ type }: WiseMovement): boolean {
  return OWN_BANK.has(type);
}

/** The transfer that a line is of; null for what is of none. A deposit has a reference of the same form. */
export function transferRefOf({ type, reference }: WiseMovement): string | null {
  return type === TRANSFER ? (TRANSFER_REFERENCE.exec(reference)?.[1] ?? null) : null;
}

/**
 * Pure: a movement as reconciliation compares it.
 * @param states of transfers by their ids: it stands with what was paid for one, so that a difference shows once
 */
export function toLine(movement: WiseMovement, states: ReadonlyMap<string, TransferState>): StatementLine {
  const { reference, amount, fee, currency, at } = movement;
  const transferRef = transferRefOf(movement);
  const side = amount < 0n ? 'debit' : 'credit';
  const isOurs = transferRef === null;
  return {
    ref: `${reference}:${side}:${at.getTime()}`,
    kind: kindOf(movement, transferRef),
    objectRef: transferRef ?? (isDeposit(movement) ? reference : null),
    paymentRef: null,
    // Whose a transfer is, only Wise says.
    aggregate: isOurs ? WISE_HOUSE : null,
    status: amount < 0n ? (states.get(transferRef ?? '') ?? null) : null,
    ...{ gross: amount + fee, fee, net: amount, currency, createdAt: at, availableAt: at },
  };
}

function kindOf(movement: WiseMovement, transferRef: string | null): MovementKind {
  if (transferRef !== null) return movement.amount < 0n ? 'payout' : 'payout_failure';
  if (isDeposit(movement)) return 'deposit';
  return FEES.has(movement.type) ? 'fee' : 'other';
}
