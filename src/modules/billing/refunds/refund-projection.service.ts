import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, RefundFact, RefundStatus, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import { LedgerService, type JournalDraft } from '../../ledger';
import { BILLING_EVENTS } from '../billing.events';
import { foldColumns } from '../domain/fold-object';
import type { Effects } from '../effects';
import { MirrorRows, type MirrorColumns, type OwnedObject } from '../mirror-rows.repository';
import { SubscriptionAccess } from '../subscription-access.service';
import { foldRefund, refundJournal, type RefundState } from './domain/fold-refund';

/** Refunds, what they move in the books, and what they do to payments, invoices and access. */
@Injectable()
export class RefundProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['refund'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly rows: MirrorRows,
    private readonly ledger: LedgerService,
    private readonly access: SubscriptionAccess,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const effects: Effects = { events: [], readAgain: [] };
    const folded = objects.flatMap((object) => {
      const state = foldRefund(object.facts as readonly Stored<RefundFact>[]);
      if (state?.undecided) effects.readAgain.push({ key: object.key, aggregate: object.aggregate });
      return state ? [{ object, state }] : [];
    });
    const written = await this.rows.write<RefundStatus>(
      tx,
      'refund',
      folded.map(({ object, state }) => refundRow(object, state)),
    );
    const drafts: JournalDraft[] = [];
    for (const { object, state } of folded) {
      const { provider, objectId: providerRef } = object.key;
      const row = written.get(`${provider}:${providerRef}`);
      if (!row) throw new Error('An upsert returned no row');
      const { customerId } = object;
      drafts.push(...refundJournal(state, { refundId: row.id, providerRef, customerId }));
      if (row.formerStatus !== state.payload.status) effects.events.push(refundEvent(object, state, row.id));
    }
    await this.ledger.post(tx, drafts);
    await this.access.afterMoneyMoved(
      tx,
      folded.map(({ object: { key, aggregate }, state: { payload } }) => {
        return { provider: key.provider, aggregate, paymentRef: payload.paymentRef, invoiceRef: null };
      }),
      effects,
    );
    await this.outbox.append(tx, effects.events);
    return effects.readAgain;
  }

  isUndecided(_: FactObjectType, facts: readonly Stored[]): boolean {
    return foldRefund(facts as readonly Stored<RefundFact>[])?.undecided ?? true;
  }
}

export function refundRow({ key, customerId }: OwnedObject, state: RefundState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    provider_payment_id: p.paymentRef,
    amount: p.amount,
    currency: p.currency,
    status: p.status,
    reason: p.reason,
    failure_reason: p.failureReason,
    intent_id: p.intentId,
    created_at: p.createdAt,
    ...foldColumns(state),
  };
}

function refundEvent({ key, customerId }: TouchedObject, { payload, facts }: RefundState, id: string): DomainEvent {
  const { paymentRef, amount, currency, status } = payload;
  return {
    type: BILLING_EVENTS.refundUpdated,
    objectType: 'refund',
    objectId: id,
    customerId,
    payload: { refundId: id, provider: key.provider, paymentRef, amount, currency, status },
    occurredAt: facts.at(-1)?.occurredAt ?? new Date(payload.createdAt),
  };
}
