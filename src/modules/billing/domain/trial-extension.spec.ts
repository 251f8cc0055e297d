import { extendedEnd, extensionLeft } from './trial-extension';

const begun = new Date('2026-01-31T10:00:00Z');
const on = (day: string) => new Date(`${day}T10:00:00Z`);

describe('trial extension', () => {
  it.each<[string, number]>([
    ['2026-02-14', 30],
    ['2026-04-01', 30],
    ['2026-04-02', 29],
    ['2026-04-30', 1],
    ['2026-05-01', 0],
    ['2026-08-01', 0],
  ])('a trial that ends on %s may get %i days more', (end, days) => {
    expect(extensionLeft(begun, on(end))).toBe(days);
  });

  it('counts days of 24 hours, through February and a change of clocks', () => {
    expect(extendedEnd(on('2026-02-20'), 30)).toEqual(on('2026-03-22'));
  });
});
