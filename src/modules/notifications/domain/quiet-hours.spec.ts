import fc from 'fast-check';
import { isTimeZone, quietUntil } from './quiet-hours';

const NIGHT = { from: '22:00', to: '07:00' };
const until = (at: string, zone: string, hours = NIGHT): string | null =>
  quietUntil(new Date(at), hours, zone)?.toISOString() ?? null;

describe('quiet hours', () => {
  it.each([
    ['before', '2026-01-15T20:59:59Z', 'Europe/Berlin', null],
    ['at their beginning', '2026-01-15T21:00:00Z', 'Europe/Berlin', '2026-01-16T06:00:00.000Z'],
    ['after midnight', '2026-01-16T03:00:00Z', 'Europe/Berlin', '2026-01-16T06:00:00.000Z'],
    ['at their end', '2026-01-16T06:00:00Z', 'Europe/Berlin', null],
    ['elsewhere', '2026-01-16T03:00:00Z', 'America/New_York', '2026-01-16T12:00:00.000Z'],
    ['in a zone of 45 minutes', '2026-01-15T17:00:00Z', 'Asia/Kathmandu', '2026-01-16T01:15:00.000Z'],
    ['in the night the clocks go forward', '2026-03-28T22:30:00Z', 'Europe/Berlin', '2026-03-29T05:00:00.000Z'],
    ['in the night the clocks go back', '2026-10-24T21:00:00Z', 'Europe/Berlin', '2026-10-25T06:00:00.000Z'],
  ])('%s', (_title, at, zone, expected) => {
    expect(until(at, zone)).toBe(expected);
  });

  it('of one day', () => {
    const noon = { from: '12:00', to: '14:30' };
    expect(until('2026-01-15T11:59:00Z', 'UTC', noon)).toBeNull();
    expect(until('2026-01-15T12:00:00Z', 'UTC', noon)).toBe('2026-01-15T14:30:00.000Z');
    expect(until('2026-01-15T14:30:00Z', 'UTC', noon)).toBeNull();
  });

  it('end at the moment the clocks are put to where their end is skipped, and at the second of two', () => {
    expect(until('2026-03-29T00:30:00Z', 'Europe/Berlin', { from: '22:00', to: '02:30' })).toBe(
      '2026-03-29T01:30:00.000Z',
    );
    expect(until('2026-10-25T01:10:00Z', 'Europe/Berlin', { from: '22:00', to: '02:30' })).toBe(
      '2026-10-25T01:30:00.000Z',
    );
  });

  it('are over at their end, which comes within a day and a bit', () => {
    const time = fc.integer({ min: 0, max: 1439 }).map((m) => new Date(m * 60_000).toISOString().slice(11, 16));
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tokyo', 'UTC');
    const at = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(time, time, zone, at, (from, to, timeZone, now) => {
        fc.pre(from !== to);
        const end = quietUntil(now, { from, to }, timeZone);
        if (!end) return;
        expect(end.getTime()).toBeGreaterThan(now.getTime());
        expect(end.getTime() - now.getTime()).toBeLessThan(26 * 3_600_000);
      }),
    );
  });
});

describe('a time zone', () => {
  it.each(['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'UTC'])('is %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });
  it.each(['', 'Mars/Olympus', 'Europe/Berlin\u0000', "Europe/Berlin'; --", 'Berlin', 'x'.repeat(10_000)])(
    'is not %j',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});
