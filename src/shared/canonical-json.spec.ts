import fc from 'fast-check';
import { runs } from '../../test/support/deep';
import { canonicalJson, compareText } from './canonical-json';

describe('canonicalJson', () => {
  it('is the same text for the same value, and reads back as it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        // JSON has no -0.
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
      runs(500),
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
