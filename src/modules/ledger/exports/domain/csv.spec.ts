import fc from 'fast-check';
import { csvRecord } from './csv';

/** RFC 4180 read back, written apart from the writer. */
function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let rest = text;
  while (rest !== '') {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest);
    const raw = quoted?.[0] ?? /^[^,\r\n]*/.exec(rest)?.[0] ?? '';
    record.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : raw);
    rest = rest.slice(raw.length);
    if (rest.startsWith(',')) rest = rest.slice(1);
    else if (rest.startsWith('\r\n')) {
      records.push(record);
      record = [];
      rest = rest.slice(2);
    } else throw new Error(`Not RFC 4180: ${rest}`);
  }
  return records;
}

describe('csvRecord', () => {
  it.each([
    [['a', 'b'], 'a,b\r\n'],
    [['a', null], 'a,\r\n'],
    [['a,b', 'say "hi"', 'two\nlines'], '"a,b","say ""hi""","two\nlines"\r\n'],
  ])('%j', (fields, expected) => {
    expect(csvRecord(fields)).toBe(expected);
  });

  it('is read back as it was written, whatever characters there are', () => {
    const field = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a') }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 5 }), { maxLength: 5 }), (records) => {
        expect(recordsOf(records.map(csvRecord).join(''))).toEqual(records);
      }),
    );
  });
});
