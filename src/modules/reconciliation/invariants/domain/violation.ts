import { sideOf, type AccountBalance } from '../../../ledger';

/** A promise of the books that does not hold now. */
export interface Violation {
  /** Which promise. */
  invariant: 'trial_balance' | 'account_side' | 'receivable' | 'transit' | 'held' | 'paid_once' | 'released';
  /** What it is broken for: a currency, an account, an invoice. */
  subject: string;
  /** For an operator. */
  message: string;
}

/**
 * Those that facts told one after the other may break until the last has come: a credit note and its invoice, the outcome of a
 * dispute and its money, the end of a subscription and its revenue. They are alarms only where they last.
 */
const SETTLING: ReadonlySet<Violation['invariant']> = new Set(['account_side', 'receivable', 'held']);
/** Revenue is trued up every ten minutes; a provider's events are minutes apart at most while all is well. */
export const SETTLING_MS = 30 * 60_000;

/** Pure: the same as long as the same is broken. */
export function causeKeyOf({ invariant, subject }: Violation): string {
  return `ledger.invariant:${invariant}:${subject}`;
}

/** Pure: whether time alone may mend it. */
export function maySettle({ invariant }: Violation): boolean {
  return SETTLING.has(invariant);
}

/** When each that may settle was seen first, by cause key; ISO times. */
export type FirstSeen = Readonly<Record<string, string>>;

/** Pure: what is an alarm by now, and what is remembered. */
export function lasting(
  violations: readonly Violation[],
  before: FirstSeen,
  now: Date,
): { alarms: Violation[]; seen: FirstSeen } {
  const seen = Object.fromEntries(
    violations.filter(maySettle).map((each) => [causeKeyOf(each), before[causeKeyOf(each)] ?? now.toISOString()]),
  );
  const alarms = violations.filter((each) => {
    const first = seen[causeKeyOf(each)];
    return first === undefined || now.getTime() - Date.parse(first) >= SETTLING_MS;
  });
  return { alarms, seen };
}

/** Pure: what the balances alone tell: each currency at zero, each account on its side. */
export function brokenBalances(balances: readonly AccountBalance[]): Violation[] {
  const sums = new Map<string, bigint>();
  for (const { currency, balance } of balances) sums.set(currency, (sums.get(currency) ?? 0n) + balance);
  const off = [...sums].flatMap(([currency, sum]): Violation[] =>
    sum === 0n
      ? []
      : [{ invariant: 'trial_balance', subject: currency, message: `The books are off by ${sum} ${currency}` }],
  );
  const crossed = balances.flatMap(({ account, currency, balance }): Violation[] => {
    const side = sideOf(account);
    if (side === null || (side === 'debit' ? balance >= 0n : balance <= 0n)) return [];
    const message = `${account} stands at ${balance} ${currency}, and may only be to ${side}`;
    return [{ invariant: 'account_side', subject: `${account} ${currency}`, message }];
  });
  return [...off, ...crossed];
}
