import { parseCurrency } from '../../../../shared/currency';
import { money, toMajorUnits } from '../../../../shared/money';

/** An entry as it is exported. `amount`: minor units as text, debit positive. */
export interface ExportedEntry {
  account: string;
  type: string;
  amount: string;
  currency: string;
}

/** A journal transaction as it is exported. */
export interface ExportedTransaction {
  id: string;
  seq: string;
  ts: Date;
  recordedAt: Date;
  type: string;
  provider: string;
  refId: string;
  customerId: string | null;
  idempotencyKey: string;
  reversesId: string | null;
  /** JSON on one line. */
  meta: string;
  entries: readonly ExportedEntry[];
}

/** What an account stands at. Minor units as text, debit positive. */
export interface ExportedBalance {
  account: string;
  type: string;
  currency: string;
  balance: string;
}

/** Pure: decimal major units with all the currency's decimals, exact. @throws UNKNOWN_CURRENCY */
export function majorUnits(minorUnits: bigint | string, currency: string): string {
  return toMajorUnits(money(BigInt(minorUnits), parseCurrency(currency)));
}
