import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, Stored } from '../../../shared/facts';
import { Alerts } from '../../../platform/alerts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { LedgerService, type JournalDraft } from '../../ledger';
import { MirroredObjects } from '../mirrors/mirrored-objects.service';
import { providerPayoutJournal } from './domain/fold-provider-payout';
import { PROVIDER_PAYOUT_MIRROR } from './provider-payout.mirror';

/** What a provider pays out to our bank. One that comes back is an operator's business: an alert. */
@Injectable()
export class ProviderPayoutProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['provider_payout'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly mirrors: MirroredObjects,
    private readonly ledger: LedgerService,
    private readonly alerts: Alerts,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const { mirrored, readAgain } = await this.mirrors.write(tx, PROVIDER_PAYOUT_MIRROR, objects);
    const drafts: JournalDraft[] = [];
    for (const { object, state, row } of mirrored) {
      const { provider, objectId: providerRef } = object.key;
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
    return readAgain;
  }

  isUndecided(_: FactObjectType, facts: readonly Stored[]): boolean {
    return PROVIDER_PAYOUT_MIRROR.isUndecided(facts);
  }
}
