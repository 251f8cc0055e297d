import fc from 'fast-check';
import { shrink } from './shrink';

const patient = { tries: 10_000, goesOn: () => true };

describe('shrink', () => {
  it('finds what a failure needs, and nothing else', async () => {
    const cases = fc
      .uniqueArray(fc.nat(200), { minLength: 4, maxLength: 60 })
      .chain((whole) => fc.tuple(fc.constant(whole), fc.subarray(whole, { minLength: 1, maxLength: 4 })));
    await fc.assert(
      fc.asyncProperty(cases, async ([whole, needed]) => {
        const fails = (part: readonly number[]): Promise<boolean> =>
          Promise.resolve(needed.every((one) => part.includes(one)));
        expect([...(await shrink(whole, fails, patient))].sort()).toEqual([...needed].sort());
      }),
    );
  });

  it('ends with what it has when its tries or its time are used up', async () => {
    const whole = Array.from({ length: 64 }, (_, i) => i);
    let asked = 0;
    const fails = (part: readonly number[]): Promise<boolean> => {
      asked += 1;
      return Promise.resolve(part.includes(63));
    };
    expect(await shrink(whole, fails, { ...patient, tries: 2 })).toHaveLength(16);
    expect(asked).toBe(2);
    expect(await shrink(whole, fails, { ...patient, goesOn: () => false })).toBe(whole);
  });
});
