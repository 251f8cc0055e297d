import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { authentication, authorization, isAppError, type AppError } from '../../../shared/app-error';
import { AppConfig } from '../../config';
import { RateLimitGuard } from '../rate-limit/rate-limit.guard';
import { ACCESS_RULE, DEFAULT_RULE, type AccessRule } from './access.decorators';
import { JwtStrategy } from './jwt.strategy';
import type { Principal, Role } from './principal';
import { isSecret } from './secret-compare';

/** Each request's own child of the process's pino logger; Fastify's type leaves this method out. */
type Rebindable = FastifyBaseLogger & Pick<Logger, 'setBindings'>;

/**
 * The only global guard: who calls, how often they may, and whether they may do this, in that order. Counting comes
 * after the credential, so that users are counted by name, and before its refusal, so that guessing is counted too.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly config: AppConfig,
    private readonly jwt: JwtStrategy,
    private readonly rateLimit: RateLimitGuard,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const targets = [context.getHandler(), context.getClass()];
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, targets) ?? DEFAULT_RULE;
    if (rule.kind === 'signed') return true;
    const caller = await this.identify(rule, request);
    if (!isAppError(caller)) {
      request.principal = caller;
      if (caller?.kind === 'user') {
        (request.log as Rebindable).setBindings({ userId: caller.user.id });
      }
    }
    await this.rateLimit.canActivate(context);
    if (isAppError(caller)) throw caller;
    if (rule.kind === 'user' && caller?.kind === 'user') requireRole(caller.user.roles, rule.roles);
    return true;
  }

  /** Returns the refusal instead of throwing it, because the attempt is counted before it is refused. */
  private async identify(rule: AccessRule, request: FastifyRequest): Promise<Principal | AppError | undefined> {
    try {
      return await this.credential(rule, request);
    } catch (error) {
      if (isAppError(error)) return error;
      throw error;
    }
  }

  private async credential(rule: AccessRule, request: FastifyRequest): Promise<Principal | undefined> {
    switch (rule.kind) {
      case 'public':
      case 'signed':
        return undefined;
      case 'internal':
        return this.internal(request);
      case 'cron':
        return this.cron(request);
      case 'user':
        if (rule.orInternal && request.headers['x-internal-api-key'] !== undefined) return this.internal(request);
        return { kind: 'user', ...(await this.jwt.authenticate(request)) };
    }
  }

  private internal(request: FastifyRequest): Principal {
    const given = request.headers['x-internal-api-key'];
    if (typeof given !== 'string' || !isSecret(given, this.config.auth.internalApiKey)) {
      throw authentication('INVALID_TOKEN', 'A valid X-Internal-API-Key is needed');
    }
    return { kind: 'internal' };
  }

  private cron(request: FastifyRequest): Principal {
    if (!isSecret(bearerOf(request.headers.authorization), this.config.auth.cronSecret)) {
      throw authentication('INVALID_TOKEN', 'The cron secret is needed as a bearer token');
    }
    return { kind: 'cron' };
  }
}

/** Pure: the credential of an `Authorization: Bearer ...` header. */
export function bearerOf(authorizationHeader: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorizationHeader ?? '')?.[1];
}

function requireRole(held: readonly Role[], wanted: readonly Role[]): void {
  if (wanted.some((role) => held.includes(role))) return;
  throw authorization('INSUFFICIENT_PERMISSIONS', 'You may not do this', { requiredRoles: wanted });
}
