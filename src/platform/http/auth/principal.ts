/** The roles of api.md. Every valid token is at least a user's. */
export const ROLES = ['user', 'support', 'finance', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** The person behind a token. */
export interface UserIdentity {
  /** The token's `sub`; stable for the life of the identity. */
  readonly id: string;
  /** As the identity provider says it; not verified by us. */
  readonly email: string | undefined;
  readonly roles: readonly Role[];
}

/** Who calls: a person, one of our own servers, or the scheduler outside. */
export type Principal =
  ({ readonly kind: 'user' } & TokenBearer) | { readonly kind: 'internal' } | { readonly kind: 'cron' };

/** A person, and until when his token says so. */
export interface TokenBearer {
  readonly user: UserIdentity;
  readonly expiresAt: Date;
}

/** Pure: the scope that idempotency keys of this caller live in; no two callers share one. */
export function scopeOf(principal: Principal): string {
  return principal.kind === 'user' ? `user:${principal.user.id}` : principal.kind;
}
