import { allocate } from '../../../../shared/allocation';

/** A line of an invoice; amounts in minor units. */
export interface CreditableLine {
  ref: string;
  /** Before discounts and before tax on top; negative for what an invoice gives back. */
  amount: bigint;
  discount: bigint;
  /** Tax that comes on top of the amount; what the amount contains is not counted. */
  taxOnTop: bigint;
  /** What earlier notes credited of the amount. */
  credited: bigint;
}

/** Lines to credit, in the same measure as `CreditableLine.amount`, and what the customer gets by it. */
export interface CreditSplit {
  lines: { ref: string; amount: bigint }[];
  total: bigint;
}

interface OpenLine extends CreditableLine {
  left: bigint;
  worth: bigint;
}

/** How many units to either side of its share a line is tried. With a tax of up to 100 % an odd cent is found within two. */
const REACH = 3;
const OFFSETS = Array.from({ length: 2 * REACH + 1 }, (_, index) => BigInt(index - REACH));

/**
 * Pure: how a credit of `asked`, tax included, can be laid out on the lines, the closest first; of equally close ones the one
 * nearest to proportion. Tax is rounded by line, so not every amount can be met: with 19 % on one line nothing comes to 3.
 * @param asked positive.
 * @param step what amounts must be multiples of.
 * @returns none where nothing is left to credit.
 */
export function creditSplits(asked: bigint, lines: readonly CreditableLine[], step: bigint): CreditSplit[] {
  const open = lines
    .map((line) => ({ ...line, left: line.amount - line.credited }))
    .filter(({ left }) => left > 0n)
    .map((line) => ({ ...line, worth: worthOf(line, line.left) }))
    .filter(({ worth }) => worth > 0n)
    .sort((a, b) => Number(b.worth > a.worth) - Number(b.worth < a.worth));
  if (open.length === 0) return [];
  const weights = open.map(({ worth }) => worth);
  const shares = allocate(asked, weights).map((part, index) => shareOf(open[index], part, step));
  const found = new Map<string, { split: CreditSplit; shift: bigint }>();
  for (const [first, second] of shifts(open.length)) {
    const amounts = shares.map((share, index) => {
      const shifted = share + step * (index === 0 ? first : index === 1 ? second : 0n);
      return clamp(shifted, open[index]?.left ?? 0n);
    });
    const shift = abs(first) + abs(second);
    const known = found.get(amounts.join());
    if (!known || shift < known.shift) found.set(amounts.join(), { split: splitOf(open, amounts), shift });
  }
  return [...found.values()]
    .filter(({ split }) => split.total > 0n)
    .sort((a, b) => Number(abs(a.split.total - asked) - abs(b.split.total - asked)) || Number(a.shift - b.shift))
    .map(({ split }) => split);
}

/** The two largest lines take the odd units; more could not come closer than they do. */
function shifts(lines: number): [bigint, bigint][] {
  return OFFSETS.flatMap((first) => (lines > 1 ? OFFSETS : [0n]).map((second): [bigint, bigint] => [first, second]));
}

function splitOf(open: readonly OpenLine[], amounts: readonly bigint[]): CreditSplit {
  const all = open.map((line, index) => ({ line, amount: amounts[index] ?? 0n })).filter(({ amount }) => amount > 0n);
  return {
    lines: all.map(({ line, amount }) => ({ ref: line.ref, amount })),
    total: all.reduce((sum, { line, amount }) => sum + worthOf(line, amount), 0n),
  };
}

/** What the customer gets for `part` of a line's amount: its share of the discount goes off, of the tax on top. */
function worthOf({ amount, discount, taxOnTop }: CreditableLine, part: bigint): bigint {
  return part - round(discount * part, amount) + round(taxOnTop * part, amount);
}

/** The amount whose worth is about `worth`. */
function shareOf(line: OpenLine | undefined, worth: bigint, step: bigint): bigint {
  if (!line) return 0n;
  return worth >= line.worth ? line.left : step * round(worth * line.left, line.worth * step);
}

/** Half up; both positive. */
function round(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}

function clamp(value: bigint, most: bigint): bigint {
  if (value < 0n) return 0n;
  return value > most ? most : value;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
