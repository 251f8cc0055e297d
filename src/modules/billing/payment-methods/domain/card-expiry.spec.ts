import fc from 'fast-check';
import { expiringMonths, expiryOf, isDue, type CardMonth } from './card-expiry';

const DAY_MS = 86_400_000;
const at = (text: string): Date => new Date(text);

describe('expiryOf', () => {
  it.each<[CardMonth, string]>([
    [{ year: 2026, month: 1 }, '2026-02-01T00:00:00.000Z'],
    [{ year: 2026, month: 2 }, '2026-03-01T00:00:00.000Z'],
    // In a leap year the card is good on the 29th.
    [{ year: 2028, month: 2 }, '2028-03-01T00:00:00.000Z'],
    [{ year: 2026, month: 4 }, '2026-05-01T00:00:00.000Z'],
    [{ year: 2026, month: 12 }, '2027-01-01T00:00:00.000Z'],
  ])('%j is over at %s', (card, over) => {
    expect(expiryOf(card).toISOString()).toBe(over);
  });
});

describe('isDue', () => {
  it.each<[string, CardMonth, string, boolean]>([
    ['a second too early', { year: 2026, month: 3 }, '2026-03-01T23:59:59.999Z', false],
    ['30 days before, to the second', { year: 2026, month: 3 }, '2026-03-02T00:00:00.000Z', true],
    ['on its last day', { year: 2026, month: 3 }, '2026-03-31T23:59:59.999Z', true],
    ['when it has expired', { year: 2026, month: 3 }, '2026-04-01T00:00:00.000Z', false],
    ['30 days before the end of a short February', { year: 2027, month: 2 }, '2027-01-30T00:00:00.000Z', true],
    ['30 days before the end of a leap February', { year: 2028, month: 2 }, '2028-01-30T23:59:59.999Z', false],
    ['and one day later', { year: 2028, month: 2 }, '2028-01-31T00:00:00.000Z', true],
    ['across the year', { year: 2026, month: 12 }, '2026-12-02T00:00:00.000Z', true],
    ['whatever the zone of the caller: not yet by UTC', { year: 2026, month: 3 }, '2026-03-02T00:30:00+01:00', false],
    ['whatever the zone of the caller: over by UTC', { year: 2026, month: 3 }, '2026-03-31T20:00:00-05:00', false],
  ])('%s', (_name, card, now, due) => {
    expect(isDue(card, at(now))).toBe(due);
  });
});

describe('expiringMonths', () => {
  it.each<[string, string, [string, string] | null]>([
    ['mid-month: this one', '2026-03-15T12:00:00Z', ['2026-03', '2026-03']],
    ['the first of 31 days: none yet', '2026-03-01T12:00:00Z', null],
    ['the first of 30 days: this one, to the second', '2026-04-01T00:00:00Z', ['2026-04', '2026-04']],
    ['the end of January: February too', '2026-01-31T12:00:00Z', ['2026-01', '2026-02']],
    ['the end of January of a leap year', '2028-01-30T12:00:00Z', ['2028-01', '2028-01']],
    ['the end of a year', '2026-12-31T23:00:00Z', ['2026-12', '2026-12']],
  ])('%s', (_name, now, months) => {
    const text = ({ year, month }: CardMonth): string => `${String(year)}-${String(month).padStart(2, '0')}`;
    const found = expiringMonths(at(now));
    expect(found && [text(found.first), text(found.last)]).toEqual(months);
  });

  it('names every month that is due, and none that is not', () => {
    const moments = fc.date({ min: at('2020-01-01T00:00:00Z'), max: at('2060-01-01T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(moments, fc.integer({ min: -3, max: 3 }), (now, distance) => {
        const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + distance, 1));
        const card = { year: month.getUTCFullYear(), month: month.getUTCMonth() + 1 };
        const found = expiringMonths(now);
        const order = ({ year, month: of }: CardMonth): number => year * 12 + of;
        const named = found !== null && order(card) >= order(found.first) && order(card) <= order(found.last);
        expect(named).toBe(isDue(card, now));
      }),
    );
  });

  it('leaves no card out: each is due for 30 days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2020, max: 2060 }), fc.integer({ min: 1, max: 12 }), (year, month) => {
        const over = expiryOf({ year, month }).getTime();
        const due = [30, 20, 10, 1].map((days) => isDue({ year, month }, new Date(over - days * DAY_MS)));
        expect(due).toEqual([true, true, true, true]);
      }),
    );
  });
});
