/** Sums of one side. Minor units. */
export interface SideTotal {
  lines: number;
  gross: number;
  fee: number;
  net: number;
}

/** What both sides say of one day (UTC) in one currency. */
export interface RunTotal {
  day: string;
  currency: string;
  provider: SideTotal;
  books: SideTotal;
}

/** What a run has seen. */
export interface RunCounts {
  /** Movements within the window, by the provider and by the books. */
  providerLines: number;
  bookLines: number;
  /** Others' on a shared account, not counted above. */
  foreign: number;
  /** Differences, of whatever status. */
  breaks: number;
  /** Those of them that nobody has settled or decided to ignore. */
  unresolved: number;
}

export const NOTHING: SideTotal = { lines: 0, gross: 0, fee: 0, net: 0 };

export interface SideRow extends SideTotal {
  side: 'provider' | 'books';
  day: string;
  currency: string;
}

/** Pure: both sides beside each other, by day and currency. */
export function totalsOf(rows: readonly SideRow[]): RunTotal[] {
  const totals = new Map<string, RunTotal>();
  for (const { side, day, currency, lines, gross, fee, net } of rows) {
    const key = `${day} ${currency}`;
    const total = totals.get(key) ?? { day, currency, provider: NOTHING, books: NOTHING };
    totals.set(key, { ...total, [side]: { lines, gross, fee, net } });
  }
  return [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
}
