import { POSTINGS } from './posting-table';

const rows = Object.entries(POSTINGS);

describe('posting table', () => {
  it('gives each posting its own key, and its own fact but for what stands on another posting of the same', () => {
    const standsOnItsFact = ({ fact, after }: (typeof rows)[number][1]): boolean =>
      after.some((before) => POSTINGS[before].fact === fact);
    const own = rows.filter(([, row]) => !standsOnItsFact(row));
    expect(new Set(own.map(([, row]) => row.fact)).size).toBe(own.length);
    expect(new Set(rows.map(([, row]) => row.kind)).size).toBe(rows.length);
    for (const [, row] of rows) expect(row.kind).toMatch(/^[a-z_]+$/);
  });

  it('names prerequisites that exist and need none themselves', () => {
    for (const [type, row] of rows) {
      for (const before of row.after) {
        expect(before).not.toBe(type);
        expect(POSTINGS[before].after).toEqual([]);
      }
    }
  });
});
