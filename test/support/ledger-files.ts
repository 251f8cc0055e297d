/** RFC 4180 read back, written apart from the writer. */
export function recordsOf(csv: string): Record<string, string>[] {
  const cells = [...csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)];
  const rows: string[][] = [[]];
  for (const [, quoted, bare, end] of cells) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === '\r\n') rows.push([]);
  }
  const [head = [], ...records] = rows.slice(0, -1);
  return records.map((record) => Object.fromEntries(head.map((name, i) => [name, record[i] ?? ''])));
}

export function sorted(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a decimal with all of its currency's places stands for. */
export function minorUnits(decimal: string): bigint {
  return BigInt(decimal.replace('.', ''));
}

/** The postings of a beancount file, added up by account and currency. */
export function beancountSums(beancount: string): Record<string, string> {
  const found = new Map<string, bigint>();
  for (const [, account = '', amount = '', currency = ''] of beancount.matchAll(
    /^ {2}([A-Z]\S+) {2}(-?[\d.]+) ([A-Z]{3})$/gm,
  )) {
    const key = `${account} ${currency}`;
    found.set(key, (found.get(key) ?? 0n) + minorUnits(amount));
  }
  return sorted([...found].map(([key, sum]) => [key, sum.toString()]));
}
