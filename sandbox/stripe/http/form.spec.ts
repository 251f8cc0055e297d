import fc from 'fast-check';
import { decodeForm, type FormNode, type FormTree } from './form';

/** The encoder's side of the notation, as the SDK writes it: every array index spelled out. */
function encode(tree: FormTree, prefix = ''): string {
  return Object.entries(tree)
    .map(([key, value]) => {
      const name = prefix === '' ? key : `${prefix}[${key}]`;
      return typeof value === 'string'
        ? `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
        : encode(value, name);
    })
    .filter((part) => part !== '')
    .join('&');
}

const key = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,8}$/);
const tree = fc.letrec<{ node: FormNode; tree: FormTree }>((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, fc.string({ unit: 'binary' }), tie('tree')),
  tree: fc.dictionary(key, tie('node'), { minKeys: 1, maxKeys: 4 }),
})).tree;

const plain = (value: FormTree): unknown => JSON.parse(JSON.stringify(value));

describe('decodeForm', () => {
  it('reads back whatever was written', () => {
    fc.assert(
      fc.property(tree, (given) => {
        expect(plain(decodeForm(encode(given)))).toEqual(plain(given));
      }),
    );
  });

  it('reads the notation of the SDK, with brackets raw or escaped and empty brackets counting on', () => {
    expect(plain(decodeForm('items[0][price]=p_1&expand[]=a&expand%5B%5D=b&metadata[a b]=x+y%2Bz&flag'))).toEqual({
      items: { '0': { price: 'p_1' } },
      expand: { '0': 'a', '1': 'b' },
      metadata: { 'a b': 'x y+z' },
      flag: '',
    });
  });

  it('knows no special names', () => {
    const decoded = decodeForm('__proto__[polluted]=yes&metadata[constructor]=x');
    expect(Object.keys(decoded)).toEqual(['__proto__', 'metadata']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['a=%E0%A4%A', 'percent-encoded'],
    ['[a]=1', 'parameter name'],
    ['a[b=1', 'parameter name'],
    ['a=1&a[b]=2', 'both as a value and as a hash'],
    ['a[b]=2&a=1', 'both as a value and as a hash'],
    [`a${'[b]'.repeat(40)}=1`, 'nested too deeply'],
  ])('refuses %s', (text, message) => {
    expect(() => decodeForm(text)).toThrow(message);
  });

  it('never fails otherwise than with an answer for the caller', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          decodeForm(text);
        } catch (error) {
          expect(error).toMatchObject({ status: 400 });
        }
      }),
    );
  });
});
