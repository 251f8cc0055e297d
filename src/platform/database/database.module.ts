import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'pg';
import { AppConfig } from '../config';
import { createPool } from './pg-pool';
import { PrismaService } from './prisma.service';
import { Snapshots } from './snapshot';
import { UnitOfWork } from './unit-of-work';
import { UserQuery } from './user-query';

/** Injection token of the raw `pg` pool, for hot paths and readiness only. */
export const PG_POOL = Symbol('PG_POOL');

@Global()
@Module({
  providers: [
    {
      provide: PG_POOL,
      inject: [AppConfig],
      useFactory: (config: AppConfig): Pool => {
        const logger = new Logger('PgPool');
        return createPool(
          { url: config.databaseUrl, size: config.databasePoolSize, applicationName: `kassa-${config.role}` },
          (error) => {
            logger.warn(`An idle connection to PostgreSQL ended: ${error.message}`);
          },
        );
      },
    },
    { provide: PrismaService, inject: [PG_POOL], useFactory: (pool: Pool) => new PrismaService(pool) },
    { provide: UserQuery, inject: [PG_POOL], useFactory: (pool: Pool) => new UserQuery(pool) },
    UnitOfWork,
    Snapshots,
  ],
  exports: [PG_POOL, PrismaService, Snapshots, UnitOfWork, UserQuery],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
