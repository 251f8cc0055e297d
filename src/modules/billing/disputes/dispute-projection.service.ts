import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import { LedgerService } from '../../ledger';
import { BILLING_EVENTS } from '../billing.events';
import type { Effects } from '../effects';
import { MirroredObjects, type MirroredObject } from '../mirrors/mirrored-objects.service';
import { SubscriptionAccess } from '../subscription-access.service';
import { DISPUTE_MIRROR } from './dispute.mirror';
import { disputeJournal, type DisputeState } from './domain/fold-dispute';

/** Disputes, every movement of money they bring, and what they do to access. */
@Injectable()
export class DisputeProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['dispute'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly mirrors: MirroredObjects,
    private readonly ledger: LedgerService,
    private readonly access: SubscriptionAccess,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const { mirrored, readAgain } = await this.mirrors.write(tx, DISPUTE_MIRROR, objects);
    const drafts = mirrored.flatMap(({ object: { key, customerId }, state, row }) =>
      disputeJournal(state, { disputeId: row.id, providerRef: key.objectId, customerId }),
    );
    const effects: Effects = { events: mirrored.flatMap(disputeEvents), readAgain };
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
    return DISPUTE_MIRROR.isUndecided(facts);
  }
}

function disputeEvents({ object: { key, customerId }, state, row }: MirroredObject<DisputeState>): DomainEvent[] {
  const { payload, facts } = state;
  const { id, formerStatus } = row;
  const { paymentRef, amount, currency, status, reason, evidenceDueBy } = payload;
  if (formerStatus === status) return [];
  const figures = { paymentRef, amount, currency, status, formerStatus, reason, evidenceDueBy };
  return [
    {
      type: BILLING_EVENTS.disputeUpdated,
      objectType: 'dispute',
      objectId: id,
      customerId,
      payload: { disputeId: id, provider: key.provider, ...figures },
      occurredAt: facts.at(-1)?.occurredAt ?? new Date(payload.createdAt),
    },
  ];
}
