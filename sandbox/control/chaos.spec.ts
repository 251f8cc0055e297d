import fc from 'fast-check';
import { Chaos } from './chaos';
import { SeededRandom } from './random';

describe('SeededRandom', () => {
  it('repeats itself from its seed and shuffles without losing anything', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer()), (seed, items) => {
        const shuffled = new SeededRandom(seed).shuffle(items);
        expect(new SeededRandom(seed).shuffle(items)).toEqual(shuffled);
        expect([...shuffled].sort()).toEqual([...items].sort());
      }),
    );
  });
});

describe('Chaos', () => {
  const open = (seed = 1): Chaos => new Chaos(new SeededRandom(seed));

  it('is calm until told otherwise', () => {
    const chaos = open();
    expect(chaos.forRequest('POST', '/v1/customers').fault).toBeNull();
    expect(chaos.forEvent('invoice.paid')).toEqual({
      drop: false,
      reorder: false,
      oldApiVersion: false,
      copies: 0,
      delayMs: 0,
    });
  });

  it('takes only what a rule names, as often as it says', () => {
    const chaos = open();
    chaos.set({
      api: [{ fault: 'error_429', method: 'POST', pathPrefix: '/v1/invoices', times: 2, retryAfterSeconds: 7 }],
      webhooks: [
        { fault: 'duplicate', types: ['invoice.paid'], copies: 3, times: 1 },
        { fault: 'delay', delayMs: 50 },
      ],
    });
    expect(chaos.forRequest('GET', '/v1/invoices').fault).toBeNull();
    expect(chaos.forRequest('POST', '/v1/customers').fault).toBeNull();
    const struck = Array.from({ length: 3 }, () => chaos.forRequest('POST', '/v1/invoices/in_1/pay'));
    expect(struck.map((s) => s.fault)).toEqual(['error_429', 'error_429', null]);
    expect(struck[0]?.retryAfterSeconds).toBe(7);
    expect(chaos.forEvent('invoice.paid')).toMatchObject({ copies: 3, delayMs: 50 });
    expect(chaos.forEvent('invoice.paid')).toMatchObject({ copies: 0, delayMs: 50 });
  });

  it('gives one fault per request, in the order of the rules, with any latency', () => {
    const chaos = open();
    chaos.set({
      api: [
        { fault: 'error_429', times: 1 },
        { fault: 'latency', latencyMs: 5 },
        { fault: 'error_500', times: 1 },
      ],
    });
    const met = Array.from({ length: 3 }, () => chaos.forRequest('GET', '/v1/events'));
    expect(met.map(({ fault, latencyMs }) => [fault, latencyMs])).toEqual([
      ['error_429', 5],
      ['error_500', 5],
      [null, 5],
    ]);
  });

  it('strikes at its rate, the same way for the same seed', () => {
    const run = (seed: number): boolean[] => {
      const chaos = open(seed);
      chaos.set({ webhooks: [{ fault: 'drop', rate: 0.3 }] });
      return Array.from({ length: 2000 }, () => chaos.forEvent('x').drop);
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
    const share = run(7).filter(Boolean).length / 2000;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.35);
  });
});
