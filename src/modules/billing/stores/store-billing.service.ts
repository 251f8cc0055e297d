import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { sameJson } from '../../../shared/canonical-json';
import type { Fact, Provider, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactStoreRepository, objectKeyText } from '../../../platform/facts';
import { OwnAnswer } from '../../../platform/inbox';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import type { ReadResult } from '../../../providers/provider.port';
import { CustomersService } from '../../customers';
import { EntitlementsService } from '../../entitlements';
import { BILLING_EVENTS } from '../billing.events';
import type { Effects } from '../effects';
import { SubscriptionAccess } from '../subscription-access.service';
import { SubscriptionsRepository, type Subscription } from '../subscriptions.repository';
import type { StorePurchase } from './domain/purchase-grants';
import { PurchaseMovesRepository, type PurchaseMove } from './purchase-moves.repository';
import { StorePurchasesRepository } from './store-purchases.repository';

/** The stores' door into billing: what was read of a purchase goes the way of every other fact. */
@Injectable()
export class StoreBilling {
  constructor(
    private readonly facts: FactStoreRepository,
    private readonly answers: OwnAnswer,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly moves: PurchaseMovesRepository,
    private readonly purchases: StorePurchasesRepository,
    private readonly customers: CustomersService,
    private readonly entitlements: EntitlementsService,
    private readonly access: SubscriptionAccess,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
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

  /** What a customer has bought once, the newest first. */
  boughtOnce(tx: Tx, customerId: string, limit: number): Promise<StorePurchase[]> {
    return this.purchases.of(tx, customerId, limit);
  }

  /**
   * Gives a purchase to another customer: its subscription, its invoices and payments, what they grant, and all that is told of it
   * from now on. The caller holds the aggregate's lock. @returns the transfer.
   */
  async move(tx: Tx, move: PurchaseMove): Promise<{ id: string; at: Date }> {
    const { provider, providerId, aggregate, fromCustomerId, toCustomerId } = move;
    await this.customers.relink(tx, provider, providerId, toCustomerId);
    const { subscriptions, invoiceIds } = await this.moves.move(tx, move);
    const sources = [...subscriptions.map(({ id }) => id), ...invoiceIds];
    await this.entitlements.move(tx, provider, sources, toCustomerId);
    const effects: Effects = { events: [], readAgain: [] };
    const affected = subscriptions.map((one) => {
      const key = { provider, objectType: 'subscription', objectId: one.providerId } as const;
      return { key, aggregate, customerId: toCustomerId };
    });
    await this.access.project(tx, [], affected, effects);
    const transfer = await this.moves.record(tx, move);
    const told = [fromCustomerId, toCustomerId].map((customerId): DomainEvent => {
      const base = { objectType: 'purchase_transfer', objectId: transfer.id, customerId, occurredAt: this.clock.now() };
      return { ...base, type: BILLING_EVENTS.entitlementsUpdated, payload: { transferId: transfer.id } };
    });
    await this.outbox.append(tx, [...effects.events, ...told]);
    return transfer;
  }

  /** As `openOf`, without what somebody else of his family pays for. */
  async paidOf(tx: Tx, customerId: string): Promise<Subscription[]> {
    const shared = await this.purchases.sharedWith(tx, customerId);
    return (await this.subscriptions.openOf(tx, customerId)).filter(({ id }) => !shared.has(id));
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
