import fc from 'fast-check';
import { dealt } from './spec-groups';

describe('groups of specs', () => {
  const specs = fc
    .array(fc.double({ min: 0.01, max: 60, noNaN: true }), { maxLength: 150 })
    .map((seconds) => seconds.map((each, i) => ({ spec: `${i}.spec.ts`, seconds: each })));
  const lengthOf = (group: readonly { seconds: number }[]): number =>
    group.reduce((sum, { seconds }) => sum + seconds, 0);

  it('have every spec once, and are the same for the same specs', () => {
    fc.assert(
      fc.property(specs, (given) => {
        const names = dealt(given).flatMap((group) => group.map(({ spec }) => spec));
        expect(names.sort()).toEqual(given.map(({ spec }) => spec).sort());
        expect(dealt([...given].reverse())).toEqual(dealt(given));
      }),
    );
  });

  it('end with short ones, so that no worker waits long for another', () => {
    const given = Array.from({ length: 200 }, (_, i) => ({ spec: `${i}.spec.ts`, seconds: 1 + (i % 7) }));
    const lengths = dealt(given).map(lengthOf);
    expect(Math.max(...lengths)).toBeLessThan(95);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
    expect(lengths.filter((seconds) => seconds < 25).length).toBeGreaterThanOrEqual(2);
  });
});
