import { rowChanges, type TableRow } from './row-changes';

const sub = (id: string, row: object): TableRow => ({ table: 'subscriptions', key: { id }, row: { id, ...row } });
const entry = (transaction_id: string, position: number, amount: number): TableRow => ({
  table: 'journal_entries',
  key: { transaction_id, position },
  row: { transaction_id, position, amount },
});

describe('rowChanges', () => {
  const active = sub('sub_1', { status: 'active', updated_at: '1' });
  const canceled = sub('sub_1', { status: 'canceled', updated_at: '2' });
  const touched = sub('sub_1', { status: 'active', updated_at: '2' });
  const other = sub('sub_2', { status: 'active', updated_at: '1' });

  it.each<[string, TableRow[], TableRow[], [unknown, unknown][]]>([
    ['nothing from nothing', [], [], []],
    ['nothing where rows are the same', [active, other], [other, active], []],
    ['nothing where only the time of the touch differs', [active], [touched], []],
    ['a new row', [], [active], [[null, active.row]]],
    ['a row that is gone', [active], [], [[active.row, null]]],
    ['a changed row with all its columns', [active, other], [canceled, other], [[active.row, canceled.row]]],
    [
      'null as something else than nothing',
      [sub('sub_1', {})],
      [sub('sub_1', { plan: null })],
      [[{ id: 'sub_1' }, { id: 'sub_1', plan: null }]],
    ],
    [
      'what changed deep inside',
      [sub('sub_1', { a: { b: [1] } })],
      [sub('sub_1', { a: { b: [2] } })],
      [
        [
          { id: 'sub_1', a: { b: [1] } },
          { id: 'sub_1', a: { b: [2] } },
        ],
      ],
    ],
  ])('finds %s', (_, before, after, expected) => {
    expect(rowChanges(before, after).map((change) => [change.before, change.after])).toEqual(expected);
  });

  it('tells rows apart by the whole key, whatever the order of its columns', () => {
    const turned: TableRow = { ...entry('jtx_1', 0, 5), key: { position: 0, transaction_id: 'jtx_1' } };
    expect(rowChanges([entry('jtx_1', 0, 5), entry('jtx_1', 1, -5)], [turned, entry('jtx_1', 1, -6)])).toEqual([
      {
        table: 'journal_entries',
        key: { transaction_id: 'jtx_1', position: 1 },
        before: { transaction_id: 'jtx_1', position: 1, amount: -5 },
        after: { transaction_id: 'jtx_1', position: 1, amount: -6 },
      },
    ]);
  });

  it('tells rows of different tables apart, and keeps each table together', () => {
    const before = [sub('x', {}), { ...sub('x', {}), table: 'invoices' }];
    const after = [...before, sub('y', {})].map((one) => ({ ...one, row: { ...one.row, seen: true } }));
    expect(rowChanges(before, after).map(({ table, key }) => [table, key['id']])).toEqual([
      ['subscriptions', 'x'],
      ['subscriptions', 'y'],
      ['invoices', 'x'],
    ]);
  });
});
