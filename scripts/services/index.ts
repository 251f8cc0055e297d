export { startPostgres, type Postgres, type PostgresOptions } from './postgres';
export { startRedis, type Redis, type RedisOptions } from './redis';
export { freePort } from './free-port';
