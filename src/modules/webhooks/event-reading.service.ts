import { Injectable } from '@nestjs/common';
import type { Fact, FactObjectType } from '../../shared/facts';
import { UnitOfWork } from '../../platform/database';
import { FactStoreRepository } from '../../platform/facts';
import { READ_REQUEST, type ClaimedEvent } from '../../platform/inbox';
import type { ProviderAdapter, Translation, UnplacedFact } from '../../providers/provider.port';
import { StripeAdapter } from '../../providers/stripe';
import { BillingOwnership } from '../billing';
import { objectGone, objectUnknown, providerNotConfigured } from './webhooks.errors';

type FactsReading = { kind: 'facts'; aggregate: string; facts: Fact[] };

/** What an inbox row turned out to say. */
export type EventReading =
  | FactsReading
  | { kind: 'ignored'; reason: string; alert: boolean }
  /** Only the provider can say: a network call, made apart from what needs none. */
  | { kind: 'ask'; objectType: FactObjectType; objectId: string; andFacts: UnplacedFact[] };

/** After this many failed looks at our own tables the provider is asked instead: the telling event may be lost for good. */
const ASK_PROVIDER_AFTER = 2;

/** Reads inbox rows into facts. Outside every transaction. */
@Injectable()
export class EventReadingService {
  private readonly adapters: ReadonlyMap<string, ProviderAdapter>;

  constructor(
    stripe: StripeAdapter,
    private readonly unitOfWork: UnitOfWork,
    private readonly facts: FactStoreRepository,
    private readonly ownership: BillingOwnership,
  ) {
    this.adapters = new Map([[stripe.provider, stripe]]);
  }

  /** Without network. */
  async read(event: ClaimedEvent): Promise<EventReading> {
    const adapter = this.adapterOf(event);
    if (event.type === READ_REQUEST) {
      const objectType = event.objectType as FactObjectType;
      return { kind: 'ask', objectType, objectId: event.objectId ?? '', andFacts: [] };
    }
    if (event.livemode !== adapter.livemode) {
      const reason = event.livemode ? 'a live event on test keys' : 'a test event on live keys';
      return { kind: 'ignored', reason, alert: true };
    }
    const said = adapter.translate(event.eventId, event.rawBody);
    switch (said.kind) {
      case 'facts':
        return said;
      case 'ignored':
        return { ...said, alert: false };
      case 'read':
        return { kind: 'ask', objectType: said.objectType, objectId: said.objectId, andFacts: [] };
      case 'unplaced':
        return this.place(adapter, event, said);
    }
  }

  /**
   * Whether an event that cannot be read is somebody else's: on a shared account others' objects may have shapes we do
   * not sell, and are none of our operators' business.
   */
  async isForeign(event: ClaimedEvent): Promise<boolean> {
    const { aggregate, provider } = event;
    if (aggregate === null || this.adapterOf(event).namesUs(event.rawBody)) return false;
    return !(await this.unitOfWork.service((tx) => this.ownership.isLinked(tx, provider, aggregate)));
  }

  /** With network: asks the provider for the object. @throws OBJECT_GONE where it has none. */
  async ask(event: ClaimedEvent, question: Extract<EventReading, { kind: 'ask' }>): Promise<FactsReading> {
    const { objectType, objectId, andFacts } = question;
    const read = await this.adapterOf(event).read(objectType, objectId, `read:${event.id}`);
    if (!read) throw objectGone(objectType, objectId);
    const { aggregate, facts } = read;
    return { kind: 'facts', aggregate, facts: [...facts, ...andFacts.map((fact) => ({ ...fact, aggregate }))] };
  }

  /** The facts of an event that names no customer go where the object it names belongs. */
  private async place(
    adapter: ProviderAdapter,
    event: ClaimedEvent,
    said: Extract<Translation, { kind: 'unplaced' }>,
  ): Promise<EventReading> {
    const { objectType, objectId } = said.via;
    const key = { provider: adapter.provider, objectType, objectId };
    const aggregate = await this.unitOfWork.service((tx) => this.facts.aggregateOf(tx, key));
    if (aggregate) return { kind: 'facts', aggregate, facts: said.facts.map((fact) => ({ ...fact, aggregate })) };
    if (event.retryCount < ASK_PROVIDER_AFTER) throw objectUnknown(objectType, objectId);
    return { kind: 'ask', objectType, objectId, andFacts: said.facts };
  }

  private adapterOf(event: ClaimedEvent): ProviderAdapter {
    const adapter = this.adapters.get(event.provider);
    if (!adapter || adapter.livemode === null) throw providerNotConfigured(event.provider);
    return adapter;
  }
}
