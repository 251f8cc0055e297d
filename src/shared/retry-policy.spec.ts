import fc from 'fast-check';
import { failureClassOf, nextDelayMs, RETRY_POLICIES, type FailureClass } from './retry-policy';

const classes = fc.constantFrom<FailureClass>('transient', 'unknown', 'permanent');
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const HOUR_MS = 3_600_000;

describe('failureClassOf', () => {
  it.each([
    ['validation', 'permanent'],
    ['authentication', 'permanent'],
    ['authorization', 'permanent'],
    ['not_found', 'permanent'],
    ['business', 'permanent'],
    ['conflict', 'transient'],
    ['rate_limit', 'transient'],
    ['provider', 'transient'],
    ['unavailable', 'transient'],
    ['unexpected', 'unknown'],
  ] as const)('%s is %s', (kind, expected) => {
    expect(failureClassOf(kind)).toBe(expected);
  });
});

describe('nextDelayMs', () => {
  it('gives up at once on what is permanent', () => {
    expect(nextDelayMs('permanent', 1, 0.5)).toBeNull();
    expect(nextDelayMs('permanent', 1, 0.5, 60_000)).toBeNull();
  });

  it.each([
    ['transient', 1, 500, 1_000],
    ['transient', 2, 1_000, 2_000],
    ['transient', 5, 8_000, 16_000],
    ['transient', 30, HOUR_MS, 2 * HOUR_MS],
    ['unknown', 1, 1_000, 2_000],
    ['unknown', 7, 64_000, 128_000],
  ] as const)('%s, failure %i: between %i and %i ms', (failureClass, failures, least, most) => {
    expect(nextDelayMs(failureClass, failures, 0)).toBe(least);
    expect(nextDelayMs(failureClass, failures, 0.999_999_9)).toBe(most);
  });

  it('stays within its bounds, and never below what the other side asked for', () => {
    fc.assert(
      fc.property(
        classes,
        fc.integer({ min: 1, max: 5000 }),
        random,
        fc.nat(1e9),
        (failureClass, failures, r, asked) => {
          const policy = RETRY_POLICIES[failureClass];
          const delay = nextDelayMs(failureClass, failures, r, asked);
          expect(delay === null).toBe(failures >= policy.maxAttempts);
          if (delay === null) return;
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(Math.max(asked, policy.baseMs / 2));
          expect(delay).toBeLessThanOrEqual(Math.max(asked, policy.capMs));
        },
      ),
    );
  });

  it('carries a transient failure over about three days, an unknown one over minutes', () => {
    const horizon = (failureClass: FailureClass, r: number): number => {
      let total = 0;
      for (let failures = 1; ; failures += 1) {
        const delay = nextDelayMs(failureClass, failures, r);
        if (delay === null) return total;
        total += delay;
      }
    };
    expect(horizon('transient', 0) / HOUR_MS).toBeGreaterThan(45);
    expect(horizon('transient', 0.5) / HOUR_MS).toBeGreaterThan(68);
    expect(horizon('transient', 0.999) / HOUR_MS).toBeLessThan(100);
    expect(horizon('unknown', 0.5)).toBeLessThan(HOUR_MS);
  });
});
