import fc from 'fast-check';
import { merge, type Keyed } from './merge';

async function* of(keys: readonly string[]): AsyncGenerator<Keyed, void, void> {
  for (const key of keys) yield await Promise.resolve({ key });
}

const sorted = (keys: readonly string[]): string[] =>
  [...new Set(keys)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

async function pairs(left: readonly string[], right: readonly string[]): Promise<[string, boolean, boolean][]> {
  const all: [string, boolean, boolean][] = [];
  for await (const { key, left: a, right: b } of merge(of(left), of(right))) all.push([key, a !== null, b !== null]);
  return all;
}

describe('merge', () => {
  it('pairs what both have, and shows what only one has', async () => {
    expect(await pairs(['a', 'b', 'd'], ['b', 'c'])).toEqual([
      ['a', true, false],
      ['b', true, true],
      ['c', false, true],
      ['d', true, false],
    ]);
    expect(await pairs([], [])).toEqual([]);
  });

  it('meets every key once, in order, whatever characters it has', async () => {
    const keys = fc.array(fc.string({ unit: 'binary', minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(keys, keys, async (some, others) => {
        const [left, right] = [sorted(some), sorted(others)];
        const expected = sorted([...left, ...right]).map((key) => [key, left.includes(key), right.includes(key)]);
        expect(await pairs(left, right)).toEqual(expected);
      }),
    );
  });
});
