import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import { PrismaClient, type Prisma } from '../../generated/prisma/client';

/** A transaction: what services and repositories take where they write. */
export type Tx = Prisma.TransactionClient;

/** Prisma over our own pool, so that raw `pg` on hot paths and Prisma share one set of connections and time-outs. */
@Injectable()
export class PrismaService extends PrismaClient implements OnApplicationShutdown {
  constructor(pool: Pool) {
    super({ adapter: new PrismaPg(pool), transactionOptions: { maxWait: 2_000, timeout: 8_000 } });
  }

  /** Not earlier: requests and jobs under way still need it while the application stops taking new ones. */
  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}
