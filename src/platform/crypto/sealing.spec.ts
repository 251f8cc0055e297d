import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { seal, sealingKey, unseal } from './sealing';

const older = sealingKey(createSecretKey(randomBytes(32)));
const newer = sealingKey(createSecretKey(randomBytes(32)));

describe('a sealed text', () => {
  it('opens under its key and in its place only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
        const sealed = seal(older, text, context);
        expect(sealed).toMatch(/^v1\.[\w-]{8}\.[\w-]+$/);
        expect(unseal([newer, older], sealed, context)).toBe(text);
        expect(unseal([newer], sealed, context)).toBeNull();
        expect(unseal([older], sealed, `${context}x`)).toBeNull();
      }),
    );
  });

  it('is another one each time', () => {
    expect(seal(newer, 'x', 'y')).not.toBe(seal(newer, 'x', 'y'));
  });

  it('does not open once a bit of it has changed', () => {
    const sealed = seal(newer, 'secret', 'row');
    const [version = '', id = '', payload = ''] = sealed.split('.');
    for (let at = 0; at < payload.length; at += 1) {
      const changed = `${payload.slice(0, at)}${payload[at] === 'A' ? 'B' : 'A'}${payload.slice(at + 1)}`;
      const bytes = (text: string) => Buffer.from(text, 'base64url').toString('hex');
      if (bytes(changed) === bytes(payload)) continue;
      expect(unseal([newer], [version, id, changed].join('.'), 'row')).toBeNull();
    }
  });

  it.each(['', 'v1', 'v1.x', 'v2.a.b', `v1.${newer.id}.`, `v1.${newer.id}.AAAA`, `v1.${newer.id}.AAAA.BBBB`])(
    'is not %j',
    (text) => {
      expect(unseal([newer], text, '')).toBeNull();
    },
  );
});
