import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { ThrottlerLimitDetail } from '@nestjs/throttler/dist/throttler.guard.interface';
import type { FastifyRequest } from 'fastify';
import { rateLimited } from '../../../shared/app-error';
import { UNLIMITED } from './payment-attempt.decorator';
import { limitKey } from './request-counter';

/**
 * Counts requests by user, else by address (IPv6 by its /64), across all routes: a limit per route would multiply by
 * the number of routes. Run by the access guard, which knows who calls. Our own servers and the scheduler are trusted.
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  protected override shouldSkip(context: ExecutionContext): Promise<boolean> {
    const { principal, counted } = context.switchToHttp().getRequest<FastifyRequest>();
    // A hot read that had to go the usual way after all.
    if (counted) return Promise.resolve(true);
    const trusted = principal?.kind === 'internal' || principal?.kind === 'cron';
    const targets = [context.getHandler(), context.getClass()];
    return Promise.resolve(trusted || this.reflector.getAllAndOverride<true | undefined>(UNLIMITED, targets) === true);
  }

  protected override async getTracker(request: FastifyRequest): Promise<string> {
    if (request.principal?.kind === 'user') return `user:${request.principal.user.id}`;
    return `address:${await super.getTracker(request)}`;
  }

  protected override generateKey(_context: ExecutionContext, tracker: string, name: string): string {
    return limitKey(name, tracker);
  }

  protected override throwThrottlingException(
    _context: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    return Promise.reject(rateLimited('Too many requests', timeToBlockExpire));
  }
}
