import fc from 'fast-check';
import type { InvoiceLine } from '../../../../shared/facts';
import { dayBegun, earnedBy, earningLines, nextRelease, releasableBy, type EarnedLine } from './recognition';

const at = (text: string): Date => new Date(`${text}Z`);
const line = (amount: bigint, from: string, to: string): EarnedLine => ({ amount, startsAt: at(from), endsAt: at(to) });
const year = line(36_500n, '2026-01-01T00:00:00', '2027-01-01T00:00:00');

const told = (amount: number, more: Partial<InvoiceLine> = {}): InvoiceLine => ({
  ref: 'il_1',
  description: null,
  amount,
  currency: 'USD',
  quantity: 1,
  priceRef: 'price_1',
  periodStart: '2026-01-01T00:00:00.000Z',
  periodEnd: '2026-02-01T00:00:00.000Z',
  proration: false,
  tax: 0,
  ...more,
});

const anyLine = fc
  .record({
    amount: fc.bigInt(-1_000_000n, 1_000_000n),
    from: fc.integer({ min: 0, max: 400 * 86_400 }),
    lasts: fc.integer({ min: 0, max: 400 * 86_400 }),
  })
  .map(({ amount, from, lasts }): EarnedLine => {
    const startsAt = new Date(at('2026-01-01T00:00:00').getTime() + from * 1000);
    return { amount, startsAt, endsAt: new Date(startsAt.getTime() + lasts * 1000) };
  });

describe('earnedBy', () => {
  it.each<[string, bigint]>([
    ['2025-12-31T23:59:59', 0n],
    ['2026-01-01T00:00:00', 0n],
    ['2026-01-02T00:00:00', 100n],
    ['2026-07-02T12:00:00', 18_250n],
    ['2026-12-31T23:59:59', 36_499n],
    ['2027-01-01T00:00:00', 36_500n],
    ['2030-01-01T00:00:00', 36_500n],
  ])('an annual plan by %s', (moment, earned) => {
    expect(earnedBy(year, at(moment))).toBe(earned);
  });

  it('is all of a line without a length at once', () => {
    const moment = line(500n, '2026-01-01T00:00:00', '2026-01-01T00:00:00');
    expect(earnedBy(moment, at('2026-01-01T00:00:00'))).toBe(500n);
  });

  it('never falls, and mirrors a credit', () => {
    fc.assert(
      fc.property(anyLine, fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 2 }), (one, days) => {
        const size = { ...one, amount: one.amount < 0n ? -one.amount : one.amount };
        let before = 0n;
        for (const day of [...days].sort((a, b) => a - b)) {
          const moment = new Date(at('2026-01-01T00:00:00').getTime() + day * 86_400_000);
          const earned = earnedBy(size, moment);
          expect(earned >= before && earned <= size.amount).toBe(true);
          expect(earnedBy({ ...size, amount: -size.amount }, moment)).toBe(-earned);
          before = earned;
        }
      }),
    );
  });
});

describe('releasableBy', () => {
  const month = line(3_100n, '2026-01-01T00:00:00', '2026-02-01T00:00:00');

  it.each<[string, Parameters<typeof releasableBy>[0], string, bigint]>([
    ['a day of a month', { lines: [month], deferred: 3_100n, closed: false }, '2026-01-02T00:00:00', 100n],
    ['the whole of it', { lines: [month], deferred: 3_100n, closed: false }, '2026-02-01T00:00:00', 3_100n],
    [
      'all at once where nothing is owed any more',
      { lines: [month], deferred: 3_100n, closed: true },
      '2026-01-02T00:00:00',
      3_100n,
    ],
    ['nothing of what was made void', { lines: [month], deferred: 0n, closed: true }, '2026-01-20T00:00:00', 0n],
    [
      'a share of the part that was paid',
      { lines: [month], deferred: 1_550n, closed: false },
      '2026-01-11T00:00:00',
      500n,
    ],
    [
      'an upgrade: what is not used is earned no more, what is new is',
      {
        lines: [
          line(-1_550n, '2026-01-16T12:00:00', '2026-02-01T00:00:00'),
          line(3_100n, '2026-01-16T12:00:00', '2026-02-01T00:00:00'),
        ],
        deferred: 1_550n,
        closed: false,
      },
      '2026-01-24T06:00:00',
      775n,
    ],
    ['an invoice without lines', { lines: [], deferred: 500n, closed: false }, '2026-01-01T00:00:00', 500n],
  ])('%s', (_name, invoice, moment, expected) => {
    expect(releasableBy(invoice, at(moment))).toBe(expected);
  });

  it('adds up to all that was deferred, in whatever steps it is released', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(900)), (lines, days) => {
        const deferred = lines.reduce((sum, { amount }) => sum + amount, 0n);
        const moments = [...days, 900].sort((a, b) => a - b);
        let released = 0n;
        for (const day of moments) {
          const moment = new Date(at('2026-01-01T00:00:00').getTime() + day * 86_400_000);
          released += releasableBy({ lines, deferred, closed: false }, moment) - released;
        }
        expect(released).toBe(deferred);
      }),
    );
  });
});

describe('earningLines', () => {
  it.each<[string, InvoiceLine[], bigint, bigint[]]>([
    ['as they are', [told(2_900)], 2_900n, [2_900n]],
    ['less what a coupon takes off', [told(2_900, { discount: 900 })], 2_000n, [2_000n]],
    ['less the tax they contain', [told(11_900, { tax: 1_900, taxInclusive: 1_900 })], 10_000n, [10_000n]],
    ['tax on top is not in them', [told(10_000, { tax: 1_900 })], 10_000n, [10_000n]],
    ['a cent that rounding left goes to the greatest', [told(100), told(-900), told(500)], -299n, [100n, -899n, 500n]],
    ['none', [], 0n, []],
  ])('%s', (_name, lines, net, expected) => {
    expect(earningLines(lines, net).map(({ amount }) => amount)).toEqual(expected);
  });
});

describe('days', () => {
  it.each([
    ['2026-03-29T00:00:00', '2026-03-29T00:00:00'],
    ['2026-03-29T23:59:59', '2026-03-29T00:00:00'],
  ])('%s belongs to the day that began %s', (moment, begun) => {
    expect(dayBegun(at(moment))).toEqual(at(begun));
  });

  it.each<[string, EarnedLine[], string, string | null]>([
    ['the next midnight', [year], '2026-05-05T09:00:00', '2026-05-06T00:00:00'],
    ['at midnight, the next one', [year], '2026-05-05T00:00:00', '2026-05-06T00:00:00'],
    ['the end of its first day, before it has begun', [year], '2025-06-01T00:00:00', '2026-01-02T00:00:00'],
    ['never again after its end', [year], '2027-01-01T00:00:00', null],
    ['never without lines', [], '2026-01-01T00:00:00', null],
  ])('%s', (_name, lines, moment, next) => {
    expect(nextRelease(lines, at(moment))).toEqual(next === null ? null : at(next));
  });
});
