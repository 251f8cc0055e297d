import { canSettle, type SettlementAction } from './invoice-settlement';

const MATRIX = `
                    draft open uncollectible paid void
pay                 .     x    x             .    .
pay_out_of_band     .     x    x             .    .
void                .     x    x             .    .
mark_uncollectible  .     x    .             .    .`;

const [head = '', ...rows] = MATRIX.trim().split('\n');
const statuses = head.trim().split(/\s+/) as Parameters<typeof canSettle>[0][];

describe('invoice settlement', () => {
  it.each(
    rows.flatMap((row) => {
      const [action = '', ...cells] = row.trim().split(/\s+/);
      return statuses.map((status, i) => [action as SettlementAction, status, cells[i] === 'x'] as const);
    }),
  )('%s of a %s invoice: %p', (action, status, possible) => {
    expect(canSettle(status, action)).toBe(possible);
  });
});
