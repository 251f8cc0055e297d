import { statesOf, terminalStates, unreachableStates } from '../../../shared/state-machine';
import type { TicketStatus } from './ticket';
import { moveTicket, TICKET_MACHINE, type TicketMove } from './ticket-machine';

const MOVES: readonly TicketMove[] = [
  'investigate',
  'reopen',
  'edit',
  'resolve',
  'retry',
  'retry_succeeded',
  'retry_failed',
  'moot',
];

/** Rows: from. Columns: where each move leads, in the order above; a dot: nowhere. */
const MATRIX = `
open           investigating  open  open           resolved  retrying  .         .     resolved
investigating  investigating  open  investigating  resolved  retrying  .         .     .
retrying       .              .     retrying       resolved  .         resolved  open  .
resolved       .              .     .              .         .         .         .     .`;

const rows = MATRIX.trim().split('\n');
const cases = rows.flatMap((row) => {
  const [from = '', ...cells] = row.trim().split(/\s+/);
  return cells.map((to, i) => [from, MOVES[i], to] as [TicketStatus, TicketMove, TicketStatus | '.']);
});

describe('ticket machine', () => {
  it('is tested for every status and every move', () => {
    expect(cases).toHaveLength(32);
    expect(rows.map((row) => row.split(' ')[0])).toEqual(statesOf<TicketStatus>(TICKET_MACHINE));
  });

  it.each(cases)('%s, %s -> %s', (from, move, to) => {
    expect(moveTicket(from, move)).toEqual(
      to === '.' ? { ok: false, reason: 'not_possible', state: from } : { ok: true, state: to, changed: from !== to },
    );
  });

  it('reaches every status, and only a resolved ticket is closed', () => {
    expect(unreachableStates<TicketStatus>(TICKET_MACHINE)).toEqual([]);
    expect(terminalStates<TicketStatus>(TICKET_MACHINE)).toEqual(['resolved']);
  });
});
