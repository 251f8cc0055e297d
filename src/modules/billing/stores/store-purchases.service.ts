import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';
import { AggregatesFailedError } from '../../../platform/facts';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import { EntitlementsService, type GrantSet } from '../../entitlements';
import { AccessInvariantRepository, type AccessDifference } from '../access/access-invariant.repository';
import { priceUnknown } from '../billing.errors';
import { BILLING_EVENTS } from '../billing.events';
import type { TouchedMoney } from '../money-back.repository';
import { purchaseGrants, type StorePurchase } from './domain/purchase-grants';
import { StorePurchasesRepository } from './store-purchases.repository';

const BATCH = 200;
const STORES: ReadonlySet<string> = new Set(['apple', 'google']);

/** What is bought once in a store, for life or to be used up: grants as a function of its invoice, its refunds and the catalog. */
@Injectable()
export class StorePurchases {
  constructor(
    private readonly repository: StorePurchasesRepository,
    private readonly entitlements: EntitlementsService,
    private readonly expected: AccessInvariantRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * After invoices, payments or refunds were written. @throws AggregatesFailedError: PRICE_UNKNOWN for a product that nobody has
   * told us of.
   */
  async project(tx: Tx, touched: readonly TouchedMoney[]): Promise<void> {
    const inStores = touched.filter(({ provider }) => STORES.has(provider));
    if (inStores.length === 0) return;
    const purchases = await this.repository.among(tx, inStores);
    const unknown = purchases.filter(({ kind }) => kind === null);
    if (unknown.length > 0) {
      throw new AggregatesFailedError(
        new Map(unknown.map(({ aggregate, productId }) => [aggregate, priceUnknown(productId)])),
      );
    }
    await this.give(tx, purchases);
  }

  /** After a plan has changed: who has it for life has what it gives now. */
  async ofPlan(tx: Tx, planId: string): Promise<void> {
    for await (const batch of this.batches(tx, planId)) await this.give(tx, batch);
  }

  /** Holds what they ought to give against what is granted. @returns the differences, and how many were looked at. */
  async check(tx: Tx): Promise<{ checked: number; differences: AccessDifference[] }> {
    const differences: AccessDifference[] = [];
    let checked = 0;
    for await (const batch of this.batches(tx, null)) {
      checked += batch.length;
      differences.push(...(await this.expected.differences(tx, batch.flatMap(grantsOf))));
    }
    return { checked, differences };
  }

  private async *batches(tx: Tx, planId: string | null): AsyncGenerator<StorePurchase[]> {
    for (let after = ''; ;) {
      const batch = await this.repository.next(tx, after, BATCH, planId);
      if (batch.length > 0) yield batch;
      const last = batch.at(-1);
      if (!last || batch.length < BATCH) return;
      after = last.invoiceId;
    }
  }

  private async give(tx: Tx, purchases: readonly StorePurchase[]): Promise<void> {
    const changed = await this.entitlements.set(tx, purchases.flatMap(grantsOf));
    const occurredAt = this.clock.now();
    const events = purchases
      .filter(({ invoiceId }) => changed.has(invoiceId))
      .map(({ invoiceId, customerId }): DomainEvent => {
        const base = { objectType: 'invoice', objectId: invoiceId, customerId, occurredAt };
        return { ...base, type: BILLING_EVENTS.entitlementsUpdated, payload: { invoiceId } };
      });
    await this.outbox.append(tx, events);
  }
}

function grantsOf({ kind, ...purchase }: StorePurchase): GrantSet[] {
  return kind === null ? [] : [purchaseGrants({ ...purchase, kind })];
}
