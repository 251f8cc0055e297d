import { Injectable } from '@nestjs/common';
import type { Fact } from '../../shared/facts';
import type { FactObjectType } from '../../shared/facts';
import { UnitOfWork } from '../../platform/database';
import { FactStoreRepository } from '../../platform/facts';
import { READ_REQUEST, type ClaimedEvent } from '../../platform/inbox';
import type { ProviderAdapter, Translation } from '../../providers/provider.port';
import { StripeAdapter } from '../../providers/stripe';
import { objectGone, objectUnknown, providerNotConfigured } from './webhooks.errors';

/** What an inbox row turned out to say. */
export type EventReading =
  { kind: 'facts'; aggregate: string; facts: Fact[] } | { kind: 'ignored'; reason: string; alert: boolean };

/** After this many failed looks at our own tables the provider is asked instead: the telling event may be lost for good. */
const ASK_PROVIDER_AFTER = 2;

/** Reads inbox rows into facts, asking the provider where the row cannot say enough. Outside every transaction. */
@Injectable()
export class EventReadingService {
  private readonly adapters: ReadonlyMap<string, ProviderAdapter>;

  constructor(
    stripe: StripeAdapter,
    private readonly unitOfWork: UnitOfWork,
    private readonly facts: FactStoreRepository,
  ) {
    this.adapters = new Map([[stripe.provider, stripe]]);
  }

  async read(event: ClaimedEvent): Promise<EventReading> {
    const adapter = this.adapters.get(event.provider);
    if (!adapter || adapter.livemode === null) throw providerNotConfigured(event.provider);
    if (event.type === READ_REQUEST) {
      return this.ask(adapter, event, event.objectType as FactObjectType, event.objectId ?? '');
    }
    if (event.livemode !== adapter.livemode) {
      return {
        kind: 'ignored',
        reason: event.livemode ? 'a live event on test keys' : 'a test event on live keys',
        alert: true,
      };
    }
    return this.resolve(adapter, event, adapter.translate(event.eventId, event.rawBody));
  }

  private async resolve(adapter: ProviderAdapter, event: ClaimedEvent, said: Translation): Promise<EventReading> {
    switch (said.kind) {
      case 'facts':
        return said;
      case 'ignored':
        return { ...said, alert: false };
      case 'read':
        return this.ask(adapter, event, said.objectType, said.objectId);
      case 'unplaced': {
        const key = { provider: adapter.provider, ...said.via };
        const known = await this.unitOfWork.service((tx) => this.facts.aggregateOf(tx, key));
        if (known)
          return { kind: 'facts', aggregate: known, facts: said.facts.map((fact) => ({ ...fact, aggregate: known })) };
        if (event.retryCount < ASK_PROVIDER_AFTER) throw objectUnknown(said.via.objectType, said.via.objectId);
        const read = await this.ask(adapter, event, said.via.objectType, said.via.objectId);
        if (read.kind === 'ignored') return read;
        const { aggregate } = read;
        return {
          kind: 'facts',
          aggregate,
          facts: [...read.facts, ...said.facts.map((fact) => ({ ...fact, aggregate }))],
        };
      }
    }
  }

  private async ask(
    adapter: ProviderAdapter,
    event: ClaimedEvent,
    objectType: FactObjectType,
    objectId: string,
  ): Promise<EventReading> {
    const read = await adapter.read(objectType, objectId, `read:${event.id}`);
    if (!read) throw objectGone(objectType, objectId);
    return { kind: 'facts', ...read };
  }
}
