import type { Type } from '@nestjs/common';
import { Client } from 'pg';
import type { Environment } from '../../src/platform/config';
import { startApp } from './app';
import { createTestDatabase, type TestDatabase } from './database';
import { redisDb } from './redis';

/** The real application on a database of its own, in a role in which nothing runs by itself: the test says what and when. */
export interface Bench {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly database: TestDatabase;
  get<T>(type: Type<T>): T;
  /** Rows of a query as the service sees them: all. */
  rows<T>(sql: string, values?: unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

export async function startBench(settings: Environment = {}, existing?: TestDatabase): Promise<Bench> {
  const database = existing ?? (await createTestDatabase());
  const redis = await redisDb();
  const running = await startApp({
    databaseUrl: database.appUrl,
    redisUrl: redis.url,
    settings: { ROLE: 'api', ...settings },
    ...(process.env['TEST_LOG'] && { log: (line: string) => process.stderr.write(line) }),
  });
  const client = new Client({ connectionString: database.appUrl, options: '-c role=kassa_service' });
  await client.connect();
  return {
    url: running.url,
    database,
    get: (type) => running.app.get(type, { strict: false }),
    rows: async <T>(sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows as T[],
    close: async () => {
      await running.close();
      await client.end();
      await redis.release();
      if (!existing) await database.drop();
    },
  };
}
