import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Redis as RedisClient } from 'ioredis';
import { Client } from 'pg';
import { startPostgres, startRedis, type Postgres, type Redis } from '../../../scripts/services';
import { tryLock } from '../../../scripts/setup/lock-file.cjs';
import { until } from '../../support/until';

const ROOT = path.resolve(__dirname, '../../..');

async function ask<T>(url: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

describe('local services', () => {
  let postgres: Postgres;
  let redis: Redis;

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres({ ephemeral: true }), startRedis({ ephemeral: true })]);
  });
  afterAll(() => Promise.all([postgres.stop(), redis.stop()]));

  it('give the service a login without any privilege and the owner one that makes roles and scratch databases', async () => {
    const rights =
      'SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user';
    const none = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false };
    expect(await ask(postgres.appUrl, rights)).toEqual([none]);
    expect(await ask(postgres.ownerUrl, rights)).toEqual([{ ...none, rolcreaterole: true, rolcreatedb: true }]);
    const owner = "SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = 'kassa'";
    expect(await ask(postgres.appUrl, owner)).toEqual([{ owner: 'kassa_owner' }]);
  });

  it('ask for a password', async () => {
    const withoutPassword = new URL(postgres.adminUrl);
    withoutPassword.password = 'guess';
    await expect(ask(withoutPassword.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    const url = new URL(redis.url);
    url.password = '';
    const client = new RedisClient(url.href, { lazyConnect: true });
    client.on('error', () => undefined);
    await expect(client.set('a', '1')).rejects.toThrow('NOAUTH');
    client.disconnect();
  });

  it('come back after a crash on the same port with what was committed', async () => {
    await ask(postgres.ownerUrl, 'CREATE TABLE kept (id int)');
    await postgres.kill();
    await expect(ask(postgres.appUrl, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await postgres.restart();
    expect(await ask(postgres.ownerUrl, 'SELECT * FROM kept')).toEqual([]);
    await redis.kill();
    await redis.restart();
    const client = new RedisClient(redis.url);
    await client.set('a', '1');
    await redis.flush();
    expect(await client.get('a')).toBeNull();
    client.disconnect();
  });
});

describe('an owner of local services', () => {
  const owners: ChildProcess[] = [];
  afterEach(() => {
    for (const owner of owners.splice(0)) owner.kill('SIGKILL');
  });

  /** Another process that starts both and, once it is ready to be ended in its way, prints their addresses. */
  async function start(way: string): Promise<{ owner: ChildProcess; urls: string[] }> {
    const code = `
      const { startPostgres, startRedis } = require('./scripts/services/index.ts');
      (async () => {
        const servers = [await startPostgres({ ephemeral: true }), await startRedis({ ephemeral: true })];
        ${way}
        console.log(JSON.stringify([servers[0].appUrl, servers[1].url]));
      })();`;
    const owner = spawn(process.execPath, ['-r', '@swc-node/register', '-e', code], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    owners.push(owner);
    const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
    return { owner, urls: JSON.parse(line) as string[] };
  }
  const WAIT = 'setInterval(() => undefined, 1000);';
  const STOP_POLITELY = `process.on('SIGTERM', async () => {
    for (const server of servers) await server.stop();
    process.exit(0);
  });`;
  const allGone = async (urls: string[]) => (await Promise.all(urls.map(answers))).every((answered) => !answered);

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('leaves none behind when %s ends it', async (signal) => {
    const { owner, urls } = await start(WAIT);
    expect(await Promise.all(urls.map(answers))).toEqual([true, true]);
    owner.kill(signal);
    await until('both servers are gone', () => allGone(urls));
  });

  it('may just end', async () => {
    const { owner, urls } = await start('');
    await once(owner, 'exit');
    await until('both servers are gone', () => allGone(urls));
  });

  it('does not share its servers with another owner in the same folder', async () => {
    const both = await Promise.all([start(STOP_POLITELY + WAIT), start(STOP_POLITELY + WAIT)]);
    expect(new Set(both.flatMap(({ urls }) => urls)).size).toBe(4);
    for (const { owner, urls } of both) {
      owner.kill('SIGTERM');
      expect(await once(owner, 'exit')).toEqual([0, null]);
      expect(await allGone(urls)).toBe(true);
    }
  });
});

describe('tryLock', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kassa-lock-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives a lock to one at a time', () => {
    const file = path.join(folder, 'a.lock');
    const unlock = tryLock(file);
    expect(unlock).toBeDefined();
    expect(tryLock(file)).toBeUndefined();
    unlock?.();
    expect(existsSync(file)).toBe(false);
  });

  it('takes over from a process that is dead, also when its id was given to another', () => {
    const file = path.join(folder, 'a.lock');
    for (const owner of [
      { pid: 2 ** 22 + 1, startedAt: '1' },
      { pid: process.pid, startedAt: 'long ago' },
    ]) {
      writeFileSync(file, JSON.stringify(owner));
      const unlock = tryLock(file);
      expect(unlock).toBeDefined();
      unlock?.();
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});
