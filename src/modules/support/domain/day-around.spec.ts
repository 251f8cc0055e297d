import { dayAround } from './day-around';

const NOW = new Date('2026-01-15T10:00:00Z');

describe('the day of a moment', () => {
  it.each([
    ['2026-01-13T23:59:59.999Z', '2026-01-13T00:00:00.000Z', '2026-01-14T00:00:00.000Z'],
    ['2026-01-13T00:00:00.000Z', '2026-01-13T00:00:00.000Z', '2026-01-14T00:00:00.000Z'],
    ['2026-01-14T00:00:00.000Z', '2026-01-14T00:00:00.000Z', '2026-01-15T00:00:00.000Z'],
    ['2026-01-15T08:00:00.000Z', '2026-01-15T00:00:00.000Z', '2026-01-15T10:00:00.000Z'],
  ])('%s: from %s to %s', (moment, from, to) => {
    expect(dayAround(new Date(moment), NOW)).toEqual({ from: new Date(from), to: new Date(to) });
  });
});
