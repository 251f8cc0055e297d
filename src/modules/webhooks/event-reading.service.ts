import { Injectable } from '@nestjs/common';
import { customerRefOf } from '../../shared/aggregate';
import { isAppError } from '../../shared/app-error';
import type { Fact, FactObjectType, Provider } from '../../shared/facts';
import { retryWhileBusy, lockAggregate, UnitOfWork } from '../../platform/database';
import { FactStoreRepository, objectKeyText, type ObjectKey } from '../../platform/facts';
import { READ_REQUEST, type ClaimedEvent } from '../../platform/inbox';
import type { UnplacedFact } from '../../providers/provider.port';
import { AggregateOwners } from './aggregate-owners.service';
import { eventBodyExpired } from './operators.errors';
import { ProviderAdapters } from './provider-adapters';
import { objectGone, objectUnknown } from './webhooks.errors';

export interface FactsReading {
  kind: 'facts';
  aggregate: string;
  facts: Fact[];
}

/** What an inbox row turned out to say. */
export type EventReading =
  | FactsReading
  | { kind: 'ignored'; reason: string; alert: boolean }
  /** Only the provider can say: a network call, made apart from what needs none. */
  | { kind: 'ask'; objectType: FactObjectType; objectId: string; andFacts: UnplacedFact[] };

/** The event could not be read. */
export interface FailedReading {
  kind: 'failed';
  error: unknown;
}

/** Whose it is, says an object it names. */
interface Unplaced {
  kind: 'unplaced';
  key: ObjectKey;
  facts: UnplacedFact[];
}

/** After this many failed looks at our own tables the provider is asked instead: the telling event may be lost for good. */
const ASK_PROVIDER_AFTER = 2;

/** Reads inbox rows into facts. Outside every transaction. */
@Injectable()
export class EventReadingService {
  constructor(
    private readonly adapters: ProviderAdapters,
    private readonly unitOfWork: UnitOfWork,
    private readonly facts: FactStoreRepository,
    private readonly ownership: AggregateOwners,
  ) {}

  /** Without network, one statement for all. What cannot be read is told as the error it met, and holds up nobody else. */
  async readAll(
    events: readonly ClaimedEvent[],
  ): Promise<{ event: ClaimedEvent; reading: EventReading | FailedReading }[]> {
    const first = events.map((event) => ({ event, reading: this.attempt(event) }));
    const placed = await this.placesOf(first.flatMap(({ reading }) => (reading.kind === 'unplaced' ? [reading] : [])));
    for (const { reading } of first) {
      if (reading.kind === 'facts') for (const fact of reading.facts) placed.set(objectKeyText(fact), fact.aggregate);
    }
    return first.map(({ event, reading }) => {
      return { event, reading: reading.kind === 'unplaced' ? place(event, reading, placed) : reading };
    });
  }

  /** One of them. @throws what it met. */
  async read(event: ClaimedEvent): Promise<EventReading> {
    const [read] = await this.readAll([event]);
    if (!read) throw new Error('One event has one reading');
    if (read.reading.kind === 'failed') throw read.reading.error;
    return read.reading;
  }

  private attempt(event: ClaimedEvent): EventReading | FailedReading | Unplaced {
    try {
      return this.translate(event);
    } catch (error) {
      return { kind: 'failed', error };
    }
  }

  private translate(event: ClaimedEvent): EventReading | Unplaced {
    const adapter = this.adapters.of(event.provider);
    if (event.type === READ_REQUEST) {
      const objectType = event.objectType as FactObjectType;
      return { kind: 'ask', objectType, objectId: event.objectId ?? '', andFacts: [] };
    }
    const counts = event.livemode === adapter.livemode || (!event.livemode && adapter.countsTestToo === true);
    if (!counts) {
      const reason = event.livemode ? 'a live event on test keys' : 'a test event on live keys';
      return { kind: 'ignored', reason, alert: true };
    }
    // Let go by the archive while the row was waiting to be replayed.
    if (event.rawBody.length === 0) throw eventBodyExpired(event.id);
    const said = adapter.translate(event.eventId, event.rawBody);
    switch (said.kind) {
      case 'facts':
        return said;
      case 'ignored':
        return { ...said, alert: said.alert ?? false };
      case 'read':
        return { kind: 'ask', objectType: said.objectType, objectId: said.objectId, andFacts: [] };
      case 'unplaced':
        return { kind: 'unplaced', key: { provider: adapter.provider, ...said.via }, facts: said.facts };
    }
  }

  /**
   * Whether an event that cannot be read is somebody else's: on a shared account others' objects may have shapes we do
   * not sell, and are none of our operators' business.
   */
  async isForeign(event: ClaimedEvent, error: unknown): Promise<boolean> {
    const { aggregate, provider } = event;
    if (!isAppError(error) || error.kind !== 'validation') return false;
    if (aggregate === null || this.adapters.of(event.provider).namesUs(event.rawBody)) return false;
    return !(await this.unitOfWork.service((tx) => this.ownership.isLinked(tx, provider, aggregate)));
  }

  /** With network: asks the provider for the object. @throws OBJECT_GONE where it has none. */
  async ask(event: ClaimedEvent, question: Extract<EventReading, { kind: 'ask' }>): Promise<FactsReading> {
    const { objectType, objectId, andFacts } = question;
    const read = await this.adapters.of(event.provider).read(objectType, objectId, `read:${event.id}`);
    if (!read) throw objectGone(objectType, objectId);
    const { aggregate, facts } = read;
    return { kind: 'facts', aggregate, facts: [...facts, ...andFacts.map((fact) => ({ ...fact, aggregate }))] };
  }

  /**
   * With network: asks the provider whose its customer is, and believes it.
   * @returns false where it says nothing, or names nobody we know. @throws TRY_AGAIN while the aggregate is worked on.
   */
  async introduce(provider: Provider, aggregate: string): Promise<boolean> {
    const ownerId = await this.adapters.of(provider).ownerOf(customerRefOf(aggregate));
    if (ownerId === null) return false;
    return retryWhileBusy(() =>
      this.unitOfWork.service(async (tx) => {
        await lockAggregate(tx, aggregate);
        return this.ownership.claim(tx, provider, aggregate, ownerId);
      }),
    );
  }

  private async placesOf(unplaced: readonly Unplaced[]): Promise<Map<string, string>> {
    if (unplaced.length === 0) return new Map();
    return this.unitOfWork.service((tx) =>
      this.facts.aggregatesOf(
        tx,
        unplaced.map(({ key }) => key),
      ),
    );
  }
}

/** The facts of an event that names no customer go where the object it names belongs. */
function place(
  event: ClaimedEvent,
  { key, facts }: Unplaced,
  places: ReadonlyMap<string, string>,
): EventReading | FailedReading {
  const aggregate = places.get(objectKeyText(key));
  if (aggregate) return { kind: 'facts', aggregate, facts: facts.map((fact) => ({ ...fact, aggregate })) };
  const { objectType, objectId } = key;
  if (event.retryCount < ASK_PROVIDER_AFTER) return { kind: 'failed', error: objectUnknown(objectType, objectId) };
  return { kind: 'ask', objectType, objectId, andFacts: facts };
}
