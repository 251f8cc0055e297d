import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, PaymentConcernFact, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import { BILLING_EVENTS } from '../billing.events';

/** What an issuer or the provider's own rules think of a payment is told on, once for each thing they said. */
@Injectable()
export class ConcernProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['payment_concern'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const events = objects.flatMap(({ key, customerId, fresh }) =>
      (fresh as readonly Stored<PaymentConcernFact>[]).map(({ payload, occurredAt }): DomainEvent => {
        const { paymentRef, concern, open, reason } = payload;
        return {
          type: BILLING_EVENTS.paymentConcern,
          objectType: 'payment_concern',
          objectId: key.objectId,
          customerId,
          payload: { provider: key.provider, concernRef: key.objectId, paymentRef, concern, open, reason },
          occurredAt,
        };
      }),
    );
    await this.outbox.append(tx, events);
    return [];
  }

  isUndecided(): boolean {
    return false;
  }
}
