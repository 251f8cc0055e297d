import type { InvoiceLine } from '../../../../shared/facts';

/** What a line of an invoice is worth over a time. Minor units, net of tax and discounts; negative for a credit. */
export interface EarnedLine {
  amount: bigint;
  startsAt: Date;
  endsAt: Date;
}

/** An invoice as its revenue depends on it. */
export interface EarningInvoice {
  lines: readonly EarnedLine[];
  /** What stands on revenue.deferred because of the invoice, releases not counted. */
  deferred: bigint;
  /** Nothing more is owed to the customer for it: all the rest is earned, or was never owed. */
  closed: boolean;
}

/**
 * Pure: the part of a line that was earned up to a moment, in proportion to the seconds that have passed, towards zero. It never falls
 * as time passes, and is the whole amount at the end, so that what is released day by day adds up exactly.
 */
export function earnedBy({ amount, startsAt, endsAt }: EarnedLine, at: Date): bigint {
  if (at >= endsAt) return amount;
  if (at <= startsAt) return 0n;
  const passed = BigInt(at.getTime() - startsAt.getTime());
  return (amount * passed) / BigInt(endsAt.getTime() - startsAt.getTime());
}

/**
 * Pure: how much of an invoice should have been released by a moment. Lines may not add up to what is deferred (an invoice
 * made void after a part was paid): then each day earns its share of what is.
 */
export function releasableBy({ lines, deferred, closed }: EarningInvoice, at: Date): bigint {
  if (closed || lines.every(({ endsAt }) => at >= endsAt)) return deferred;
  const total = lines.reduce((sum, { amount }) => sum + amount, 0n);
  const earned = lines.reduce((sum, line) => sum + earnedBy(line, at), 0n);
  if (total === deferred || total === 0n) return earned;
  return (earned * deferred) / total;
}

/**
 * Pure: an invoice's lines as they earn. Discounts and contained taxes are taken off; what rounding leaves between the lines and the
 * invoice goes to the line of the greatest amount.
 * @param net total less tax, as it was deferred.
 */
export function earningLines(lines: readonly InvoiceLine[], net: bigint): EarnedLine[] {
  const earning = lines.map(({ amount, discount = 0, taxInclusive = 0, periodStart, periodEnd }) => ({
    amount: BigInt(amount) - BigInt(discount) - BigInt(taxInclusive),
    startsAt: new Date(periodStart),
    endsAt: new Date(periodEnd),
  }));
  const rest = net - earning.reduce((sum, { amount }) => sum + amount, 0n);
  const greatest = earning.reduce<EarnedLine | null>((most, line) => {
    return most === null || sizeOf(line) > sizeOf(most) ? line : most;
  }, null);
  if (greatest) greatest.amount += rest;
  return earning;
}

function sizeOf({ amount }: EarnedLine): bigint {
  return amount < 0n ? -amount : amount;
}

const DAY_MS = 86_400_000;

/** Pure: the last midnight (UTC) that has passed: days are released when they are over. */
export function dayBegun(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
}

/** Pure: when there is more to release; null where all of it has been, or where it began to be earned is not near. */
export function nextRelease(lines: readonly EarnedLine[], at: Date): Date | null {
  const waiting = lines.filter(({ endsAt }) => endsAt > at);
  if (waiting.length === 0) return null;
  const begun = Math.min(...waiting.map(({ startsAt }) => startsAt.getTime()));
  return new Date(dayBegun(new Date(Math.max(begun, at.getTime()))).getTime() + DAY_MS);
}
