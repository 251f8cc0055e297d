import fc from 'fast-check';
import { canonicalJson, compareText, sameJson } from './canonical-json';

describe('canonicalJson', () => {
  it('is the same text for the same value, and reads back as it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        // JSON has no -0.
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, unknown, string]>([
    ['leaves out what is undefined', { b: 1, a: undefined }, '{"b":1}'],
    ['keeps places in a list', [undefined, 1], '[null,1]'],
    ['writes moments as JSON does', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['sorts keys as text', { 10: 1, 9: 2, a: 3 }, '{"10":1,"9":2,"a":3}'],
  ])('%s', (_title, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('tells a value that is missing from one that is null', () => {
    expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}));
  });
});

describe('sameJson', () => {
  const small = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.constantFrom(null, true, 0, 1, '', 'a'),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'toString'), tie('value'), { maxKeys: 2 }),
    ),
  })).value;

  it('says the same as the texts', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(sameJson([a], [b])).toBe(canonicalJson([a]) === canonicalJson([b]));
        expect(sameJson([a], [reversed(structuredClone(a))])).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes a name without a value for none', () => {
    expect(sameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameJson({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(sameJson({ a: 1 }, { a: 1, b: null })).toBe(false);
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part)]),
  );
}

describe('compareText', () => {
  it('orders by code units, not by locale', () => {
    expect(['b', 'a', 'B', 'ä', 'a'].sort(compareText)).toEqual(['B', 'a', 'a', 'b', 'ä']);
    expect(compareText('a', 'a')).toBe(0);
  });
});
