import { ROLES, type Role, type TokenBearer } from './principal';

/** A verified token's payload. */
export type Claims = Readonly<Record<string, unknown>>;

/** C0 and C1 control characters: PostgreSQL refuses NUL, and none of them belongs into a log line. */
const CONTROL = /\p{Cc}/u;

/** ECMAScript's own limit of a Date. */
const LAST_DATE_MS = 8.64e15;

/** Why verified claims still do not make a caller. */
export class UnusableClaims extends Error {}

/**
 * Pure: the person a verified token speaks of.
 * @throws UnusableClaims when `sub` or `exp` cannot be used.
 */
export function bearerFrom(claims: Claims, rolesClaim: string): TokenBearer {
  const { sub, exp, email } = claims;
  if (typeof sub !== 'string' || sub.trim() === '' || sub.length > 255 || CONTROL.test(sub)) {
    throw new UnusableClaims('The token names no usable subject');
  }
  // A token that never expires could never be taken back.
  if (typeof exp !== 'number') throw new UnusableClaims('The token has no expiry');
  const user = {
    id: sub,
    email: typeof email === 'string' && email.length <= 320 && !CONTROL.test(email) ? email : undefined,
    roles: rolesOf(claims, rolesClaim),
  };
  // A date further ahead than dates go is none.
  return { user, expiresAt: new Date(Math.min(exp * 1000, LAST_DATE_MS)) };
}

/**
 * Pure: the known roles found at `path`, always with `user`. The whole path is tried as one name first, because
 * namespaced claims (`https://example.com/roles`) contain dots. A list or a text separated by spaces or commas counts.
 */
export function rolesOf(claims: Claims, path: string): readonly Role[] {
  const found = Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce<unknown>(step, claims);
  const named: unknown[] = typeof found === 'string' ? found.split(/[\s,]+/) : Array.isArray(found) ? found : [];
  return ROLES.filter((role) => role === 'user' || named.includes(role));
}

function step(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
