import { Injectable } from '@nestjs/common';
import { aggregateOf, customerRefOf } from '../../shared/aggregate';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { AuditLog, type Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { invalidInput } from '../../platform/http';
import { InboxAcceptance } from '../../platform/inbox';
import { QUEUES, WakeService } from '../../platform/queue';
import type { ListedEvent, ListedObjectType, ProviderAdapter, SeenPage } from '../../providers/provider.port';
import { MirrorFreshness } from '../billing';
import { CustomersService } from '../customers';
import { BACKFILL_STEPS, decodePlace, encodePlace, type BackfillPlace } from './backfill-cursor';
import { ProviderAdapters } from './provider-adapters';
import { SeenObjects, type ReadObject } from './seen-objects.service';

/** A request ends well within a proxy's time-out: after so many pages, or so long. */
const MAX_PAGES = 10;
const MAX_MS = 15_000;
const SOURCE = { source: 'backfill' };

export interface BackfillRequest {
  provider: Provider;
  since: Date;
  until?: Date;
  /** Whether objects are compared too; by default only where the provider keeps no events any more. */
  objects?: boolean;
  /** `nextCursor` of the answer before, with the same request. */
  cursor?: string;
}

export interface BackfillResult {
  /** Rows new in the inbox. */
  stored: number;
  /** Events that the inbox has already, and objects that are known as the provider shows them. */
  known: number;
  /** What is nobody's of ours. */
  foreign: number;
  /** Null when all is done. */
  nextCursor: string | null;
}

type Counts = Omit<BackfillResult, 'nextCursor'>;
/** Null: the step is done. */
type Next = Pick<BackfillPlace, 'page' | 'madeBy'> | null;

/** Asks a provider for what its deliveries did not tell, and puts it into the inbox: the pipeline does the rest. */
@Injectable()
export class BackfillService {
  constructor(
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly adapters: ProviderAdapters,
    private readonly inbox: InboxAcceptance,
    private readonly mirrors: MirrorFreshness,
    private readonly customers: CustomersService,
    private readonly seen: SeenObjects,
    private readonly wakes: WakeService,
  ) {}

  /**
   * A bounded part of it. Repeated with the same request and its `nextCursor` until there is none; what is stored is
   * stored, so a run that breaks off is simply begun again.
   * @throws INVALID_INPUT, PROVIDER_NOT_CONFIGURED, and what the provider's failure is called.
   */
  async run(request: BackfillRequest, actor: Actor): Promise<BackfillResult> {
    const adapter = this.adapters.of(request.provider);
    const started = this.clock.wall().getTime();
    const counts: Counts = { stored: 0, known: 0, foreign: 0 };
    let place: BackfillPlace | null = this.begin(request);
    try {
      for (let pages = 0; place && pages < MAX_PAGES; pages += 1) {
        place = await this.onePage(adapter, request, place, counts);
        if (this.clock.wall().getTime() - started > MAX_MS) break;
      }
    } finally {
      // Of what broke off half-way too: what is stored so far is stored.
      if (counts.stored > 0) this.wakes.wake(QUEUES.webhooks);
      await this.record(request, counts, actor);
    }
    return { ...counts, nextCursor: place && encodePlace(place) };
  }

  private begin({ since, until, cursor }: BackfillRequest): BackfillPlace {
    const now = this.clock.now();
    if (since > now) throw invalidInput([{ field: 'since', message: 'must not be in the future' }]);
    if (until && until < since) throw invalidInput([{ field: 'until', message: 'must not be before since' }]);
    if (cursor !== undefined) return decodePlace(cursor);
    return { step: 0, until: (until && until < now ? until : now).getTime() };
  }

  private async onePage(
    adapter: ProviderAdapter,
    request: BackfillRequest,
    place: BackfillPlace,
    counts: Counts,
  ): Promise<BackfillPlace | null> {
    const next = await this.goOn(adapter, request, place, counts);
    if (next) return { step: place.step, until: place.until, ...next };
    const step = place.step + 1;
    const wanted = adapter.listsObjects !== false && (request.objects ?? this.isBeyondEvents(adapter, request.since));
    const last = step >= BACKFILL_STEPS.length || !wanted;
    return last ? null : { step, until: place.until };
  }

  private goOn(
    adapter: ProviderAdapter,
    request: BackfillRequest,
    place: BackfillPlace,
    counts: Counts,
  ): Promise<Next> {
    const step = BACKFILL_STEPS[place.step] ?? BACKFILL_STEPS[0];
    switch (step.kind) {
      case 'events':
        return this.events(adapter, request, place, counts);
      case 'made':
        return this.made(adapter, step.objectType, request, place, counts);
      case 'changed':
        return this.changed(adapter, step.objectType, place, counts);
    }
  }

  private oldestEvent(adapter: ProviderAdapter): Date {
    return new Date(this.clock.now().getTime() - adapter.eventsKeptSeconds * 1000);
  }

  private isBeyondEvents(adapter: ProviderAdapter, since: Date): boolean {
    return since < this.oldestEvent(adapter);
  }

  private async events(
    adapter: ProviderAdapter,
    { since }: BackfillRequest,
    { until, page }: BackfillPlace,
    counts: Counts,
  ): Promise<Next> {
    const listed = await adapter.undelivered({ since, until: new Date(until) }, page);
    const linked = await this.linkedAmong(adapter.provider, listed.items);
    const ours = oursAmong(adapter, listed.items, linked);
    counts.foreign += listed.items.length - ours.length;
    const { provider } = adapter;
    const stored = await Promise.all(ours.map((event) => this.inbox.accept({ ...event, provider, headers: SOURCE })));
    for (const { outcome } of stored) counts[outcome === 'received' ? 'stored' : 'known'] += 1;
    return listed.next === null ? null : { page: listed.next };
  }

  private async made(
    adapter: ProviderAdapter,
    objectType: ListedObjectType,
    { since }: BackfillRequest,
    { until, page }: BackfillPlace,
    counts: Counts,
  ): Promise<Next> {
    const query = { objectType, createdFrom: since, createdTo: new Date(until) };
    const listed = await adapter.list({ ...query, ...(page === undefined ? {} : { page }) });
    await this.take(adapter, listed, counts);
    return listed.next === null ? null : { page: listed.next };
  }

  /**
   * The pages that hold objects of ours which have not ended as far as we know: what was canceled and never told of is
   * among them. Pages with none of ours are leapt over.
   */
  private async changed(
    adapter: ProviderAdapter,
    objectType: ListedObjectType,
    { until, madeBy, page }: BackfillPlace,
    counts: Counts,
  ): Promise<Next> {
    const upTo = new Date(madeBy ?? until);
    const { provider } = adapter;
    const youngest = (by: Date, except: readonly string[]) =>
      this.unitOfWork.service((tx) => this.mirrors.youngest(tx, provider, objectType, by, except));
    const createdTo = page === undefined ? (await youngest(upTo, []))?.createdAt : upTo;
    if (!createdTo) return null;
    const listed = await adapter.list({ objectType, createdTo, ...(page === undefined ? {} : { page }) });
    await this.take(adapter, listed, counts);
    const oldest = listed.items.at(-1)?.createdAt;
    if (listed.next === null || !oldest) return null;
    // More were made in one second than a page holds: through them page by page.
    if (oldest.getTime() === createdTo.getTime()) return { madeBy: createdTo.getTime(), page: listed.next };
    const seen = listed.items.map(({ objectId }) => objectId);
    const following = await youngest(oldest, seen);
    return following && { madeBy: following.createdAt.getTime() };
  }

  /** Puts what we know otherwise, or not at all and is ours, into the inbox. */
  private async take(adapter: ProviderAdapter, page: SeenPage, counts: Counts): Promise<void> {
    const reads = this.seen.read(adapter, page);
    counts.foreign += page.items.length - reads.length;
    const objects = reads.map(({ object }) => object);
    const named = namedBy(adapter, objects, await this.linkedAmong(adapter.provider, objects));
    const compared = await this.unitOfWork.service((tx) => this.seen.compare(tx, reads));
    const stored = compared.map(async ({ read, comparison }) => {
      const verdict = comparison?.verdict ?? 'unknown';
      if (verdict === 'same' || verdict === 'underway') return 'known';
      if (verdict === 'unknown' && !isOurObject(read, named)) return 'foreign';
      return (await this.seen.store(adapter, read, comparison)) === 'received' ? 'stored' : 'known';
    });
    for (const outcome of await Promise.all(stored)) counts[outcome] += 1;
  }

  private async linkedAmong(
    provider: Provider,
    items: readonly { aggregate: string | null }[],
  ): Promise<ReadonlySet<string>> {
    const refs = new Set(items.flatMap(({ aggregate }) => (aggregate === null ? [] : [customerRefOf(aggregate)])));
    const claims = [...refs].map((providerId) => ({ providerId, ownerId: null }));
    const known = await this.unitOfWork.service((tx) => this.customers.resolve(tx, provider, claims));
    return new Set([...known.keys()].map((ref) => aggregateOf(provider, ref)));
  }

  private record(request: BackfillRequest, counts: Counts, actor: Actor): Promise<void> {
    const { provider, since, until, objects } = request;
    return this.unitOfWork.service((tx) =>
      this.audit.record(tx, {
        actor,
        action: 'webhooks.backfill',
        objectType: 'provider',
        objectId: provider,
        customerId: null,
        after: { since: since.toISOString(), until: until?.toISOString() ?? null, objects: objects ?? null, ...counts },
      }),
    );
  }
}

/** On a shared account most of what failed may be others'. @returns the events of a page that are, or may be, ours. */
function oursAmong(
  adapter: ProviderAdapter,
  events: readonly ListedEvent[],
  linked: ReadonlySet<string>,
): ListedEvent[] {
  const named = namedBy(adapter, events, linked);
  const isNamed = (event: ListedEvent): boolean =>
    event.aggregate === null ? adapter.namesUs(event.rawBody) : named.has(event.aggregate);
  const whose = new Map<string, boolean>();
  for (const event of events) {
    if (event.objectId !== null && event.aggregate !== null) whose.set(event.objectId, isNamed(event));
  }
  return events.filter((event) => {
    if (event.livemode !== adapter.livemode) return false;
    if (event.aggregate !== null || isNamed(event)) return isNamed(event);
    // It names no customer: the object it names says whose it is. Where no event of the page tells, the pipeline finds out.
    const via = viaOf(adapter, event);
    return via !== null && (whose.get(via) ?? true);
  });
}

/** The object an event without a customer hangs on; null for what means nothing to us. */
function viaOf(adapter: ProviderAdapter, event: ListedEvent): string | null {
  try {
    const said = adapter.translate(event.eventId, event.rawBody);
    if (said.kind === 'unplaced') return said.via.objectId;
    return said.kind === 'read' ? said.objectId : null;
  } catch {
    return null;
  }
}

/** A customer whose link was lost is named by some of what is his, and the rest is his too. */
function namedBy(
  adapter: ProviderAdapter,
  items: readonly { aggregate: string | null; rawBody: Buffer }[],
  linked: ReadonlySet<string>,
): ReadonlySet<string> {
  const named = items.flatMap(({ aggregate, rawBody }) => (aggregate && adapter.namesUs(rawBody) ? aggregate : []));
  return new Set([...linked, ...named]);
}

/** By his customer, or by the price: what only we sell is not a stranger's. */
function isOurObject({ object, sighting }: ReadObject, named: ReadonlySet<string>): boolean {
  if (named.has(object.aggregate ?? '')) return true;
  return (sighting?.facts ?? []).some((fact) => fact.objectType === 'subscription' && fact.payload.priceId !== null);
}
