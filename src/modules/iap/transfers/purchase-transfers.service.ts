import { Injectable } from '@nestjs/common';
import { aggregateOf } from '../../../shared/aggregate';
import { AuditLog, type Actor } from '../../../platform/audit';
import { lockAggregate, type Tx } from '../../../platform/database';
import { StoreBilling } from '../../billing';
import { CustomersService } from '../../customers';
import type { Store } from '../domain/store';
import { alreadyHis, purchaseNotFound, receiverErased, receiverNotFound } from './purchase-transfers.errors';

export interface TransferRequest {
  store: Store;
  /** Apple's original transaction, Google's root token. */
  providerId: string;
  toCustomerId: string;
  /** For the audit log. */
  reason: string;
}

export interface Transfer {
  id: string;
  store: Store;
  providerId: string;
  fromCustomerId: string;
  toCustomerId: string;
  at: Date;
}

/** Gives a purchase to another customer, because a person has looked at who bought it. */
@Injectable()
export class PurchaseTransfers {
  constructor(
    private readonly customers: CustomersService,
    private readonly billing: StoreBilling,
    private readonly audit: AuditLog,
  ) {}

  /** @throws PURCHASE_NOT_FOUND, CUSTOMER_NOT_FOUND, CUSTOMER_ERASED, PURCHASE_ALREADY_HIS; TRY_AGAIN while it is worked on. */
  async transfer(tx: Tx, request: TransferRequest, actor: Actor): Promise<Transfer> {
    const { store, providerId, toCustomerId, reason } = request;
    const aggregate = aggregateOf(store, providerId);
    await lockAggregate(tx, aggregate);
    const fromCustomerId = await this.customers.ownerOf(tx, store, providerId);
    if (fromCustomerId === null) throw purchaseNotFound(store, providerId);
    const receiver = await this.customers.byId(tx, toCustomerId);
    if (!receiver) throw receiverNotFound(toCustomerId);
    if (receiver.erasedAt !== null) throw receiverErased();
    if (receiver.id === fromCustomerId) throw alreadyHis(receiver.id);
    const move = { provider: store, providerId, aggregate, fromCustomerId, toCustomerId };
    const { id, at } = await this.billing.move(tx, move);
    await this.audit.record(tx, {
      ...{
        actor,
        action: 'purchase.transfer',
        objectType: 'purchase_transfer',
        objectId: id,
        customerId: toCustomerId,
      },
      before: { customerId: fromCustomerId },
      after: { provider: store, providerId, customerId: toCustomerId, reason },
    });
    return { id, store, providerId, fromCustomerId, toCustomerId, at };
  }
}
