import {
  SetMetadata,
  UseInterceptors,
  applyDecorators,
  createParamDecorator,
  type CustomDecorator,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { unexpected } from '../../../shared/app-error';
import type { Actor } from '../../audit';
import { PrivilegedInterceptor } from '../audit/privileged.interceptor';
import { BodyAsBytes } from '../server/json-body';
import { actorOf, principalOf } from './acting';
import type { Principal, Role, UserIdentity } from './principal';

/** Who may call a route; exactly one rule per route, the handler's before the controller's. */
export type AccessRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'signed' }
  | { readonly kind: 'internal' }
  | { readonly kind: 'cron' }
  /** Any of `roles`; with `orInternal` also our own servers. */
  | { readonly kind: 'user'; readonly roles: readonly Role[]; readonly orInternal: boolean };

export const ACCESS_RULE = 'kassa:access';
/** A route that says nothing is for signed-in users: forgetting the decorator must not open it. */
export const DEFAULT_RULE: AccessRule = { kind: 'user', roles: ['user'], orInternal: false };

/** Names of the security schemes in openapi.json. */
export const SCHEMES = { user: 'user', internal: 'internal', cron: 'cron' } as const;
/** Which roles may call, in openapi.json: a scheme cannot say it. */
const ROLES_EXTENSION = 'x-roles';

const rule = (value: AccessRule): CustomDecorator => SetMetadata(ACCESS_RULE, value);

/** Everybody, without credentials. */
export const Public = () => rule({ kind: 'public' });

/** A provider's signature is the credential; the handler verifies it on the raw body. Not rate limited, nothing parsed. */
export const Signed = () => applyDecorators(rule({ kind: 'signed' }), BodyAsBytes());

/** Any signed-in user; says for readers and openapi.json what an undecorated route does anyway. */
export const Authenticated = () => Roles('user');

/**
 * Users with at least one of the roles; nothing is implied, so an admin is no finance person by being admin. What is not
 * every user's is privileged: see `PrivilegedInterceptor`.
 */
export const Roles = (...roles: [Role, ...Role[]]) =>
  applyDecorators(
    rule({ kind: 'user', roles, orInternal: false }),
    ...(roles.includes('user') ? [] : [UseInterceptors(PrivilegedInterceptor)]),
    ApiBearerAuth(SCHEMES.user),
    ApiExtension(ROLES_EXTENSION, roles),
  );

/** Our own servers by `X-Internal-API-Key`. */
export const Internal = () => applyDecorators(rule({ kind: 'internal' }), ApiSecurity(SCHEMES.internal));

/** The scheduler outside by `Authorization: Bearer CRON_SECRET`. */
export const Cron = () =>
  applyDecorators(rule({ kind: 'cron' }), UseInterceptors(PrivilegedInterceptor), ApiBearerAuth(SCHEMES.cron));

/** Our own servers, or users with one of the roles (any user if none is named). */
export const UserOrInternal = (...roles: Role[]) =>
  applyDecorators(
    rule({ kind: 'user', roles: roles.length === 0 ? ['user'] : roles, orInternal: true }),
    ApiBearerAuth(SCHEMES.user),
    ApiSecurity(SCHEMES.internal),
    ApiExtension(ROLES_EXTENSION, roles.length === 0 ? ['user'] : roles),
  );

/** Parameter: the signed-in user. Only on routes that nobody else may call. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): UserIdentity => {
  const principal = principalOf(requestOf(context));
  if (principal.kind !== 'user') throw unexpected('NO_USER', 'This route has no signed-in user');
  return principal.user;
});

/** Parameter: whoever calls, as the audit log names him. */
export const Acting = createParamDecorator((_: unknown, context: ExecutionContext): Actor =>
  actorOf(requestOf(context)),
);

/** Parameter: whoever calls, on routes that users and our own servers share. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal =>
  principalOf(requestOf(context)),
);

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}
