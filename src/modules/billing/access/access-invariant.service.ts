import { Injectable } from '@nestjs/common';
import type { Stored, SubscriptionFact } from '../../../shared/facts';
import { tryLockAggregates, UnitOfWork, type Tx } from '../../../platform/database';
import { FactStoreRepository, objectKeyText, type ObjectKey } from '../../../platform/facts';
import { StorePurchases } from '../stores/store-purchases.service';
import { SubscriptionProjection, type ToldSubscription } from '../subscription-projection.service';
import {
  AccessInvariantRepository,
  type AccessDifference,
  type MirroredSubscription,
} from './access-invariant.repository';

const BATCH = 200;

/** Holds what customers may use against what their subscriptions give: refolded from facts, by the projection itself. */
@Injectable()
export class AccessInvariant {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: AccessInvariantRepository,
    private readonly store: FactStoreRepository,
    private readonly subscriptions: SubscriptionProjection,
    private readonly purchases: StorePurchases,
  ) {}

  /** All subscriptions there are, a batch to a transaction, and what was bought once. @param report as they are found */
  async checkAll(report: (difference: AccessDifference) => void): Promise<number> {
    let checked = 0;
    for (let after = ''; ;) {
      const from = after;
      const { rows, differences } = await this.unitOfWork.service((tx) => this.checkFrom(tx, from));
      differences.forEach(report);
      checked += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < BATCH) break;
      after = last.id;
    }
    const bought = await this.unitOfWork.service((tx) => this.purchases.check(tx));
    bought.differences.forEach(report);
    (await this.unitOfWork.service((tx) => this.repository.unfounded(tx, BATCH))).forEach(report);
    return checked + bought.checked;
  }

  private async checkFrom(
    tx: Tx,
    after: string,
  ): Promise<{ rows: MirroredSubscription[]; differences: AccessDifference[] }> {
    const rows = await this.repository.next(tx, after, BATCH);
    const { differences: suspects, told } = await this.compare(tx, rows);
    // A worker may have committed between our looking at the facts and at the grants: who differs is looked at under the lock.
    const named = new Set(suspects.map(({ subscriptionId }) => subscriptionId));
    const again = rows.filter(({ id }) => named.has(id));
    const aggregates = again.flatMap((row) => told.get(keyText(row))?.aggregate ?? []);
    const locked = await tryLockAggregates(tx, [...new Set(aggregates)]);
    const mine = again.filter((row) => locked.has(told.get(keyText(row))?.aggregate ?? ''));
    return { rows, differences: (await this.compare(tx, mine)).differences };
  }

  private async compare(
    tx: Tx,
    rows: readonly MirroredSubscription[],
  ): Promise<{ differences: AccessDifference[]; told: ReadonlyMap<string, ToldSubscription> }> {
    const told = await this.toldOf(tx, rows);
    if (told.size === 0) return { differences: [], told };
    const ids = new Map(rows.map((row) => [keyText(row), row.id]));
    const folded = (await this.subscriptions.fold(tx, [...told.values()])).map((one) => ({
      ...one,
      row: { id: ids.get(objectKeyText(one.key)) ?? '' },
    }));
    const differences = await this.repository.differences(tx, await this.subscriptions.grants(tx, folded));
    return { differences, told };
  }

  private async toldOf(tx: Tx, rows: readonly MirroredSubscription[]): Promise<Map<string, ToldSubscription>> {
    const told = new Map<string, ToldSubscription & { facts: Stored<SubscriptionFact>[] }>();
    const owners = new Map(rows.map((row) => [keyText(row), row.customerId]));
    for (const fact of rows.length === 0 ? [] : await this.store.ofObjects(tx, rows.map(keyOf))) {
      if (fact.objectType !== 'subscription') continue;
      const text = objectKeyText(fact);
      const one = told.get(text) ?? {
        key: { provider: fact.provider, objectType: fact.objectType, objectId: fact.objectId },
        ...{ aggregate: fact.aggregate, customerId: owners.get(text) ?? '', facts: [] },
      };
      one.facts.push(fact);
      told.set(text, one);
    }
    return told;
  }
}

function keyOf({ provider, providerId }: MirroredSubscription): ObjectKey {
  return { provider, objectType: 'subscription', objectId: providerId };
}

function keyText(row: MirroredSubscription): string {
  return objectKeyText(keyOf(row));
}
