import { POSTINGS } from './posting-table';

const rows = Object.entries(POSTINGS);

describe('posting table', () => {
  it('gives each posting its own fact and its own key', () => {
    expect(new Set(rows.map(([, row]) => row.fact)).size).toBe(rows.length);
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
