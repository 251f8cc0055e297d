import { Injectable } from '@nestjs/common';
import type { Stored, SubscriptionFact } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import { FactStoreRepository, objectKeyText, type ObjectKey } from '../../platform/facts';
import type { Effects } from './effects';
import { MoneyBack, type TouchedMoney } from './money-back.repository';
import { StorePurchases } from './stores/store-purchases.service';
import { SubscriptionProjection, type ToldSubscription } from './subscription-projection.service';

/** A subscription to look at again, with its owner. */
export type AffectedSubscription = Omit<ToldSubscription, 'facts'>;

/** A subscription's access hangs on its invoices and on the money paid for them: whichever is told last, it is made anew. */
@Injectable()
export class SubscriptionAccess {
  constructor(
    private readonly store: FactStoreRepository,
    private readonly money: MoneyBack,
    private readonly purchases: StorePurchases,
    private readonly subscriptions: SubscriptionProjection,
  ) {}

  /** After refunds, disputes, payments or invoices were written. */
  async afterMoneyMoved(tx: Tx, touched: readonly TouchedMoney[], effects: Effects): Promise<void> {
    await this.project(tx, [], await this.behind(tx, touched), effects);
  }

  /**
   * The subscriptions behind money that was given back. Brings the sums refunded of payments and invoices up to date, and with
   * them what was bought once.
   */
  async behind(tx: Tx, touched: readonly TouchedMoney[]): Promise<AffectedSubscription[]> {
    const subscriptions = await this.money.refresh(tx, touched);
    await this.purchases.project(tx, touched);
    return subscriptions.map(({ provider, providerId, aggregate, customerId }) => {
      return { key: { provider, objectType: 'subscription', objectId: providerId }, aggregate, customerId };
    });
  }

  /** @param told with all their facts; @param affected whose facts are still to be loaded. */
  async project(
    tx: Tx,
    told: readonly ToldSubscription[],
    affected: readonly AffectedSubscription[],
    effects: Effects,
  ): Promise<void> {
    const all = new Map<string, ToldSubscription & { facts: Stored<SubscriptionFact>[] }>();
    for (const one of told) all.set(objectKeyText(one.key), { ...one, facts: [...one.facts] });
    const keys: ObjectKey[] = [];
    for (const one of affected) {
      if (all.has(objectKeyText(one.key))) continue;
      all.set(objectKeyText(one.key), { ...one, facts: [] });
      keys.push(one.key);
    }
    for (const fact of await this.store.ofObjects(tx, keys)) {
      if (fact.objectType === 'subscription') all.get(objectKeyText(fact))?.facts.push(fact);
    }
    await this.subscriptions.project(tx, [...all.values()], effects);
  }
}
