export { freePort } from './free-port';
export { startGuarded, type GuardedCommand, type GuardedProcess } from './guarded-process';
export { startPostgres, type Postgres, type PostgresOptions } from './postgres';
export { startRedis, type Redis, type RedisOptions } from './redis';
