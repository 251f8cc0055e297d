import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Pool } from 'pg';
import { PG_POOL } from './platform/database';
import { pendingMigrations } from './platform/database/migrate';
import { HealthRegistry, HttpModule } from './platform/http';
import { InboxRepository } from './platform/inbox';
import { Metrics } from './platform/metrics';

/** What readiness asks beyond the connections themselves: is the schema ours, and is work being done. */
@Module({ imports: [HttpModule] })
export class ReadinessModule implements OnModuleInit {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly registry: HealthRegistry,
    private readonly inbox: InboxRepository,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.registry.register({
      name: 'migrations',
      critical: true,
      check: async () => {
        const pending = await pendingMigrations(this.pool);
        return { up: pending.length === 0, details: { pending: pending.length } };
      },
    });
    this.registry.register({
      name: 'inbox',
      // An old row is a worker's trouble; taking the API out of service would only lose more.
      critical: false,
      check: async () => {
        const oldestSeconds = await this.inbox.oldestUnhandledAgeSeconds();
        return { up: (oldestSeconds ?? 0) < MAX_AGE_SECONDS, details: { oldestUnhandledSeconds: oldestSeconds } };
      },
    });
    this.metrics.gauge({
      name: 'kassa_inbox_oldest_unhandled_seconds',
      help: 'Age of the oldest inbox row nobody has handled; 0 where there is none',
      collect: async (gauge) => {
        gauge.set((await this.inbox.oldestUnhandledAgeSeconds()) ?? 0);
      },
    });
  }
}

const MAX_AGE_SECONDS = 300;
