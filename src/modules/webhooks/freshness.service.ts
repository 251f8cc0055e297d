import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import { AppConfig } from '../../platform/config';
import { UnitOfWork, type Tx } from '../../platform/database';
import { FactStoreRepository, objectKeyText, type ObjectKey } from '../../platform/facts';
import { InboxRepository } from '../../platform/inbox';
import { Metrics } from '../../platform/metrics';
import { QUEUES, Sweepers, WakeService } from '../../platform/queue';
import type { ObjectQuery, ProviderAdapter, SeenPage } from '../../providers/provider.port';
import { MirrorFreshness, type Comparison } from '../billing';
import { FreshnessRepository } from './freshness.repository';
import { ProviderAdapters } from './provider-adapters';
import { SeenObjects, type ReadObject } from './seen-objects.service';

const SWEEP_MS = 10_000;
/** What was compared within this time is fresh. In the provider's time. */
const FRESH_MS = 60 * 60_000;
/** What was reported is looked at again after this time: an operator may have mended it. */
const REPORT_AGAIN_MS = 60 * 60_000;
/** More differences than this at once are judged before anything else is looked at. */
const MAX_SUSPECTS = 1_000;

type Row = NonNullable<Awaited<ReturnType<MirrorFreshness['stalest']>>>;

/** A difference that may yet be explained by an event on its way. */
interface Suspect {
  adapter: ProviderAdapter;
  read: ReadObject;
  comparison: Comparison;
  /** Wall time in milliseconds. */
  since: number;
}

/**
 * Compares the rows that were verified longest ago with the provider, by lists: one call compares up to a hundred. What
 * is equal is marked and adds no fact. What differs is looked at again when an event would have come; if none has, it is
 * drift: told to the pipeline, and counted.
 */
@Injectable()
export class FreshnessService implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(FreshnessService.name);
  private readonly suspects = new Map<string, Suspect>();
  /** Told, and not mended since: an operator's ticket by now. With the wall time of the report. */
  private readonly reported = new Map<string, number>();
  /** Not among its neighbours of the same age: to be looked for among its customer's. */
  private readonly sought = new Set<string>();
  private stopping = false;
  private readonly verified;
  private readonly drift;

  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    private readonly rates: FreshnessRepository,
    private readonly mirrors: MirrorFreshness,
    private readonly facts: FactStoreRepository,
    private readonly inbox: InboxRepository,
    private readonly seen: SeenObjects,
    private readonly adapters: ProviderAdapters,
    private readonly sweepers: Sweepers,
    private readonly wakes: WakeService,
    metrics: Metrics,
  ) {
    this.verified = metrics.counter({
      name: 'kassa_freshness_verified_total',
      help: 'Mirrored objects found equal to the provider, by kind of object',
      labelNames: ['object'],
    });
    this.drift = metrics.counter({
      name: 'kassa_freshness_drift_total',
      help: 'Mirrored objects found to differ from the provider with no event to explain it, by kind of object',
      labelNames: ['object'],
    });
  }

  onModuleInit(): void {
    if (this.config.freshness.readsPerMinute === 0) return;
    this.sweepers.register({ name: 'freshness', everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** Before the shutdown that waits for sweepers: a pass may have many calls left. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** One pass: judges the differences that have waited long enough, then makes the calls that the rate allows. */
  async sweep(): Promise<void> {
    this.forgetReports();
    await this.judge();
    const { readsPerMinute } = this.config.freshness;
    if (readsPerMinute === 0) return;
    for (const adapter of this.adapters.listing()) {
      const name = `freshness:${adapter.provider}`;
      const calls = await this.unitOfWork.service((tx) => this.rates.takeCalls(tx, name, readsPerMinute));
      await this.compareStalest(adapter, calls);
    }
  }

  private async compareStalest(adapter: ProviderAdapter, calls: number): Promise<void> {
    const passed: string[] = [];
    for (let made = 0; made < calls && this.suspects.size < MAX_SUSPECTS && !this.stopping; made += 1) {
      const except = [...passed, ...this.suspects.keys(), ...this.reported.keys()];
      const before = new Date(this.clock.now().getTime() - FRESH_MS);
      const row = await this.unitOfWork.service((tx) => this.mirrors.stalest(tx, adapter.provider, before, except));
      if (!row) return;
      try {
        if (await this.look(adapter, row)) passed.push(row.objectId);
      } catch (error) {
        if (!isAppError(error) || (error.kind !== 'unavailable' && error.kind !== 'provider')) throw error;
        this.logger.debug(`${adapter.provider} is not to be asked now (${error.code}): the next pass goes on`);
        return;
      }
    }
  }

  /** One call. @returns false where another call has to look for the row elsewhere. */
  private async look(adapter: ProviderAdapter, row: Row): Promise<boolean> {
    const { objectType, objectId, createdAt: createdTo } = row;
    const key = { provider: adapter.provider, objectType, objectId };
    const again = this.sought.has(objectId);
    const aggregate = again ? await this.aggregateOf(key) : undefined;
    const query = { objectType, createdTo };
    const page = await (aggregate === undefined ? adapter.list(query) : listOf(adapter, { ...query, aggregate }));
    const reads = page ? await this.compare(adapter, page) : [];
    const found = reads.find(({ object }) => object.objectId === objectId);
    if (found && !found.sighting) await this.reportUnreadable(adapter, found);
    if (!found && !again) {
      this.sought.add(objectId);
      return false;
    }
    this.sought.delete(objectId);
    if (!found && aggregate !== undefined) await this.reportGone(key, aggregate);
    return true;
  }

  private async aggregateOf(key: ObjectKey): Promise<string | undefined> {
    const aggregates = await this.unitOfWork.service((tx) => this.facts.aggregatesOf(tx, [key]));
    return aggregates.get(objectKeyText(key));
  }

  private async compare(adapter: ProviderAdapter, page: SeenPage): Promise<ReadObject[]> {
    const reads = this.seen.read(adapter, page);
    const since = this.clock.wall().getTime();
    await this.unitOfWork.service(async (tx) => {
      const same: ReadObject[] = [];
      for (const { read, comparison } of await this.seen.compare(tx, reads)) {
        if (comparison?.verdict === 'same') same.push(read);
        if (comparison?.verdict !== 'different' || this.reported.has(read.object.objectId)) continue;
        this.suspects.set(read.object.objectId, { adapter, read, comparison, since });
      }
      await this.confirm(tx, adapter, page, same);
    });
    return reads;
  }

  private async confirm(
    tx: Tx,
    { provider }: ProviderAdapter,
    { answeredAt }: SeenPage,
    same: readonly ReadObject[],
  ): Promise<void> {
    const objectType = same[0]?.object.objectType;
    if (!objectType) return;
    const ids = same.map(({ object }) => object.objectId);
    this.verified.inc({ object: objectType }, await this.mirrors.confirm(tx, provider, objectType, ids, answeredAt));
  }

  /**
   * A difference is drift if no event has changed what we know since it was seen and none waits in the inbox. The row it is
   * told by carries the moment it was seen, so whatever comes later still comes later.
   */
  private async judge(): Promise<void> {
    const due = this.clock.wall().getTime() - this.config.freshness.patienceSeconds * 1000;
    const ripe = [...this.suspects].filter(([, { since }]) => since <= due);
    if (ripe.length === 0) return;
    const reads = ripe.map(([, { read }]) => read);
    const { busy, compared } = await this.unitOfWork.service(async (tx) => {
      const aggregates = reads.map(({ object }) => object.aggregate ?? '');
      return { busy: await this.rates.busyAmong(tx, aggregates), compared: await this.seen.compare(tx, reads) };
    });
    for (const [i, [objectId, { adapter, read, comparison }]] of ripe.entries()) {
      const now = compared[i]?.comparison;
      const persists = now?.verdict === 'different' && now.lastFactId === comparison.lastFactId;
      if (persists && !busy.has(read.object.aggregate ?? '')) await this.reportDrift(adapter, read, comparison);
      this.suspects.delete(objectId);
    }
  }

  private async reportDrift(adapter: ProviderAdapter, read: ReadObject, comparison: Comparison): Promise<void> {
    const { objectType, objectId } = read.object;
    const outcome = await this.seen.store(adapter, read, comparison);
    // Worked, and still different: it has failed. Another process may also have told it a moment ago.
    if (outcome === 'already_processed') this.report(objectId);
    if (outcome !== 'received') return;
    this.logger.warn(`${objectType} ${objectId} had drifted from ${adapter.provider}`);
    this.drift.inc({ object: objectType });
    this.wakes.wake(QUEUES.webhooks);
  }

  /** Ours, and of a shape we do not know: told all the same, so that it fails where an operator sees it. */
  private async reportUnreadable(adapter: ProviderAdapter, read: ReadObject): Promise<void> {
    this.report(read.object.objectId);
    if ((await this.seen.store(adapter, read, null)) === 'received') this.wakes.wake(QUEUES.webhooks);
  }

  /** Ours, and the provider has it no more: a reading of it fails for good, and opens the ticket. */
  private async reportGone(key: ObjectKey, aggregate: string): Promise<void> {
    this.report(key.objectId);
    const requests = [{ key, aggregate, reason: 'gone' }];
    await this.unitOfWork.service((tx) => this.inbox.requestReads(tx, requests));
    this.wakes.wake(QUEUES.webhooks);
  }

  private report(objectId: string): void {
    this.reported.set(objectId, this.clock.wall().getTime());
  }

  private forgetReports(): void {
    const due = this.clock.wall().getTime() - REPORT_AGAIN_MS;
    for (const [objectId, at] of this.reported) if (at <= due) this.reported.delete(objectId);
  }
}

/** Null where the provider does not even know the customer. */
async function listOf(adapter: ProviderAdapter, query: ObjectQuery): Promise<SeenPage | null> {
  try {
    return await adapter.list(query);
  } catch (error) {
    if (isAppError(error) && (error.kind === 'not_found' || error.kind === 'business')) return null;
    throw error;
  }
}
