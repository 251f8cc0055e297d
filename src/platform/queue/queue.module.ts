import { BullModule } from '@nestjs/bull';
import { Global, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import type Redis from 'ioredis';
import { AppConfig } from '../config';
import { QUEUES } from './queue-names';
import { createRedis } from './redis-client';
import { Sweepers } from './sweepers';
import { WakeService } from './wake.service';

/**
 * Bull's own defaults re-run the job of a killed worker only after about a minute; these do it within 15 s. The lock is
 * renewed well before it ends, so that a busy event loop does not lose its job to another worker at once.
 */
const SETTINGS = { lockDuration: 10_000, lockRenewTime: 3_000, stalledInterval: 5_000, maxStalledCount: 3 };

@Global()
@Module({
  imports: [
    ScheduleModule.forRoot(),
    BullModule.forRootAsync({
      inject: [AppConfig],
      useFactory: (config: AppConfig) => ({
        // The braces keep all keys of a queue in one slot of a cluster.
        prefix: '{kassa}',
        settings: SETTINGS,
        createClient: () =>
          // Bull's blocking connection refuses any other value of these two.
          createRedis(config, { maxRetriesPerRequest: null, enableReadyCheck: false }),
      }),
    }),
    BullModule.registerQueue(...Object.values(QUEUES).map((name) => ({ name }))),
  ],
  providers: [WakeService, Sweepers],
  exports: [BullModule, WakeService, Sweepers],
})
export class QueueModule {}
