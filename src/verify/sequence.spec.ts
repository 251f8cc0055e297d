import fc from 'fast-check';
import type { Step } from './recording';
import { disordered, inOrder } from './sequence';

const items = fc.integer({ min: 0, max: 300 }).map((n) => Array.from({ length: n }, (_, i) => i));
const chaos = fc.record({ shuffle: fc.boolean(), duplicate: fc.boolean(), crash: fc.boolean() });
const told = (steps: readonly Step[]): number[] => steps.flatMap((step) => (step.do === 'tell' ? [step.item] : []));

describe('sequences', () => {
  it('tell in recorded order, once, and work after each batch', () => {
    fc.assert(
      fc.property(items, (all) => {
        const steps = inOrder(all);
        expect(told(steps)).toEqual(all);
        expect(steps.filter((step) => step.do === 'work')).toHaveLength(Math.ceil(all.length / 100));
      }),
    );
  });

  it('tell everything, whatever the chaos, and the same from the same seed', () => {
    fc.assert(
      fc.property(items, chaos, fc.nat(), (all, how, seed) => {
        const steps = disordered(all, how, seed);
        expect(disordered(all, how, seed)).toEqual(steps);
        const items = told(steps);
        expect([...new Set(items)].sort((a, b) => a - b)).toEqual(all);
        if (!how.duplicate) expect(items).toHaveLength(all.length);
        if (!how.shuffle) expect([...items].sort((a, b) => a - b)).toEqual(items);
        if (!how.crash)
          expect(steps.filter((step) => step.do === 'abandon' || (step.do === 'work' && step.crash))).toEqual([]);
      }),
    );
  });

  it('make fewer errors of our own than a row has attempts', () => {
    fc.assert(
      fc.property(items, fc.nat(), (all, seed) => {
        const steps = disordered(all, { shuffle: true, duplicate: true, crash: true }, seed);
        expect(steps.filter((step) => step.do === 'work' && step.crash?.at === 'fault').length).toBeLessThan(8);
      }),
    );
  });

  it('differ from seed to seed', () => {
    const all = Array.from({ length: 50 }, (_, i) => i);
    const how = { shuffle: true, duplicate: true, crash: true };
    expect(new Set([1, 2, 3].map((seed) => JSON.stringify(disordered(all, how, seed)))).size).toBe(3);
  });
});
