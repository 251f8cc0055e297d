import fc from 'fast-check';
import { IntervalUnit, addInterval, addMonths, daysBetween, startOfUtcDay, utcDay } from './calendar';

const at = (text: string): Date => new Date(text);
const dates = fc.date({ min: at('1990-01-01T00:00:00Z'), max: at('2090-01-01T00:00:00Z'), noInvalidDate: true });
const DAY_MS = 86_400_000;

describe('addMonths', () => {
  it.each([
    ['2025-01-31T10:00:00Z', 1, 31, '2025-02-28T10:00:00.000Z'],
    ['2024-01-31T10:00:00Z', 1, 31, '2024-02-29T10:00:00.000Z'],
    ['2025-02-28T10:00:00Z', 1, 31, '2025-03-31T10:00:00.000Z'],
    ['2025-03-31T10:00:00Z', 1, 31, '2025-04-30T10:00:00.000Z'],
    ['2025-03-31T10:00:00Z', -1, 31, '2025-02-28T10:00:00.000Z'],
    ['2024-02-29T00:00:00Z', 12, 29, '2025-02-28T00:00:00.000Z'],
    ['2025-02-28T00:00:00Z', 36, 29, '2028-02-29T00:00:00.000Z'],
    ['2025-12-15T23:59:59.999Z', 1, 15, '2026-01-15T23:59:59.999Z'],
    ['2025-05-05T05:05:05Z', 0, 5, '2025-05-05T05:05:05.000Z'],
  ])('%s + %i months on day %i', (from, months, anchorDay, expected) => {
    expect(addMonths(at(from), months, anchorDay).toISOString()).toBe(expected);
  });

  it('does not drift: month by month with the anchor is the same as all at once', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 40 }), (start, months) => {
        const anchorDay = start.getUTCDate();
        let stepwise = start;
        for (let i = 0; i < months; i += 1) stepwise = addMonths(stepwise, 1, anchorDay);
        expect(stepwise).toEqual(addMonths(start, months));
        expect(addMonths(stepwise, -months, anchorDay)).toEqual(start);
      }),
    );
  });
});

describe('addInterval', () => {
  it.each<[IntervalUnit, number, string]>([
    ['day', 2, '2025-02-02T12:00:00.000Z'],
    ['week', 1, '2025-02-07T12:00:00.000Z'],
    ['month', 1, '2025-02-28T12:00:00.000Z'],
    ['month', 3, '2025-04-30T12:00:00.000Z'],
    ['year', 1, '2026-01-31T12:00:00.000Z'],
    ['day', -31, '2024-12-31T12:00:00.000Z'],
  ])('%s x %i', (unit, count, expected) => {
    expect(addInterval(at('2025-01-31T12:00:00Z'), unit, count).toISOString()).toBe(expected);
  });

  it('keeps the anchor', () => {
    expect(addInterval(at('2025-02-28T12:00:00Z'), 'month', 1, 31).toISOString()).toBe('2025-03-31T12:00:00.000Z');
    expect(addInterval(at('2025-02-28T12:00:00Z'), 'year', 3, 29).toISOString()).toBe('2028-02-29T12:00:00.000Z');
  });

  it('always moves forward', () => {
    const units = fc.constantFrom<IntervalUnit>('day', 'week', 'month', 'year');
    fc.assert(
      fc.property(dates, units, fc.integer({ min: 1, max: 24 }), (start, unit, count) => {
        expect(addInterval(start, unit, count).getTime()).toBeGreaterThan(start.getTime());
      }),
    );
  });
});

describe('UTC days', () => {
  it('names and starts the day in UTC, wherever the process runs', () => {
    expect(utcDay(at('2025-03-30T23:59:59.999Z'))).toBe('2025-03-30');
    expect(startOfUtcDay(at('2025-03-30T23:59:59.999Z')).toISOString()).toBe('2025-03-30T00:00:00.000Z');
  });

  it.each([
    ['2025-01-01T00:00:00Z', '2025-01-01T23:59:59Z', 0],
    ['2025-01-01T23:59:59Z', '2025-01-02T00:00:00Z', 1],
    ['2024-02-28T12:00:00Z', '2024-03-01T00:00:00Z', 2],
    ['2025-01-02T00:00:00Z', '2025-01-01T23:00:00Z', -1],
  ])('from %s to %s are %i', (from, to, days) => {
    expect(daysBetween(at(from), at(to))).toBe(days);
  });

  it('counts the days that were added', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -500, max: 500 }), (start, days) => {
        expect(daysBetween(start, new Date(start.getTime() + days * DAY_MS))).toBe(days);
      }),
    );
  });
});
