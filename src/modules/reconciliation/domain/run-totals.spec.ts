import { totalsOf } from './run-totals';
import { dailyWindow, windowDays } from './window';

describe('totals', () => {
  const figures = { lines: 1, gross: 2_900, fee: 114, net: 2_786 };

  it('stand beside each other, by day and currency', () => {
    const nothing = { lines: 0, gross: 0, fee: 0, net: 0 };
    expect(
      totalsOf([
        { side: 'books', day: '2026-01-02', currency: 'USD', ...figures },
        { side: 'provider', day: '2026-01-02', currency: 'USD', ...figures },
        { side: 'provider', day: '2026-01-01', currency: 'USD', ...figures },
        { side: 'books', day: '2026-01-02', currency: 'EUR', ...figures },
      ]),
    ).toEqual([
      { day: '2026-01-01', currency: 'USD', provider: figures, books: nothing },
      { day: '2026-01-02', currency: 'EUR', provider: nothing, books: figures },
      { day: '2026-01-02', currency: 'USD', provider: figures, books: figures },
    ]);
    expect(totalsOf([])).toEqual([]);
  });
});

describe('windows', () => {
  it.each(['2026-03-10T00:00:00.000Z', '2026-03-10T23:59:59.999Z'])('of the last days are whole: %s', (now) => {
    expect(dailyWindow(new Date(now))).toEqual({
      from: new Date('2026-03-03T00:00:00Z'),
      to: new Date('2026-03-10T00:00:00Z'),
    });
  });

  it('count the days begun', () => {
    const from = new Date('2026-01-01T00:00:00Z');
    expect(windowDays(from, new Date('2026-01-02T00:00:00Z'))).toBe(1);
    expect(windowDays(from, new Date('2026-01-02T00:00:00.001Z'))).toBe(2);
  });
});
