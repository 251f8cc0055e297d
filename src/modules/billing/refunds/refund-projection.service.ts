import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, Stored } from '../../../shared/facts';
import { AppConfig } from '../../../platform/config';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import { collectorOf, LedgerService } from '../../ledger';
import { BILLING_EVENTS } from '../billing.events';
import type { Effects } from '../effects';
import { MirroredObjects, type MirroredObject } from '../mirrors/mirrored-objects.service';
import { SubscriptionAccess } from '../subscription-access.service';
import { refundJournal, type RefundState } from './domain/fold-refund';
import { REFUND_MIRROR } from './refund.mirror';

/**
 * Refunds, what they move in the books, and what they do to payments, invoices and access. Events name the movement on our balance
 * only, so it is asked for.
 */
@Injectable()
export class RefundProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['refund'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly mirrors: MirroredObjects,
    private readonly ledger: LedgerService,
    private readonly access: SubscriptionAccess,
    private readonly outbox: Outbox,
    private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const { mirrored, readAgain } = await this.mirrors.write(tx, REFUND_MIRROR, objects);
    const drafts = mirrored.flatMap(({ object: { key, customerId }, state, row }) =>
      refundJournal(
        state,
        { refundId: row.id, providerRef: key.objectId, customerId, provider: collectorOf(key.provider) },
        this.config.storeCommission,
      ),
    );
    const lacking = mirrored.filter(({ state }) => state.lacksMovement && !state.undecided);
    const effects: Effects = {
      events: mirrored.flatMap(refundEvents),
      readAgain: [...readAgain, ...lacking.map(({ object: { key, aggregate } }) => ({ key, aggregate }))],
    };
    await this.ledger.post(tx, drafts);
    await this.access.afterMoneyMoved(
      tx,
      mirrored.map(({ object: { key, aggregate }, state: { payload } }) => {
        return { provider: key.provider, aggregate, paymentRef: payload.paymentRef, invoiceRef: null };
      }),
      effects,
    );
    await this.outbox.append(tx, effects.events);
    return effects.readAgain;
  }

  isUndecided(_: FactObjectType, facts: readonly Stored[]): boolean {
    const state = REFUND_MIRROR.fold(facts);
    return state === null || state.undecided || state.lacksMovement;
  }
}

function refundEvents({ object: { key, customerId }, state, row }: MirroredObject<RefundState>): DomainEvent[] {
  const { payload, facts } = state;
  const { id, formerStatus } = row;
  const { paymentRef, amount, currency, status } = payload;
  if (formerStatus === status) return [];
  return [
    {
      type: BILLING_EVENTS.refundUpdated,
      objectType: 'refund',
      objectId: id,
      customerId,
      payload: { refundId: id, provider: key.provider, paymentRef, amount, currency, status },
      occurredAt: facts.at(-1)?.occurredAt ?? new Date(payload.createdAt),
    },
  ];
}
