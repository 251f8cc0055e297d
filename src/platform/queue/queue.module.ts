import { BullModule, getQueueToken } from '@nestjs/bull';
import { Global, Inject, Module, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import type { Queue } from 'bull';
import { BullConnections } from './bull-connections';
import { DelayedJobs } from './delayed-jobs.service';
import { ALL_QUEUES, QUEUES } from './queue-names';
import { Sweepers } from './sweepers';
import { WakeService } from './wake.service';

/**
 * Bull's own defaults re-run the job of a killed worker only after about a minute; these do it within 15 s. The lock is
 * renewed well before it ends, so that a busy event loop does not lose its job to another worker at once.
 */
const SETTINGS = { lockDuration: 10_000, lockRenewTime: 3_000, stalledInterval: 5_000, maxStalledCount: 3 };

@Module({ providers: [BullConnections], exports: [BullConnections] })
class BullConnectionsModule {}

@Global()
@Module({
  imports: [
    ScheduleModule.forRoot(),
    BullConnectionsModule,
    BullModule.forRootAsync({
      imports: [BullConnectionsModule],
      inject: [BullConnections],
      useFactory: (connections: BullConnections) => ({
        // The braces keep all keys of a queue in one slot of a cluster.
        prefix: '{kassa}',
        settings: SETTINGS,
        createClient: () => connections.create(),
      }),
    }),
    BullModule.registerQueue(...Object.values(QUEUES).map((name) => ({ name }))),
  ],
  providers: [
    {
      provide: ALL_QUEUES,
      inject: Object.values(QUEUES).map((name) => getQueueToken(name)),
      useFactory: (...queues: Queue[]) => queues,
    },
    WakeService,
    DelayedJobs,
    Sweepers,
  ],
  exports: [BullModule, WakeService, DelayedJobs, Sweepers],
})
export class QueueModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly connections: BullConnections,
    @Inject(ALL_QUEUES) private readonly queues: readonly Queue[],
  ) {}

  /** Before the connections to PostgreSQL end, which jobs still need. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.connections.finishJobs(this.queues);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connections.close(this.queues);
  }
}
