import { sign, type Algorithm, type SignOptions } from 'jsonwebtoken';
import { randomBytes, type KeyObject } from 'node:crypto';

/** What the test application expects of tokens; `startApp` configures it so. */
export const TEST_AUTH = {
  issuer: 'https://auth.test.example',
  audience: 'kassa-test',
  secret: randomBytes(48).toString('base64'),
  internalApiKey: randomBytes(48).toString('base64'),
  cronSecret: randomBytes(48).toString('base64'),
} as const;

export interface TokenOptions {
  /** `sub`; omitted when null. */
  readonly userId?: string | null;
  readonly email?: string;
  readonly roles?: readonly string[];
  /** Seconds from now; null makes a token without `exp`. */
  readonly expiresIn?: number | null;
  readonly issuer?: string;
  readonly audience?: string;
  readonly algorithm?: Algorithm;
  /** Secret, PEM or key object. */
  readonly key?: string | KeyObject;
  readonly kid?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A signed token, good for the test application unless told otherwise. */
export function tokenFor(options: TokenOptions = {}): string {
  const { userId = 'user-1', expiresIn = 3600, algorithm = 'HS256', key = TEST_AUTH.secret } = options;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...(userId !== null && { sub: userId }),
    ...(options.email !== undefined && { email: options.email }),
    ...(options.roles && { roles: options.roles }),
    ...(expiresIn !== null && { exp: now + expiresIn }),
    iss: options.issuer ?? TEST_AUTH.issuer,
    aud: options.audience ?? TEST_AUTH.audience,
    iat: now,
    ...options.claims,
  };
  const signing: SignOptions = { algorithm, ...(options.kid !== undefined && { keyid: options.kid }) };
  return sign(claims, key, signing);
}

/** The header a user's request carries. */
export function asUser(userId = 'user-1', ...roles: string[]): { authorization: string } {
  return { authorization: `Bearer ${tokenFor({ userId, roles })}` };
}

export function asInternal(): { 'x-internal-api-key': string } {
  return { 'x-internal-api-key': TEST_AUTH.internalApiKey };
}

export function asCron(): { authorization: string } {
  return { authorization: `Bearer ${TEST_AUTH.cronSecret}` };
}
