import type { StatementLine } from '../../../shared/statement-line';
import type { BookLine, BookSum } from './book-lines';

export const BREAK_TYPES = [
  'missing_here',
  'missing_there',
  'amount',
  'currency',
  'date',
  'duplicate',
  'status',
] as const;
export type BreakType = (typeof BREAK_TYPES)[number];

/** One movement as the provider and as the books have it. */
export interface MovementGroup {
  key: string;
  provider: readonly StatementLine[];
  books: readonly BookLine[];
  /** How the object stands here; null where we keep no row of it. */
  status: string | null;
}

/** What a run looks at. */
export interface RunWindow {
  /** Inclusive. */
  from: Date;
  /** Exclusive. */
  to: Date;
  /** When the run began: what is younger than the grace then is not expected to be here yet. */
  asOf: Date;
}

/** How exact two accounts of one movement can be. Milliseconds. */
export const POLICY = {
  /** A charge's fee is asked for after it, and events are told with delays. */
  graceMs: 2 * 3_600_000,
  /** The same movement may stand on two sides of a midnight, or be told a little later. */
  dateToleranceMs: 24 * 3_600_000,
};

/** A difference between the provider's account and ours. */
export interface Finding {
  type: BreakType;
  /** Of the cause: met again, it is the same break. */
  key: string;
  line: StatementLine | null;
  book: BookLine | null;
  /** How the object stands here, of a status. */
  status: string | null;
  /** Belongs to the window in which this lies. */
  at: Date;
  /** The provider's net less ours, minor units of `currency`; null where they are of two currencies. */
  difference: bigint | null;
  currency: string;
}

/** Differences that a reading of what has moved may settle. */
export const REPAIRABLE: ReadonlySet<BreakType> = new Set<BreakType>(['missing_here', 'status']);

/** Pure: the differences of one movement, at most one to each of its lines. The order of lines does not count. */
export function compareMovement(group: MovementGroup, window: RunWindow): Finding[] {
  const lines = [...group.provider].sort(byTime);
  const left = [...group.books];
  const findings: Finding[] = [];
  const alone: StatementLine[] = [];
  const paired: StatementLine[] = [];
  for (const line of lines) {
    const book = takeBook(left, line);
    if (!book) {
      alone.push(line);
      continue;
    }
    paired.push(line);
    const finding = differenceOf(line, book, group.status, window.asOf);
    if (finding) findings.push(finding);
  }
  for (const line of alone) {
    // Providers note conversions and corrections of nothing.
    if (line.net === 0n && line.fee === 0n) continue;
    const isTwice = isDuplicate(line, lines, paired);
    if (!isTwice && isYoung(line.createdAt, window.asOf)) continue;
    const type: BreakType = isTwice ? 'duplicate' : 'missing_here';
    findings.push({
      ...{ type, key: `${type}:${line.kind}:${line.ref}`, line, book: null, status: null },
      ...{ at: line.createdAt, difference: line.net, currency: line.currency },
    });
  }
  for (const book of left) if (!isYoung(book.at, window.asOf)) findings.push(missingThere(book));
  return findings.filter(({ at }) => at >= window.from && at < window.to);
}

function byTime(a: StatementLine, b: StatementLine): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0);
}

/** Movements of a dispute know their posting; of all else there is one at most. */
function takeBook(left: BookLine[], line: StatementLine): BookLine | undefined {
  const at = left.findIndex(({ movementRef }) => movementRef === null || movementRef === line.ref);
  return at < 0 ? undefined : left.splice(at, 1)[0];
}

/**
 * One object moves money once; a dispute takes it only after it was given back, and the other way round. So one more in the
 * same direction is the same movement twice.
 */
function isDuplicate(line: StatementLine, lines: readonly StatementLine[], paired: readonly StatementLine[]): boolean {
  if (line.kind === 'dispute' || line.kind === 'dispute_reversal') {
    const before = lines.slice(0, lines.indexOf(line)).at(-1);
    const after = lines.slice(lines.indexOf(line) + 1).at(0);
    return [before, after].some((other) => other?.kind === line.kind && paired.includes(other));
  }
  return lines.length > 1 && lines[0] !== line;
}

/** Pure: too young to be expected on both sides. */
export function isYoung(at: Date, asOf: Date): boolean {
  return at.getTime() > asOf.getTime() - POLICY.graceMs;
}

function missingThere(book: BookLine): Finding {
  const key = `missing_there:${book.kind}:${book.movementRef ?? book.key}`;
  const [sum] = book.sums;
  return {
    type: 'missing_there',
    ...{ key, line: null, book, status: null, at: book.at },
    ...{ difference: sum && book.sums.length === 1 ? -sum.net : null, currency: sum?.currency ?? '' },
  };
}

function differenceOf(line: StatementLine, book: BookLine, status: string | null, asOf: Date): Finding | null {
  const type = typeOf(line, book, status, asOf);
  if (!type) return null;
  const sum = sumIn(book, line.currency);
  const cause = type === 'status' ? `${line.kind}:${line.objectRef ?? line.ref}` : `${line.kind}:${line.ref}`;
  return {
    ...{ type, key: `${type}:${cause}`, line, book, status, at: line.createdAt, currency: line.currency },
    difference: sum ? line.net - sum.net : null,
  };
}

function typeOf(line: StatementLine, book: BookLine, status: string | null, asOf: Date): BreakType | null {
  if (!isWhole(line, book)) return isYoung(line.createdAt, asOf) ? null : 'missing_here';
  const sum = sumIn(book, line.currency);
  if (!sum) return 'currency';
  if (sum.net !== line.net || sum.fee !== line.fee) return 'amount';
  const apart = Math.abs(line.createdAt.getTime() - book.at.getTime());
  if (book.isDated && apart > POLICY.dateToleranceMs) return 'date';
  return line.status !== null && status !== null && line.status !== status ? 'status' : null;
}

/**
 * A charge that cost nothing, in the currency it was made in, has no posting of its own beside its invoice's, and a refund in
 * the payment's currency no exchange.
 */
function isWhole(line: StatementLine, book: BookLine): boolean {
  if (!book.isCollected) return false;
  return book.isSettled || ((book.kind !== 'charge' || line.fee === 0n) && sumIn(book, line.currency) !== null);
}

/** What the books say in that currency, and in no other; zero where they say nothing at all. */
function sumIn({ sums }: BookLine, currency: string): BookSum | null {
  const [sum] = sums;
  if (!sum) return { currency, net: 0n, fee: 0n };
  return sums.length === 1 && sum.currency === currency ? sum : null;
}
