import { parse } from 'csv-parse/sync';

export const MOST_LINES = 1_000;
export const FILE_KINDS = ['csv', 'jsonl'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** A line as it stands in the file, under the names of the API; nothing is checked yet. */
export type RawLine = Readonly<Record<string, unknown>>;

/** A file that cannot be read at all. What it says never quotes it. */
export class UnreadableFile extends Error {}

/** Columns of a CSV file by the field they fill. `details.…` and `details.address.…` are there besides. */
const COLUMNS: Readonly<Record<string, string>> = {
  beneficiary_id: 'beneficiaryId',
  name: 'name',
  type: 'type',
  source_currency: 'sourceCurrency',
  amount: 'amount',
  currency: 'currency',
  reference: 'reference',
};
const DETAIL = /^details\.([A-Za-z]\w{0,63})(?:\.([A-Za-z]\w{0,63}))?$/;

/** Pure: the lines of a file, empty ones left out. @throws UnreadableFile. */
export function readBatchFile(kind: FileKind, text: string): RawLine[] {
  const lines = kind === 'csv' ? readCsv(text) : readJsonLines(text);
  if (lines.length === 0) throw new UnreadableFile('has no lines');
  if (lines.length > MOST_LINES) throw new UnreadableFile(`has more than ${MOST_LINES} lines`);
  return lines;
}

function readCsv(text: string): RawLine[] {
  const [header, ...rows] = recordsOf(text);
  if (!header) return [];
  const columns = header.map((name) => name.trim());
  for (const name of columns) {
    if (!Object.hasOwn(COLUMNS, name) && !DETAIL.test(name)) throw new UnreadableFile('has a column that is not known');
  }
  if (new Set(columns).size < columns.length) throw new UnreadableFile('has a column twice');
  return rows.map((row) => lineOf(columns, row));
}

function recordsOf(text: string): string[][] {
  try {
    return parse(text, { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, to: MOST_LINES + 2 });
  } catch {
    throw new UnreadableFile('is not CSV as RFC 4180 has it');
  }
}

function lineOf(columns: readonly string[], row: readonly string[]): RawLine {
  const line: Record<string, unknown> = {};
  const details: Record<string, string | Record<string, string>> = {};
  for (const [index, name] of columns.entries()) {
    const value = row[index] ?? '';
    if (value === '') continue;
    const [, key, inner] = DETAIL.exec(name) ?? [];
    if (key === undefined) line[COLUMNS[name] ?? name] = value;
    else if (inner === undefined) details[key] = value;
    else {
      const nested = details[key];
      details[key] = { ...(typeof nested === 'object' ? nested : {}), [inner]: value };
    }
  }
  if (Object.keys(details).length > 0) line['details'] = details;
  // More values than columns: nobody knows which is which.
  if (row.length > columns.length) line['columns'] = row.length;
  return line;
}

function readJsonLines(text: string): RawLine[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => {
    const value = jsonOf(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new UnreadableFile(`has no JSON object in line ${index + 1}`);
    }
    return value as RawLine;
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
