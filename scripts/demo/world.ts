import { setTimeout as delay } from 'node:timers/promises';
import { migrateDatabase } from '../local-environment';
import { keeperIn, notifyKassa, sellProducts, STORES, storeSettings } from '../sandbox-stores';
import { tellKassa, wiseSettings } from '../sandbox-wise';
import { freePort, startPostgres, startRedis } from '../services';
import { findProgram } from '../services/find-program';
import { Children } from './children';
import { Database } from './database';
import { requestJson } from './http';
import { KassaApi, signIn, type Balance, type Identity } from './kassa-api';
import { CHAOS, newSecrets, SEED, SHOP, START, type Secrets } from './settings';
import { StripeSide } from './stripe-side';

const ATTEMPTS = 3;
const SETTLE_TIMEOUT_MS = 20_000;
const POLL_MS = 10;

export const PEOPLE = {
  ada: { userId: 'ada', email: 'ada@shop.example', roles: [] },
  bob: { userId: 'bob', email: 'bob@shop.example', roles: [] },
  carol: { userId: 'carol', email: 'carol@shop.example', roles: [] },
  dan: { userId: 'dan', email: 'dan@shop.example', roles: [] },
  erin: { userId: 'erin', email: 'erin@shop.example', roles: ['finance'] },
  frank: { userId: 'frank', email: 'frank@shop.example', roles: ['finance'] },
  grace: { userId: 'grace', email: 'grace@shop.example', roles: ['finance'] },
  operator: { userId: 'operator', email: 'operator@shop.example', roles: ['admin', 'finance', 'support'] },
} as const satisfies Record<string, Identity>;
export type Person = keyof typeof PEOPLE;

/** Who pays people, and buys nothing. */
export function isOfFinance(person: Person): boolean {
  return PEOPLE[person].roles.some((role) => role === 'finance');
}

/** Everything the story plays on: servers, the service, the sandbox; all of it gone at the end. */
export class World {
  private constructor(
    readonly kassaUrl: string,
    readonly stripe: StripeSide,
    readonly database: Database,
    private readonly secrets: Secrets,
    private readonly children: Children,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /**
   * @param cleanUps takes what has to be undone, in this order of making, even when the start fails half-way.
   * @param check rejects when somebody wants to stop: no further part is started then.
   */
  static async start(
    children: Children,
    cleanUps: (() => Promise<void>)[],
    check: () => Promise<void>,
  ): Promise<World> {
    const secrets = newSecrets();
    const redisUrl = await startOwnRedis(cleanUps);
    await check();
    const postgres = await startPostgres({ ephemeral: true });
    cleanUps.push(() => postgres.stop());
    await check();
    cleanUps.push(() => children.stop());
    const sandboxStarts = startSandbox(children);
    const database = { DATABASE_URL: postgres.appUrl, MIGRATE_DATABASE_URL: postgres.ownerUrl };
    const [stripe] = await Promise.all([sandboxStarts, migrateDatabase(database, () => undefined)]);
    await check();
    const env = {
      ...serviceEnvironment(secrets, stripe.url),
      ...(await storeSettings(stripe.url, STORES, children.folder)),
      ...(await wiseSettings(stripe.url, keeperIn(children.folder))),
      ...{ DATABASE_URL: postgres.appUrl, REDIS_URL: redisUrl },
    };
    const ofOwner = { ...env, MIGRATE_DATABASE_URL: postgres.ownerUrl };
    const [kassaUrl] = await Promise.all([
      startService(children, env),
      children.run('seed', ['dist/cli.js', 'seed'], env),
    ]);
    await check();
    const reader = await Database.connect(postgres.appUrl);
    cleanUps.push(() => reader.end());
    const world = new World(kassaUrl, stripe, reader, secrets, children, ofOwner);
    await world.open();
    return world;
  }

  tokenOf(person: Person): string {
    return signIn(PEOPLE[person], this.secrets.auth);
  }

  /** Kassa's API as one of the people, who sign in for it. */
  as(person: Person): KassaApi {
    return new KassaApi(this.kassaUrl, this.tokenOf(person));
  }

  /** Accounts that do not stand at zero. */
  async balances(): Promise<readonly Balance[]> {
    const { data } = await this.as('operator').call<{ data: Balance[] }>('/ledger/balances');
    return data.filter(({ amount }) => amount !== 0);
  }

  /** Moves Stripe's clock and Kassa's with it, and waits for what that causes. */
  async moveTo(at: Date): Promise<void> {
    if (at > (await this.stripe.now())) await this.stripe.control('POST', 'clock', { to: at.getTime() / 1000 });
    const offsetSeconds = Math.round((at.getTime() - Date.now()) / 1000);
    await this.as('operator').call('/admin/clock', { json: { offsetSeconds } });
    await this.settle();
  }

  /** What the scheduler of an installation asks for every few minutes: to follow up what was declined. */
  async dun(): Promise<void> {
    await requestJson(`${this.kassaUrl}/v1/cron/dunning`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.secrets.cron}` },
    });
    await this.settle();
  }

  /** A command of Kassa's own against what is running. @returns what it said. @throws where it ends with another code than 0. */
  kassa(name: string, ...args: string[]): Promise<string> {
    return this.children.run(name, ['dist/cli.js', ...args], { ...this.env, LOG_LEVEL: 'error' });
  }

  /** Where the settings are kept with which a command finds all this. */
  keepEnvironment(): string {
    return this.children.keepEnvironment(this.env);
  }

  /** No more faults, for who plays with it afterwards. */
  async calm(): Promise<void> {
    await this.stripe.control('PUT', 'chaos', {});
  }

  /** Until every webhook is delivered, every inbox row worked, every message passed on, every charge answered, every grant acknowledged and every payout on its way. @throws Error after 20 s. */
  async settle(): Promise<void> {
    const deadline = Date.now() + SETTLE_TIMEOUT_MS;
    let before = -1;
    for (;;) {
      const { pending, delivered } = await this.stripe.control<{ pending: number; delivered: number }>(
        'POST',
        'deliveries/flush',
        { hurry: true, timeoutMs: SETTLE_TIMEOUT_MS },
      );
      await this.untilHandled(deadline);
      // Working a webhook may ask Stripe for something that causes the next one: calm is a round in which nothing came.
      if (pending === 0 && delivered === before) return;
      before = delivered;
    }
  }

  private async untilHandled(deadline: number): Promise<void> {
    for (;;) {
      const { inbox, outbox, charges, acknowledgements, payouts } = await this.database.unhandled();
      if (inbox + outbox + charges + acknowledgements + payouts === 0) return;
      if (Date.now() > deadline) {
        throw new Error(
          `Waited 20 s, and still ${inbox} webhooks, ${outbox} messages, ${charges} charges, ${acknowledgements} acknowledgements and ${payouts} payouts are not handled.`,
        );
      }
      await delay(POLL_MS);
    }
  }

  private async open(): Promise<void> {
    await requestJson(`${this.kassaUrl}/health/ready`);
    await this.moveTo(START);
    await this.stripe.control('POST', 'webhook_endpoints', {
      url: `${this.kassaUrl}/v1/webhooks/stripe`,
      secret: this.secrets.webhook,
    });
    await notifyKassa(this.stripe.url, STORES, this.kassaUrl);
    await tellKassa(this.stripe.url, this.kassaUrl);
    await sellProducts(this.kassaUrl, STORES, this.tokenOf('operator'));
    await this.stripe.control('PUT', 'chaos', CHAOS);
  }
}

/** Its own, so that two runs never meet; a given one is used where none can be started here. */
async function startOwnRedis(cleanUps: (() => Promise<void>)[]): Promise<string> {
  const given = process.env['REDIS_URL'];
  if (given !== undefined && given !== '' && findProgram(['redis-server', 'valkey-server']) === undefined) return given;
  const redis = await startRedis({ ephemeral: true });
  cleanUps.push(() => redis.stop());
  return redis.url;
}

async function startSandbox(children: Children): Promise<StripeSide> {
  const { said } = await children.start({
    name: 'sandbox',
    args: ['dist/sandbox/main.js'],
    env: { SANDBOX_PORT: '0', SANDBOX_START: START.toISOString(), SANDBOX_SEED: String(SEED) },
    ready: /^sandbox listening on (\S+)/m,
  });
  return new StripeSide(said);
}

/** On a free port; on another one when somebody was faster. */
async function startService(children: Children, env: Readonly<Record<string, string>>): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    try {
      await children.start({
        name: 'kassa',
        args: ['dist/main.js'],
        env: { ...env, PORT: port, PUBLIC_URL: url },
        ready: /"msg":"(Kassa is ready)"/,
      });
      return url;
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof Error) || !error.message.includes('EADDRINUSE')) throw error;
    }
  }
}

function serviceEnvironment(
  { auth, webhook, cron, stripeKey, encryption }: Secrets,
  stripeUrl: string,
): Record<string, string> {
  return {
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    AUTH_JWT_SECRET: auth.secret,
    AUTH_ISSUER: auth.issuer,
    AUTH_AUDIENCE: auth.audience,
    CRON_SECRET: cron,
    ENCRYPTION_KEYS: encryption,
    STRIPE_SECRET_KEY: stripeKey,
    STRIPE_WEBHOOK_SECRETS: webhook,
    STRIPE_API_BASE: stripeUrl,
    REDIRECT_ALLOW_LIST: SHOP,
  };
}
