import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { validation } from '../../shared/app-error';
import type { FactObjectType } from '../../shared/facts';
import {
  SEEN_PREFIX,
  type ListedEvent,
  type ListPage,
  type ObjectQuery,
  type ProviderAdapter,
  type ReadResult,
  type SeenPage,
  type Translation,
} from '../provider.port';
import { StripeClient } from './stripe-client';
import { StripeLists } from './stripe-lists';
import { METADATA } from './stripe-objects';
import { StripeReader } from './stripe-reader';
import { translateSeen } from './stripe-seen';
import { translateStripeEvent } from './stripe-translator';

/** Stripe as the pipeline knows it. */
@Injectable()
export class StripeAdapter implements ProviderAdapter {
  readonly provider = 'stripe';
  readonly eventsKeptSeconds = 30 * 24 * 3600;

  constructor(
    private readonly client: StripeClient,
    private readonly reader: StripeReader,
    private readonly lists: StripeLists,
  ) {}

  get livemode(): boolean | null {
    return this.client.livemode;
  }

  namesUs(rawBody: Buffer): boolean {
    return rawBody.includes(METADATA.customerId);
  }

  translate(eventId: string, rawBody: Buffer): Translation {
    // No event of Stripe's has such an id, and nobody else can sign one.
    if (eventId.startsWith(SEEN_PREFIX)) return translateSeen(eventId, rawBody);
    const event = JSON.parse(rawBody.toString('utf8')) as Stripe.Event;
    if (event.id !== eventId) throw validation('SCHEMA_VALIDATION', 'The stored body belongs to another event');
    return translateStripeEvent(event);
  }

  read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    return this.reader.read(objectType, objectId, sourceId);
  }

  ownerOf(customerRef: string): Promise<string | null> {
    return this.reader.ownerOf(customerRef);
  }

  undelivered(range: { since: Date; until: Date }, page?: string): Promise<ListPage<ListedEvent>> {
    return this.lists.undelivered(range, page);
  }

  list(query: ObjectQuery): Promise<SeenPage> {
    return this.lists.list(query);
  }
}
