import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { validation } from '../../shared/app-error';
import type { FactObjectType } from '../../shared/facts';
import type { ProviderAdapter, ReadResult, Translation } from '../provider.port';
import { StripeClient } from './stripe-client';
import { METADATA } from './stripe-objects';
import { StripeReader } from './stripe-reader';
import { translateStripeEvent } from './stripe-translator';

/** Stripe as the pipeline knows it. */
@Injectable()
export class StripeAdapter implements ProviderAdapter {
  readonly provider = 'stripe';

  constructor(
    private readonly client: StripeClient,
    private readonly reader: StripeReader,
  ) {}

  get livemode(): boolean | null {
    return this.client.livemode;
  }

  namesUs(rawBody: Buffer): boolean {
    return rawBody.includes(METADATA.customerId);
  }

  translate(eventId: string, rawBody: Buffer): Translation {
    const event = JSON.parse(rawBody.toString('utf8')) as Stripe.Event;
    if (event.id !== eventId) throw validation('SCHEMA_VALIDATION', 'The stored body belongs to another event');
    return translateStripeEvent(event);
  }

  read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    return this.reader.read(objectType, objectId, sourceId);
  }
}
