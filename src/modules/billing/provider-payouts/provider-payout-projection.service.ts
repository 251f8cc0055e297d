import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, ProviderPayoutFact, ProviderPayoutStatus, Stored } from '../../../shared/facts';
import { Alerts } from '../../../platform/alerts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { LedgerService, type JournalDraft } from '../../ledger';
import { foldColumns } from '../domain/fold-object';
import { MirrorRows, type MirrorColumns, type OwnedObject } from '../mirror-rows.repository';
import { foldProviderPayout, providerPayoutJournal, type ProviderPayoutState } from './domain/fold-provider-payout';

/** What a provider pays out to our bank. One that comes back is an operator's business: an alert. */
@Injectable()
export class ProviderPayoutProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['provider_payout'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly rows: MirrorRows,
    private readonly ledger: LedgerService,
    private readonly alerts: Alerts,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const folded = objects.flatMap((object) => {
      const state = foldProviderPayout(object.facts as readonly Stored<ProviderPayoutFact>[]);
      return state ? [{ object, state }] : [];
    });
    const written = await this.rows.write<ProviderPayoutStatus>(
      tx,
      'provider_payout',
      folded.map(({ object, state }) => providerPayoutRow(object, state)),
    );
    const drafts: JournalDraft[] = [];
    for (const { object, state } of folded) {
      const { provider, objectId: providerRef } = object.key;
      const row = written.get(`${provider}:${providerRef}`);
      if (!row) throw new Error('An upsert returned no row');
      drafts.push(...providerPayoutJournal(state, { payoutId: row.id, providerRef }));
      const { status, failureCode, amount, currency } = state.payload;
      if (status !== 'failed' || row.formerStatus === 'failed') continue;
      await this.alerts.raise(tx, {
        kind: 'provider_payout.failed',
        severity: 'critical',
        causeKey: `provider_payout.failed:${row.id}`,
        message: `A payout of ${provider} to our bank has come back: ${failureCode ?? 'no reason was given'}`,
        details: { payoutId: row.id, providerRef, failureCode, amount, currency },
      });
    }
    await this.ledger.post(tx, drafts);
    return folded.filter(({ state }) => state.undecided).map(({ object: { key, aggregate } }) => ({ key, aggregate }));
  }

  isUndecided(_: FactObjectType, facts: readonly Stored[]): boolean {
    return foldProviderPayout(facts as readonly Stored<ProviderPayoutFact>[])?.undecided ?? true;
  }
}

export function providerPayoutRow({ key }: Pick<OwnedObject, 'key'>, state: ProviderPayoutState): MirrorColumns {
  const p = state.payload;
  return {
    provider: key.provider,
    provider_id: key.objectId,
    amount: p.amount,
    currency: p.currency,
    status: p.status,
    failure_code: p.failureCode,
    arrives_at: p.arrivesAt,
    created_at: p.createdAt,
    ...foldColumns(state),
  };
}
