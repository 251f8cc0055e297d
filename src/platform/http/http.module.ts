import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { AuthModule } from './auth/auth.module';
import { ErrorFilter } from './errors/error.filter';
import { HealthModule } from './health/health.module';
import { IdempotencyModule } from './idempotency/idempotency.module';
import { HotReads } from './hot-reads/hot-reads.service';
import { MetricsController } from './metrics.controller';
import { AnnouncedWebhooks } from './server/announced-webhooks';
import { InputPipe } from './validation/input.pipe';

/** What every request passes: guard, idempotency, validation, error envelope; and the operators' own routes. */
@Global()
@Module({
  imports: [AuthModule, IdempotencyModule, HealthModule],
  controllers: [MetricsController],
  providers: [
    HotReads,
    AnnouncedWebhooks,
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_PIPE, useClass: InputPipe },
  ],
  exports: [HotReads, AnnouncedWebhooks],
})
export class HttpModule {}
