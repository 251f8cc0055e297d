import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, PaymentMethodFact, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import { BILLING_EVENTS } from '../billing.events';
import { MirroredObjects, type MirroredObject } from '../mirrors/mirrored-objects.service';
import { changeOf, type PaymentMethodState } from './domain/fold-payment-method';
import { ExpiredInvoicesRepository } from './expired-invoices.repository';
import { PAYMENT_METHOD_MIRROR } from './payment-method.mirror';

/**
 * Payment methods. What becomes of one is told on, with the invoices that wait for a good card: dunning tries them again at
 * once, whether the customer has added a card or the network has renewed his.
 */
@Injectable()
export class PaymentMethodProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['payment_method'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly mirrors: MirroredObjects,
    private readonly invoices: ExpiredInvoicesRepository,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const { mirrored, readAgain } = await this.mirrors.write(tx, PAYMENT_METHOD_MIRROR, objects);
    await this.tell(tx, mirrored);
    return readAgain;
  }

  isUndecided(_: FactObjectType, facts: readonly Stored[]): boolean {
    return PAYMENT_METHOD_MIRROR.isUndecided(facts);
  }

  private async tell(tx: Tx, mirrored: readonly MirroredObject<PaymentMethodState>[]): Promise<void> {
    const changed = mirrored.flatMap(({ object, state, row }) => {
      const facts = object.facts as readonly Stored<PaymentMethodFact>[];
      const change = changeOf(facts, object.fresh as readonly Stored<PaymentMethodFact>[]);
      return change ? [{ object, state, change, id: row.id }] : [];
    });
    const usable = changed.flatMap(({ object, change }) => (change === 'detached' ? [] : [object.customerId]));
    const waiting = await this.invoices.ofCustomers(tx, [...new Set(usable)]);
    const events = changed.map(({ object: { key, customerId }, state, change, id }): DomainEvent => {
      const { payload, facts } = state;
      const { type, expMonth, expYear } = payload;
      const expiredInvoiceIds = change === 'detached' ? [] : (waiting.get(customerId) ?? []);
      return {
        type: BILLING_EVENTS.paymentMethodUpdated,
        objectType: 'payment_method',
        objectId: id,
        customerId,
        payload: {
          ...{ paymentMethodId: id, provider: key.provider, methodRef: key.objectId, type, change },
          ...{ expMonth, expYear, expiredInvoiceIds },
        },
        occurredAt: facts.at(-1)?.occurredAt ?? new Date(payload.createdAt),
      };
    });
    await this.outbox.append(tx, events);
  }
}
