import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { isAppError, type AppError } from '../../../shared/app-error';
import { lockAggregate, retryWhileBusy, UnitOfWork, type Tx } from '../../../platform/database';
import { InboxOperationsRepository, InboxRepository } from '../../../platform/inbox';
import { Outbox } from '../../../platform/outbox';
import { QUEUES, WakeService } from '../../../platform/queue';
import { StoreBilling } from '../../billing';
import { CustomersService } from '../../customers';
import type { StoreReceipt } from './store-receipt';
import { ownedByAnother, unknownProduct } from '../iap.errors';
import { IAP_EVENTS, type OwnershipConflictPayload } from '../iap.events';

/** More rows than any one purchase has. */
const MAX_ROWS = 10_000;

/** taken: it is the customer's, and all that the store said is known. The others changed nothing of his. */
export type Taking = { kind: 'taken' } | { kind: 'refused'; error: AppError };

/** Makes a purchase its customer's, and lets what was read of it go the way that events go. */
@Injectable()
export class PurchaseTaking {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly billing: StoreBilling,
    private readonly inbox: InboxRepository,
    private readonly operations: InboxOperationsRepository,
    private readonly outbox: Outbox,
    private readonly wakes: WakeService,
    private readonly clock: Clock,
  ) {}

  /**
   * Whose it is says the account token it was bought with; without one it is his who shows it first. Any number of times, by
   * any number at once, comes to the same.
   * @returns refused with RECEIPT_OWNED_BY_ANOTHER_USER (told to support), or UNKNOWN_PRODUCT (kept, and tried by a worker).
   */
  async take(customerId: string, receipt: StoreReceipt): Promise<Taking> {
    try {
      return await this.inOne(receipt, async (tx) => {
        const owner = await this.bind(tx, customerId, receipt);
        if (owner !== customerId) return this.refuse(tx, customerId, owner, receipt);
        await this.billing.take(tx, customerId, receipt.reading);
        return { kind: 'taken' };
      });
    } catch (error) {
      if (!isAppError(error) || error.code !== 'PRICE_UNKNOWN') throw error;
    }
    return this.inOne(receipt, (tx) => this.keep(tx, customerId, receipt));
  }

  /** @returns whose it is from now on. */
  private async bind(
    tx: Tx,
    customerId: string,
    { store, providerId, ownerId, reading }: StoreReceipt,
  ): Promise<string> {
    const known = await this.customers.resolve(tx, store, [{ providerId, ownerId }]);
    const owner = known.get(providerId);
    if (owner !== undefined) return owner;
    await this.customers.link(tx, store, providerId, customerId);
    // What was told while nobody knew whose it is need not wait for its next turn.
    const { aggregate } = reading;
    await this.operations.requeueMatching(tx, { aggregate, statuses: ['failed', 'retrying'] }, MAX_ROWS);
    return customerId;
  }

  private async refuse(tx: Tx, customerId: string, ownerId: string, receipt: StoreReceipt): Promise<Taking> {
    const { store, providerId, productId } = receipt;
    await this.outbox.append(tx, [
      {
        type: IAP_EVENTS.ownershipConflict,
        objectType: 'store_purchase',
        objectId: `${store}:${providerId}`,
        customerId,
        payload: { provider: store, providerId, productId, ownerId } satisfies OwnershipConflictPayload,
        occurredAt: this.clock.now(),
      },
    ]);
    return { kind: 'refused', error: ownedByAnother() };
  }

  /** Nothing says what it gives: a worker looks at it, fails as an event would, and is told again when somebody does. */
  private async keep(tx: Tx, customerId: string, receipt: StoreReceipt): Promise<Taking> {
    const { productId, reading } = receipt;
    const owner = await this.bind(tx, customerId, receipt);
    if (owner !== customerId) return this.refuse(tx, customerId, owner, receipt);
    const [fact] = reading.facts;
    if (fact) {
      const { provider, objectType, objectId } = fact;
      const key = { provider, objectType, objectId };
      await this.inbox.requestReads(tx, [{ key, aggregate: reading.aggregate, reason: `unknown:${productId}` }]);
    }
    return { kind: 'refused', error: unknownProduct(productId) };
  }

  private async inOne<T>({ reading }: StoreReceipt, work: (tx: Tx) => Promise<T>): Promise<T> {
    const result = await retryWhileBusy(() =>
      this.unitOfWork.service(async (tx) => {
        await lockAggregate(tx, reading.aggregate);
        return work(tx);
      }),
    );
    this.outbox.wake();
    this.wakes.wake(QUEUES.webhooks);
    return result;
  }
}
