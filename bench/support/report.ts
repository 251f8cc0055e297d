/** One thing measured, ours beside the floor's. */
export interface CaseResult {
  readonly case: string;
  readonly ours: number;
  readonly floor: number;
  readonly unit: string;
  /** More of our own figures, for the reader: 'p50 7.2 ms'. */
  readonly notes?: readonly string[];
}

export interface Benchmark {
  readonly name: string;
  /** One sentence: what is measured, and what the floor is. */
  readonly about: string;
  run(say: (line: string) => void): Promise<readonly CaseResult[]>;
}

/** Pure: the middle value; of an even number of values the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('There is no median of nothing');
  return (low + high) / 2;
}

/** Pure: the smallest value that `share` (0 to 1) of all values do not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('There is no percentile of nothing');
  return value;
}

/** Pure: ours to the floor's, to three digits behind the point. */
export function ratioOf({ ours, floor }: Pick<CaseResult, 'ours' | 'floor'>): number {
  return Math.round((ours / floor) * 1000) / 1000;
}

/** Pure: a line for machines. */
export function jsonLine(bench: string, result: CaseResult): string {
  const { ours, floor, unit } = result;
  return JSON.stringify({
    bench,
    case: result.case,
    ours: round(ours),
    floor: round(floor),
    unit,
    ratio: ratioOf(result),
  });
}

/** Pure: lines for people. */
export function table(results: readonly CaseResult[]): string {
  const rows = results.map((result) => [
    result.case,
    String(round(result.ours)),
    String(round(result.floor)),
    result.unit,
    ratioOf(result).toFixed(2),
    (result.notes ?? []).join(', '),
  ]);
  const lines = [['case', 'ours', 'floor', 'unit', 'ratio', ''], ...rows];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}
