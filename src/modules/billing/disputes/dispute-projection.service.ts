import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { DisputeFact, DisputeStatus, FactObjectType, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import { LedgerService, type JournalDraft } from '../../ledger';
import { BILLING_EVENTS } from '../billing.events';
import { foldColumns } from '../domain/fold-object';
import type { Effects } from '../effects';
import { MirrorRows, type MirrorColumns, type MirroredRow, type OwnedObject } from '../mirror-rows.repository';
import { SubscriptionAccess } from '../subscription-access.service';
import { disputeJournal, foldDispute, type DisputeState } from './domain/fold-dispute';

/** Disputes, every movement of money they bring, and what they do to access. */
@Injectable()
export class DisputeProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['dispute'];

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
      const state = foldDispute(object.facts as readonly Stored<DisputeFact>[]);
      if (state?.undecided) effects.readAgain.push({ key: object.key, aggregate: object.aggregate });
      return state ? [{ object, state }] : [];
    });
    const written = await this.rows.write<DisputeStatus>(
      tx,
      'dispute',
      folded.map(({ object, state }) => disputeRow(object, state)),
    );
    const drafts: JournalDraft[] = [];
    for (const { object, state } of folded) {
      const { provider, objectId: providerRef } = object.key;
      const row = written.get(`${provider}:${providerRef}`);
      if (!row) throw new Error('An upsert returned no row');
      drafts.push(...disputeJournal(state, { disputeId: row.id, providerRef, customerId: object.customerId }));
      if (row.formerStatus !== state.payload.status) effects.events.push(disputeEvent(object, state, row));
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
    return foldDispute(facts as readonly Stored<DisputeFact>[])?.undecided ?? true;
  }
}

export function disputeRow({ key, customerId }: OwnedObject, state: DisputeState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    provider_payment_id: p.paymentRef,
    amount: p.amount,
    currency: p.currency,
    status: p.status,
    provider_status: p.providerStatus,
    reason: p.reason,
    evidence_due_by: p.evidenceDueBy,
    has_evidence: p.hasEvidence,
    evidence_count: p.evidenceCount,
    created_at: p.createdAt,
    ...foldColumns(state),
  };
}

function disputeEvent(
  { key, customerId }: TouchedObject,
  { payload, facts }: DisputeState,
  { id, formerStatus }: MirroredRow<DisputeStatus>,
): DomainEvent {
  const { paymentRef, amount, currency, status, reason, evidenceDueBy } = payload;
  const figures = { paymentRef, amount, currency, status, formerStatus, reason, evidenceDueBy };
  return {
    type: BILLING_EVENTS.disputeUpdated,
    objectType: 'dispute',
    objectId: id,
    customerId,
    payload: { disputeId: id, provider: key.provider, ...figures },
    occurredAt: facts.at(-1)?.occurredAt ?? new Date(payload.createdAt),
  };
}
