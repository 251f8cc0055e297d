import fc from 'fast-check';
import { ID_PREFIXES, IdPrefix, isId, newId } from './ids';

const prefixes = Object.keys(ID_PREFIXES) as IdPrefix[];
const anyPrefix = fc.constantFrom(...prefixes);
const anyMs = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe('ids', () => {
  it('names each thing once', () => {
    const names = Object.values(ID_PREFIXES);
    expect(new Set(names).size).toBe(names.length);
    for (const prefix of prefixes) expect(prefix).toMatch(/^[a-z]{2,5}$/);
  });

  it('makes ids that only their own prefix accepts', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, anyMs, (prefix, other, ms) => {
        const id = newId(prefix, ms);
        expect(id).toMatch(/^[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
        expect(isId(prefix, id)).toBe(true);
        expect(isId(other, id)).toBe(other === prefix);
      }),
    );
  });

  it('encodes time and randomness as the ULID specification does', () => {
    const zeros = (size: number) => new Uint8Array(size);
    const ones = (size: number) => new Uint8Array(size).fill(0xff);
    // 1469918176385 -> 01ARYZ6S41 is the specification's own example.
    expect(newId('sub', 1469918176385, zeros)).toBe('sub_01aryz6s410000000000000000');
    expect(newId('sub', 2 ** 48 - 1, ones)).toBe('sub_7zzzzzzzzzzzzzzzzzzzzzzzzz');
  });

  it('sorts by time as text', () => {
    fc.assert(
      fc.property(anyMs, anyMs, (a, b) => {
        fc.pre(a !== b);
        expect(newId('inv', a) < newId('inv', b)).toBe(a < b);
      }),
    );
  });

  it('is unique and ascending within one millisecond', () => {
    const ids = Array.from({ length: 5000 }, () => newId('evt', 1_700_000_000_000));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('draws again when a millisecond is used up', () => {
    const ones = (size: number) => new Uint8Array(size).fill(0xff);
    newId('evt', 5, ones);
    const half = (size: number) => new Uint8Array(size).fill(0x08);
    expect(newId('evt', 5, half)).not.toContain('zzzz');
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 48])('refuses the time %p', (ms) => {
    expect(() => newId('sub', ms)).toThrow(RangeError);
  });

  it.each([
    undefined,
    null,
    7,
    {},
    '',
    'sub_',
    'sub_x',
    'sub_81aryz6s410000000000000000',
    'SUB_01ARYZ6S410000000000000000',
  ])('says no to %p', (value) => {
    expect(isId('sub', value)).toBe(false);
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isId('sub', text)).toBe(false);
      }),
    );
  });
});
