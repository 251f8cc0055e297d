import { Injectable } from '@nestjs/common';
import { sameJson } from '../../../shared/canonical-json';
import type { Fact, Provider, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactStoreRepository, objectKeyText } from '../../../platform/facts';
import type { ReadResult } from '../../../providers/provider.port';
import { OwnAnswer } from '../own-answer.service';
import { SubscriptionsRepository, type Subscription } from '../subscriptions.repository';

/** The stores' door into billing: what was read of a purchase goes the way of every other fact. */
@Injectable()
export class StoreBilling {
  constructor(
    private readonly facts: FactStoreRepository,
    private readonly answers: OwnAnswer,
    private readonly subscriptions: SubscriptionsRepository,
  ) {}

  /**
   * Takes a reading in for the customer whose the purchase is. An app asks at each of its starts: what says no more than is
   * known is not stored once more. The caller holds the aggregate's lock. @throws PRICE_UNKNOWN for a product without terms.
   */
  async take(tx: Tx, customerId: string, { aggregate, facts }: ReadResult): Promise<void> {
    const news = newsAmong(facts, await this.facts.ofObjects(tx, facts.map(keyOf)));
    if (news.length > 0) await this.answers.apply(tx, customerId, { aggregate, facts: news });
  }

  /** By the store's id; null for what is none, or nobody's yet. */
  subscription(tx: Tx, provider: 'apple' | 'google', providerId: string): Promise<Subscription | null> {
    return this.subscriptions.byProviderId(tx, provider, providerId);
  }

  /** What a customer may still use or be charged for, at whichever provider, the newest first. */
  openOf(tx: Tx, customerId: string): Promise<Subscription[]> {
    return this.subscriptions.openOf(tx, customerId);
  }
}

/** Pure: the facts whose objects are not known, or were last told to be otherwise. */
export function newsAmong(read: readonly Fact[], known: readonly Stored[]): Fact[] {
  const latest = new Map<string, Stored>();
  for (const fact of known) {
    const text = objectKeyText(fact);
    const other = latest.get(text);
    if (!other || fact.occurredAt >= other.occurredAt) latest.set(text, fact);
  }
  return read.filter((fact) => {
    const before = latest.get(objectKeyText(fact));
    return !before || !sameJson(before.payload, fact.payload);
  });
}

function keyOf({ provider, objectType, objectId }: Fact): {
  provider: Provider;
  objectType: Fact['objectType'];
  objectId: string;
} {
  return { provider, objectType, objectId };
}
