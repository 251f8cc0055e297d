import fc from 'fast-check';
import { isWithinTolerance } from './quote-tolerance';

describe('isWithinTolerance', () => {
  it.each<[string, bigint, bigint, number, boolean]>([
    ['the same', 10_000n, 10_000n, 0, true],
    ['a cent more where nothing is tolerated', 10_000n, 10_001n, 0, false],
    ['half a per cent more', 10_000n, 10_050n, 50, true],
    ['a cent more than that', 10_000n, 10_051n, 50, false],
    ['half a per cent less', 10_000n, 9_950n, 50, true],
    ['a cent less than that', 10_000n, 9_949n, 50, false],
    ['a fraction of a cent beyond it', 199n, 200n, 50, false],
    ['beyond what a number holds', 2n ** 60n, 2n ** 60n + 1n, 1, true],
    ['twice as much, where all is tolerated', 100n, 200n, 10_000, true],
    ['more than twice as much', 100n, 201n, 10_000, false],
  ])('%s', (_name, before, after, bps, is) => {
    expect(isWithinTolerance(before, after, bps)).toBe(is);
  });

  it('takes dearer and cheaper alike, and what it takes it takes with more tolerance, too', () => {
    const amount = fc.bigInt({ min: 1n, max: 2n ** 53n });
    fc.assert(
      fc.property(amount, fc.bigInt({ min: 0n, max: 2n ** 52n }), fc.nat(9_999), (before, by, bps) => {
        const is = isWithinTolerance(before, before + by, bps);
        expect(isWithinTolerance(before, before - by, bps)).toBe(is);
        if (is) expect(isWithinTolerance(before, before + by, bps + 1)).toBe(true);
      }),
    );
  });
});
