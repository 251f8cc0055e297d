import {
  Inject,
  Module,
  type ExecutionContext,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ThrottlerModule, type ThrottlerModuleOptions } from '@nestjs/throttler';
import { AppConfig } from '../../config';
import { addressOf } from './address';
import { EDGE_REDIS, connectEdgeRedis, firstConnection, type EdgeRedis } from './edge-redis';
import { FallbackThrottlerStorage } from './fallback.storage';
import { PAYMENT_ATTEMPT } from './payment-attempt.decorator';
import { RateLimitGuard } from './rate-limit.guard';
import { GENERAL, MINUTE_MS, RequestCounter } from './request-counter';

/** An address may be an office: it may try as often as this many of its people. */
const PAYERS_PER_ADDRESS = 3;

@Module({
  providers: [{ provide: EDGE_REDIS, inject: [AppConfig], useFactory: connectEdgeRedis }, FallbackThrottlerStorage],
  exports: [EDGE_REDIS, FallbackThrottlerStorage],
})
class RateLimitStorageModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(EDGE_REDIS) private readonly redis: EdgeRedis) {}

  onApplicationBootstrap(): Promise<void> {
    return firstConnection(this.redis);
  }

  /** Not earlier: requests that are still running count until the server has closed. */
  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}

@Module({
  imports: [
    RateLimitStorageModule,
    ThrottlerModule.forRootAsync({
      imports: [RateLimitStorageModule],
      inject: [AppConfig, FallbackThrottlerStorage, Reflector],
      useFactory: limitsOf,
    }),
  ],
  providers: [RateLimitGuard, RequestCounter],
  exports: [RateLimitGuard, RequestCounter, RateLimitStorageModule],
})
export class RateLimitModule {}

function limitsOf(config: AppConfig, storage: FallbackThrottlerStorage, reflector: Reflector): ThrottlerModuleOptions {
  const isPaymentAttempt = (context: ExecutionContext): boolean =>
    reflector.getAllAndOverride<true | undefined>(PAYMENT_ATTEMPT, [context.getHandler(), context.getClass()]) === true;
  return {
    storage,
    throttlers: [
      { name: GENERAL, ttl: MINUTE_MS, limit: config.http.rateLimitPerMinute },
      {
        name: 'payment',
        ttl: MINUTE_MS,
        limit: config.http.rateLimitPaymentsPerMinute,
        skipIf: (context) => !isPaymentAttempt(context),
        setHeaders: false,
      },
      {
        // Else whoever makes accounts could try as often as he has accounts.
        name: 'payment-address',
        ttl: MINUTE_MS,
        limit: config.http.rateLimitPaymentsPerMinute * PAYERS_PER_ADDRESS,
        skipIf: (context) => !isPaymentAttempt(context),
        setHeaders: false,
        getTracker: ({ ip }) => `address:${addressOf({ ip: String(ip) })}`,
      },
    ],
  };
}
