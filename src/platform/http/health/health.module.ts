import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { RateLimitModule } from '../rate-limit/rate-limit.module';
import { HealthRegistry } from './health-registry';
import { HealthController } from './health.controller';
import { ReadinessService } from './readiness.service';

/** Global for the registry's sake: every room may report its health. */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), RateLimitModule],
  controllers: [HealthController],
  providers: [HealthRegistry, ReadinessService],
  exports: [HealthRegistry],
})
export class HealthModule {}
