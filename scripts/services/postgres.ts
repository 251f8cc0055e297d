import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { dataFolder, type DataFolder } from './data-folder';
import { freePort } from './free-port';
import { launchServer, type ServerCommand } from './launch-server';
import { postgresInstallation, type PostgresInstallation } from './postgres-binaries';

/** A running PostgreSQL of our own on 127.0.0.1, with the database `kassa` and its two login roles. */
export interface Postgres {
  /** Database `kassa` as `kassa_app`: what the service connects as (DATABASE_URL). */
  readonly appUrl: string;
  /** Database `kassa` as `kassa_owner`: what migrations connect as (MIGRATE_DATABASE_URL). */
  readonly ownerUrl: string;
  /** Database `postgres` as the superuser: to make databases in tests. */
  readonly adminUrl: string;
  stop(): Promise<void>;
  /** SIGKILL to the postmaster: a crash, after which `restart()` recovers. */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it again on the same port and data. */
  restart(): Promise<void>;
}

export interface PostgresOptions {
  /** True: an empty database that goes with the process and trades durability for speed. False: the clone's, durable. */
  ephemeral: boolean;
  /** True: every commit reaches the disk, ephemeral or not; for benchmarks. */
  durable?: boolean;
}

type Credentials = Record<'postgres' | 'kassa_owner' | 'kassa_app', string>;

const INITDB_OPTIONS = ['--auth=scram-sha-256', '-E', 'UTF8', '--no-locale', '--no-sync', '--no-instructions'];
const SETTINGS = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200' };
/**
 * What can be left out where losing the machine may lose everything. What was committed still survives the server's own
 * crash, for tests kill it: the log is handed to the operating system at each commit, only not forced to the disk.
 */
const EPHEMERAL_SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
};
/** @throws with PostgreSQL's own last words when it does not start. */
export async function startPostgres({ ephemeral, durable = !ephemeral }: PostgresOptions): Promise<Postgres> {
  const installation = postgresInstallation();
  const inMemory = ephemeral && !durable;
  const data = dataFolder({ name: `postgres-${installation.major}`, ephemeral, inMemory, ...installation });
  const credentials = initialise(installation, data);
  let port = 0;
  const options = { ephemeral, durable };
  const launch = () => launchServer(() => Promise.resolve(postgresCommand(installation, data, port, options)));
  let server = await launchServer(async () => {
    port = await freePort();
    return postgresCommand(installation, data, port, options);
  });
  const url = (user: keyof Credentials, database: string) =>
    `postgresql://${user}:${credentials[user]}@127.0.0.1:${port}/${database}`;
  await createDatabase(url('postgres', 'postgres'), credentials);
  return {
    adminUrl: url('postgres', 'postgres'),
    ownerUrl: url('kassa_owner', 'kassa'),
    appUrl: url('kassa_app', 'kassa'),
    stop: async () => {
      await server.stop();
      if (ephemeral) data.remove();
    },
    kill: () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await launch();
    },
  };
}

/** Makes the cluster once. Its credentials are written last: without them an earlier attempt was cut short. */
function initialise({ bin, user }: PostgresInstallation, { base, folder }: DataFolder): Credentials {
  const file = path.join(base, 'credentials.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  for (const entry of readdirSync(folder)) rmSync(path.join(folder, entry), { recursive: true });
  const password = () => randomBytes(24).toString('base64url');
  const credentials = { postgres: password(), kassa_owner: password(), kassa_app: password() };
  const passwordFile = path.join(base, 'superuser-password');
  writeFileSync(passwordFile, credentials.postgres, { mode: 0o600 });
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  const result = spawnSync(
    path.join(bin, 'initdb'),
    ['-D', folder, '-U', 'postgres', '--pwfile', passwordFile, ...INITDB_OPTIONS],
    { ...user, cwd: base, env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }, encoding: 'utf8' },
  );
  rmSync(passwordFile);
  if (result.status !== 0) throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`);
  writeFileSync(`${file}.new`, JSON.stringify(credentials), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return credentials;
}

function postgresCommand(
  { bin, user }: PostgresInstallation,
  { base, folder }: DataFolder,
  port: number,
  { ephemeral, durable }: Required<PostgresOptions>,
): ServerCommand {
  const settings = { ...SETTINGS, ...(durable ? {} : EPHEMERAL_SETTINGS), port: String(port) };
  return {
    command: path.join(bin, 'postgres'),
    args: ['-D', folder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    stopSignal: ephemeral ? 'QUIT' : 'INT',
    cwd: base,
    output: path.join(base, 'postgres.log'),
    ...(user === undefined ? {} : { user }),
    isReady: ({ pid }) => {
      // The server keeps this file for pg_ctl: the first line is its process id, the eighth its state.
      const file = path.join(folder, 'postmaster.pid');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
      return Promise.resolve(lines[0] === String(pid) && lines[7]?.trim() === 'ready');
    },
  };
}

/**
 * The roles and the database as a production server has them: an owner for migrations, who may make the databases that
 * `kassa events verify` replays into, and a plain login for the service.
 */
async function createDatabase(adminUrl: string, credentials: Credentials): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const [role, attributes] of [
      ['kassa_owner', 'CREATEROLE CREATEDB'],
      ['kassa_app', ''],
    ] as const) {
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      // Of a data folder made by an earlier version too.
      if (rowCount !== 0) await client.query(`ALTER ROLE ${escapeIdentifier(role)} LOGIN ${attributes}`);
      else {
        await client.query(
          `CREATE ROLE ${escapeIdentifier(role)} LOGIN ${attributes} PASSWORD ${escapeLiteral(credentials[role])}`,
        );
      }
    }
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = 'kassa'");
    if (rowCount === 0) await client.query('CREATE DATABASE kassa OWNER kassa_owner');
  } finally {
    await client.end();
  }
}
