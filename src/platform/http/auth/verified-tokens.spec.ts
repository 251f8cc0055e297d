import type { TokenBearer } from './principal';
import { VerifiedTokens } from './verified-tokens';

const WALL = new Date('2026-01-01T00:00:00Z');
const later = (seconds: number): Date => new Date(WALL.getTime() + seconds * 1000);
const bearer: TokenBearer = { user: { id: 'ada', email: undefined, roles: ['user'] }, expiresAt: later(300) };

describe('verified tokens', () => {
  let now = 0;
  const tokens = (): VerifiedTokens => new VerifiedTokens(() => now);

  beforeEach(() => {
    now = 0;
  });

  it('are known by their whole text', () => {
    const known = tokens();
    known.keep('a.b.c', bearer);
    expect(known.find('a.b.c', WALL)).toBe(bearer);
    expect(known.find('a.b.C', WALL)).toBeUndefined();
    expect(known.find('', WALL)).toBeUndefined();
  });

  it('are not trusted from the second they expire in, whatever was checked before', () => {
    const known = tokens();
    known.keep('a', bearer);
    expect(known.find('a', later(299.999))).toBe(bearer);
    expect(known.find('a', later(300))).toBeUndefined();
    expect(known.find('a', WALL)).toBeUndefined();
  });

  it('are checked again after a minute: their key may have been withdrawn', () => {
    const known = tokens();
    known.keep('a', bearer);
    now = 59_999;
    expect(known.find('a', WALL)).toBe(bearer);
    now = 60_000;
    expect(known.find('a', WALL)).toBeUndefined();
  });

  it('are kept up to a number and a length', () => {
    const known = tokens();
    for (let i = 0; i <= 10_000; i += 1) known.keep(`token ${i}`, bearer);
    expect(known.find('token 0', WALL)).toBeUndefined();
    expect(known.find('token 1', WALL)).toBe(bearer);
    expect(known.find('token 10000', WALL)).toBe(bearer);
    known.keep('x'.repeat(4_097), bearer);
    expect(known.find('x'.repeat(4_097), WALL)).toBeUndefined();
  });
});
