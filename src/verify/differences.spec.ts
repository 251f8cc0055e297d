import { differencesOf } from './differences';
import type { Outcome, OutcomeRow } from './outcome.repository';

const row = (columns: object): OutcomeRow => ({ customerId: 'cust_1', aggregate: null, row: { ...columns } });
const outcome = (rows: Record<string, OutcomeRow>): Outcome => new Map([['invoices', new Map(Object.entries(rows))]]);

describe('differencesOf', () => {
  it('finds nothing between equals, in whatever order their keys were written', () => {
    const lines = [{ a: 1, b: null }];
    expect(
      differencesOf(outcome({ in_1: row({ lines, total: 1 }) }), outcome({ in_1: row({ total: 1, lines }) })),
    ).toEqual([]);
  });

  it('tells only the columns that differ, and rows that only one of both has', () => {
    const expected = outcome({ in_1: row({ total: 1, status: 'paid' }), in_2: row({ total: 2 }) });
    const actual = outcome({ in_1: row({ total: 1, status: 'open' }), in_3: row({ total: 3 }) });
    const base = { table: 'invoices', customerId: 'cust_1', aggregate: null };
    expect(differencesOf(expected, actual)).toEqual([
      { ...base, key: 'in_1', expected: { status: 'paid' }, actual: { status: 'open' } },
      { ...base, key: 'in_2', expected: { total: 2 }, actual: null },
      { ...base, key: 'in_3', expected: null, actual: { total: 3 } },
    ]);
  });

  it('passes over tables that only one of both has', () => {
    expect(differencesOf(new Map(), outcome({ in_1: row({}) }))).toEqual([]);
    expect(differencesOf(outcome({ in_1: row({}) }), new Map())).toEqual([]);
  });
});
