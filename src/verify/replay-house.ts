import { Global, Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Client } from 'pg';
import { platformModules } from '../composition';
import { Clock } from '../shared/clock';
import type { Fact, Provider } from '../shared/facts';
import { BillingModule, MirrorInvariant, RevenueRelease } from '../modules/billing';
import { RetryModule } from '../modules/retry';
import { AggregateOwners, InboxWorker, WebhooksModule } from '../modules/webhooks';
import { loadConfig, type AppConfig, type Environment } from '../platform/config';
import {
  isDatabaseUnavailable,
  lockAggregate,
  PrismaService,
  retryWhileBusy,
  UnitOfWork,
  type Tx,
} from '../platform/database';
import { FactPipeline } from '../platform/facts';
import { HttpModule } from '../platform/http';
import { InboxAcceptance, InboxRepository } from '../platform/inbox';
import { createLogger } from '../platform/logging';
import { DelayedJobs, QueueModule, Sweepers, WakeService } from '../platform/queue';
import { AppleAdapter } from '../providers/apple';
import { GoogleAdapter } from '../providers/google';
import type { ProviderAdapter } from '../providers/provider.port';
import { StripeAdapter } from '../providers/stripe';
import { WiseAdapter } from '../providers/wise';
import { Crashes, CrashingUnitOfWork, MadeFault } from './crashing-unit-of-work';
import { outcomeOf, type Outcome, type OutcomeRow, type OutcomeScope } from './outcome.repository';
import { knownTo, ProviderStandIn, type KnownObject } from './provider-stand-in';
import { ownersOf, type Crash, type RecordedItem, type RecordedReading, type Recording, type Step } from './recording';
import { connect, serviceSession } from './sessions';

/** More than any row has. */
const MAX_ATTEMPTS = 70;

/** Nobody is woken and nothing sweeps: the real queues are somebody else's, and the replay says what happens when. */
@Global()
@Module({
  providers: [
    { provide: WakeService, useValue: { wake: () => undefined, wakeAfter: () => undefined } },
    { provide: DelayedJobs, useValue: { plan: () => undefined } },
    { provide: Sweepers, useValue: { register: () => undefined } },
  ],
  exports: [WakeService, DelayedJobs, Sweepers],
})
class QuietQueueModule {}

@Module({})
class ReplayModule {}

export interface ReplayHouseOptions {
  /** A migrated database with what is given, as the service connects to it. */
  url: string;
  /** The service's settings; its database is replaced. */
  environment: Environment;
  /** What the providers stand for; none where nothing is asked of them. */
  recording?: Pick<Recording, 'given' | 'livemode'>;
  /** What translates the providers' events. */
  adapters: readonly ProviderAdapter[];
  /** Beside the real modules. */
  imports?: readonly (Type | DynamicModule)[];
}

/** The whole of what events pass through, on a database of its own, with nobody to call and nothing that runs by itself. */
export class ReplayHouse {
  private constructor(
    private readonly app: INestApplicationContext,
    private readonly client: Client,
    private readonly killer: Client,
    private readonly standIns: readonly ProviderStandIn[],
    private readonly crashes: Crashes,
  ) {}

  static async open(options: ReplayHouseOptions): Promise<ReplayHouse> {
    const { url, adapters, recording } = options;
    const owners = recording ? ownersOf(recording.given) : new Map<string, string>();
    const killer = await connect({ connectionString: url, application_name: 'kassa-verify' });
    const client = await connect(serviceSession(url));
    const crashes = new Crashes(killer);
    const standIns = adapters.map(
      (adapter) => new ProviderStandIn(adapter, recording?.livemode[adapter.provider] ?? null, owners),
    );
    const config = loadConfig({ ...options.environment, ROLE: 'api', LOG_LEVEL: 'silent', DATABASE_URL: url });
    try {
      const app = await NestFactory.createApplicationContext(rootModule(config, standIns, crashes, options.imports), {
        // Crashes are what it is about; what comes of them is told by the comparison.
        logger: false,
        abortOnError: false,
      });
      return new ReplayHouse(app, client, killer, standIns, crashes);
    } catch (error) {
      await Promise.all([killer.end(), client.end()]);
      throw error;
    }
  }

  /** How many units of work were made to crash. */
  get crashed(): number {
    return this.crashes.happened;
  }

  /** From now on what is read is answered; until then every provider is away. */
  learn(known: readonly KnownObject[]): void {
    for (const standIn of this.standIns) standIn.learn(known);
  }

  /** What a provider that is asked now would know. */
  known(): Promise<KnownObject[]> {
    return knownTo(this.client);
  }

  /** One step after the other; what is told one after the other may share a commit. */
  async take(steps: readonly Step[], items: readonly RecordedItem[], signal?: AbortSignal): Promise<void> {
    for (let at = 0; at < steps.length;) {
      signal?.throwIfAborted();
      const end = steps.findIndex((step, i) => i >= at && step.do !== 'tell');
      const batch = steps.slice(at, end === -1 ? steps.length : end);
      await this.tell(batch.flatMap((step) => (step.do === 'tell' ? (items[step.item] ?? []) : [])));
      const step = end === -1 ? undefined : steps[end];
      if (step?.do === 'work') await this.work(step.crash);
      if (step?.do === 'abandon') await this.app.get(InboxRepository, { strict: false }).claim('nobody', step.rows);
      at += batch.length + 1;
    }
  }

  /**
   * Works until nothing is left to do; what would come in time is made due.
   * @param patience passes without progress after which what is left is left.
   * @returns how many rows are left.
   */
  async settle(patience = MAX_ATTEMPTS, signal?: AbortSignal): Promise<number> {
    let left = Infinity;
    for (let idle = 0; idle < patience;) {
      signal?.throwIfAborted();
      const before = left;
      left = await this.endWaiting();
      if (left === 0) return 0;
      idle = left < before ? 0 : idle + 1;
      await this.app.get(InboxWorker, { strict: false }).drain();
    }
    return left;
  }

  outcome(scope: OutcomeScope): Promise<Outcome> {
    return outcomeOf(this.client, scope);
  }

  /** Where the rows are other than what refolding the facts makes; nothing in a sound Kassa. */
  async refold(): Promise<ReadonlyMap<string, OutcomeRow>> {
    const { differences } = await this.app.get(MirrorInvariant, { strict: false }).checkAll();
    return new Map(
      differences.map(({ provider, providerId, column, actual, expected }): [string, OutcomeRow] => [
        `${provider}:${providerId} ${column}`,
        { customerId: null, aggregate: null, row: { row: actual, facts: expected } },
      ]),
    );
  }

  async close(): Promise<void> {
    await this.app.close();
    await Promise.all([this.killer.end(), this.client.end()]);
  }

  /**
   * What many sources told, in one transaction: what comes of it is a function of all of it. Nobody is asked: the looks that were
   * taken are among what was told.
   */
  apply(readings: readonly RecordedReading[]): Promise<void> {
    const unitOfWork = this.app.get(UnitOfWork, { strict: false });
    const told = new Map<string, Fact[]>();
    for (const { aggregate, facts } of readings) told.set(aggregate, [...(told.get(aggregate) ?? []), ...facts]);
    return unitOfWork.service(async (tx) => {
      const groups = [...told].map(([aggregate, facts]) => ({ aggregate, facts }));
      const owners = await this.app.get(AggregateOwners, { strict: false }).ownersOf(tx, groups);
      const ours = groups.flatMap((group) => {
        const owner = owners.get(group.aggregate);
        return owner?.kind === 'ours' ? [{ ...group, customerId: owner.customerId }] : [];
      });
      await this.app.get(FactPipeline, { strict: false }).apply(tx, ours);
    });
  }

  /** What the passing of days earns, up to now. */
  async release(): Promise<void> {
    await this.app.get(RevenueRelease, { strict: false }).run();
  }

  /** The database as the service sees it. */
  get session(): Client {
    return this.client;
  }

  /** Business time. */
  get now(): Date {
    return this.app.get(Clock, { strict: false }).now();
  }

  /** Events that come at once share a commit; answers come one after the other. */
  private async tell(items: readonly RecordedItem[]): Promise<void> {
    const inbox = this.app.get(InboxAcceptance, { strict: false });
    await Promise.all(items.flatMap((item) => (item.kind === 'event' ? [inbox.accept(item.event)] : [])));
    for (const item of items) if (item.kind === 'reading') await this.answer(item);
  }

  /** As the flow does that has made the call: a question of a pass that has died may still hold the aggregate. */
  private answer(reading: RecordedReading): Promise<void> {
    const unitOfWork = this.app.get(UnitOfWork, { strict: false });
    return retryWhileBusy(() => unitOfWork.service((tx) => this.applyAnswer(tx, reading)));
  }

  private async applyAnswer(tx: Tx, { aggregate, facts, sourceId }: RecordedReading): Promise<void> {
    await lockAggregate(tx, aggregate);
    const owners = await this.app.get(AggregateOwners, { strict: false }).ownersOf(tx, [{ aggregate, facts }]);
    const owner = owners.get(aggregate);
    if (owner?.kind !== 'ours') return;
    const told = [{ aggregate, customerId: owner.customerId, facts }];
    const { readAgain } = await this.app.get(FactPipeline, { strict: false }).apply(tx, told);
    const requests = readAgain.map((again) => ({ ...again, reason: sourceId }));
    await this.app.get(InboxRepository, { strict: false }).requestReads(tx, requests);
  }

  /** What a dead worker held is free again: its lease would have ended by the time another looks. */
  private async work(crash: Crash | null): Promise<void> {
    await this.endLeases();
    this.crashes.arm(crash);

    try {
      await this.app.get(InboxWorker, { strict: false }).drain();
    } catch (error) {
      // The worker died of it; the next one takes over.
      if (!crash || !(isDatabaseUnavailable(error) || error instanceof MadeFault)) throw error;
    } finally {
      this.crashes.arm(null);
    }
  }

  private async endLeases(): Promise<void> {
    // May meet a question of a pass that has died, on rows in another order.
    await retryWhileBusy(() =>
      this.client.query(
        `UPDATE inbox_events SET lease_until = statement_timestamp() - interval '1 second'
         WHERE handled_at IS NULL AND lease_until IS NOT NULL`,
      ),
    );
  }

  /** @returns how many rows are not handled. */
  private async endWaiting(): Promise<number> {
    await this.endLeases();
    const { rowCount } = await retryWhileBusy(() =>
      this.client.query('UPDATE inbox_events SET next_retry_at = NULL WHERE handled_at IS NULL'),
    );
    return rowCount ?? 0;
  }
}

/** Off where the recording has nothing of them. */
const STORES = new Map<Provider, Type>([
  ['apple', AppleAdapter],
  ['google', GoogleAdapter],
  ['wise', WiseAdapter],
]);

function rootModule(
  config: AppConfig,
  standIns: readonly ProviderStandIn[],
  crashes: Crashes,
  imports: readonly (Type | DynamicModule)[] = [],
): DynamicModule {
  const logger = createLogger(config);
  const rooms = platformModules(config, logger).map((room) => (room === QueueModule ? QuietQueueModule : room));
  const webhooks = WebhooksModule.register(config);
  // A module's own providers go before what others export to it.
  const instead = [
    { provide: StripeAdapter, useValue: standIns.find(({ provider }) => provider === 'stripe') },
    ...standIns.flatMap((standIn) => {
      const adapter = STORES.get(standIn.provider);
      return adapter ? [{ provide: adapter, useValue: standIn }] : [];
    }),
    {
      provide: UnitOfWork,
      useFactory: (prisma: PrismaService) => new CrashingUnitOfWork(prisma, crashes),
      inject: [PrismaService],
    },
  ];
  const replaced = { ...webhooks, providers: [...(webhooks.providers ?? []), ...instead] };
  return {
    module: ReplayModule,
    imports: [...rooms, HttpModule, BillingModule, RetryModule.register(config), replaced, ...imports],
  };
}
