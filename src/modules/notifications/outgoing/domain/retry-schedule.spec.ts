import fc from 'fast-check';
import { hasFailedForTooLong, nextAttemptInMs, TRIED_FOR_MS } from './retry-schedule';

const DAY = 86_400_000;
const wait = (failures: number, elapsedMs = 0, random = 0, retryAfterMs = 0): number | null =>
  nextAttemptInMs({ failures, elapsedMs, random, retryAfterMs });

describe('the next attempt', () => {
  it.each([
    [1, 5],
    [2, 15],
    [3, 45],
    [4, 135],
    [5, 405],
    [6, 1_215],
    [7, 3_645],
    [8, 10_935],
    [9, 32_805],
    [10, 43_200],
    [11, 43_200],
    [1_000_000, 43_200],
  ])('after failure %d is %d s away', (failures, seconds) => {
    expect(wait(failures)).toBe(seconds * 1000);
  });

  it.each<[string, [number, number, number, number], number | null]>([
    ['lengthened by a fifth at most', [1, 0, 0.999_999, 0], 6_000],
    ['when the endpoint says', [1, 0, 0, 60_000], 60_000],
    ['not sooner than it says', [10, 0, 0, 1_000], 43_200_000],
    ['at the end of the third day at the latest', [1, TRIED_FOR_MS - 1_000, 0, DAY * 400], 1_000],
    ['not later than that', [12, TRIED_FOR_MS - 60_000, 0, 0], 60_000],
    ['none at the end', [12, TRIED_FOR_MS, 0, 0], null],
    ['none after it', [1, TRIED_FOR_MS + 1, 0.5, DAY], null],
  ])('is %s', (_title, [failures, elapsed, random, retryAfter], expected) => {
    expect(wait(failures, elapsed, random, retryAfter)).toBe(expected);
  });

  it('makes some fifteen of them in three days, whatever the dice say, and ends', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 40, maxLength: 40 }),
        (dice) => {
          let elapsed = 0;
          let attempts = 1;
          for (const random of dice) {
            const next = wait(attempts, elapsed, random);
            if (next === null) break;
            expect(next).toBeGreaterThan(0);
            elapsed += next;
            attempts += 1;
          }
          expect(elapsed).toBe(TRIED_FOR_MS);
          expect(attempts).toBeGreaterThanOrEqual(13);
          expect(attempts).toBeLessThanOrEqual(16);
        },
      ),
    );
  });
});

describe('an endpoint that fails', () => {
  it.each([
    [5 * DAY - 1, 5, false],
    [5 * DAY, 5, true],
    [0, 5, false],
    [1_000 * DAY, 0, false],
  ])('for %d ms, with %d days: is left alone %s', (failingFor, days, expected) => {
    expect(hasFailedForTooLong(failingFor, days)).toBe(expected);
  });
});
