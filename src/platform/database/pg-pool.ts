import { Pool, type PoolConfig } from 'pg';

/** Every session is the service role: neither the owner nor a superuser escapes row-level security by being the login. */
const SESSION_ROLE = '-c role=kassa_service';

export interface PoolSettings {
  url: string;
  size: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
}

/**
 * A bounded pool. A frozen backend hangs `pg` for ever by default, so every wait has an end: the server ends a statement
 * after 3 s, and where the server itself is frozen the client gives up a moment later.
 */
export function createPool(settings: PoolSettings, onError: (error: Error) => void): Pool {
  const config: PoolConfig = {
    connectionString: settings.url,
    max: settings.size,
    application_name: settings.applicationName,
    options: SESSION_ROLE,
    connectionTimeoutMillis: 2_000,
    statement_timeout: 3_000,
    query_timeout: 4_000,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  };
  const pool = new Pool(config);
  // Without a listener an idle connection's end (a restart of PostgreSQL) would end our process.
  pool.on('error', onError);
  return pool;
}
