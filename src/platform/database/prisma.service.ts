import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import { PrismaClient, type Prisma } from '../../generated/prisma/client';

/** A transaction: what services and repositories take where they write. */
export type Tx = Prisma.TransactionClient;

/**
 * A statement that says so in its first words is prepared once per connection, under that name, and planned no more after that:
 * for hot statements whose text is always the same, and whose plan does not hang on their values.
 */
const PREPARED = /^\s*\/\* prepared ([a-z_.]+) \*\//;

/** Prisma over our own pool, so that raw `pg` on hot paths and Prisma share one set of connections and time-outs. */
@Injectable()
export class PrismaService extends PrismaClient implements OnApplicationShutdown {
  constructor(pool: Pool) {
    const adapter = new PrismaPg(pool, { statementNameGenerator: ({ sql }) => PREPARED.exec(sql)?.[1] ?? '' });
    super({ adapter, transactionOptions: { maxWait: 2_000, timeout: 8_000 } });
  }

  /** Not earlier: requests and jobs under way still need it while the application stops taking new ones. */
  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}
