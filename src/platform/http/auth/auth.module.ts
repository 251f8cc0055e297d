import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { RateLimitModule } from '../rate-limit/rate-limit.module';
import { AccessGuard } from './access.guard';
import { JwtStrategy } from './jwt.strategy';

@Module({
  imports: [RateLimitModule],
  providers: [JwtStrategy, { provide: APP_GUARD, useClass: AccessGuard }],
  exports: [JwtStrategy, RateLimitModule],
})
export class AuthModule {}
