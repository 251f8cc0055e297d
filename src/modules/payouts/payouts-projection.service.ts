import { Injectable, type OnModuleInit } from '@nestjs/common';
import { customerRefOf } from '../../shared/aggregate';
import { Clock } from '../../shared/clock';
import { parseCurrency } from '../../shared/currency';
import type { DepositFact, FactObjectType, FundReservationFact, Stored, TransferFact } from '../../shared/facts';
import { Alerts } from '../../platform/alerts';
import type { Tx } from '../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../platform/facts';
import { depositReceived, LedgerService, type JournalDraft } from '../ledger';
import { foldTransfer, transferJournal, type TransferStanding } from './domain/fold-transfer';
import { nextPoll } from './domain/next-step';
import { payoutStatus, type PayoutStatus } from './domain/payout-status';
import { reservationJournal } from './domain/reservation-journal';
import { changesTold } from './domain/status-course';
import { PayoutRecord } from './payout-record.service';
import { PayoutWorkRepository } from './payout-work.repository';
import { PayoutsRepository, type Payout } from './payouts.repository';
import { TransfersRepository } from './transfers.repository';

/** What somebody has to look at, and how it is said. */
const ALARMING: Readonly<Partial<Record<PayoutStatus, { severity: 'warning' | 'critical'; message: string }>>> = {
  requires_manual_funding: {
    severity: 'warning',
    message: "A payout waits to be paid for in the provider's own pages",
  },
  failed: { severity: 'warning', message: 'A payout was not paid for' },
  bounced: { severity: 'warning', message: "A payout came back from the beneficiary's bank" },
  charged_back: { severity: 'critical', message: 'A payout was charged back' },
};

/** Makes transfers, what is set aside for them, and deposits out of facts, and moves payouts along with them. */
@Injectable()
export class PayoutsProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['fund_reservation', 'transfer', 'deposit'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly ledger: LedgerService,
    private readonly transfers: TransfersRepository,
    private readonly payouts: PayoutsRepository,
    private readonly work: PayoutWorkRepository,
    private readonly record: PayoutRecord,
    private readonly alerts: Alerts,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const readAgain: ReadAgain[] = [];
    const drafts: JournalDraft[] = [];
    for (const object of objects) {
      const { key, aggregate, facts } = object;
      if (key.objectType === 'fund_reservation') {
        drafts.push(...reservationJournal(facts as readonly Stored<FundReservationFact>[], key.objectId));
      } else if (key.objectType === 'deposit') {
        drafts.push(...depositJournal(facts as readonly Stored<DepositFact>[]));
      } else {
        const standing = foldTransfer(facts as readonly Stored<TransferFact>[]);
        if (!standing) continue;
        drafts.push(...transferJournal(standing, key.objectId));
        if (standing.undecided) readAgain.push({ key, aggregate });
        await this.projectTransfer(tx, object, standing);
      }
    }
    await this.ledger.post(tx, drafts);
    return readAgain;
  }

  isUndecided(objectType: FactObjectType, facts: readonly Stored[]): boolean {
    return objectType === 'transfer' && (foldTransfer(facts as readonly Stored<TransferFact>[])?.undecided ?? true);
  }

  private async projectTransfer(
    tx: Tx,
    { key, aggregate, facts, fresh }: TouchedObject,
    standing: TransferStanding,
  ): Promise<void> {
    const transferRef = key.objectId;
    const transferKey = customerRefOf(aggregate);
    await this.transfers.write(tx, transferRef, transferKey, standing);
    // In a replay there is none: what people decided is not told by facts.
    const payout = await this.payouts.lockByTransferKey(tx, transferKey);
    if (!payout) return;
    if (payout.decision !== 'approved') {
      await this.alerts.raise(tx, {
        ...{ kind: 'payout.unwanted_transfer', severity: 'critical' },
        causeKey: `payout.unwanted_transfer:${transferRef}`,
        message: 'The provider has a transfer for a payout that was given up: it must not be paid for',
        details: { payoutId: payout.id, transferRef, decision: payout.decision },
      });
      return;
    }
    if (!(await this.work.carriedBy(tx, payout.id, transferRef))) {
      await this.alerts.raise(tx, {
        ...{ kind: 'payout.second_transfer', severity: 'critical', causeKey: `payout.second_transfer:${transferRef}` },
        message: 'The provider has two transfers for one payout',
        details: { payoutId: payout.id, transferRef, known: payout.transferRef },
      });
      return;
    }
    await this.move(tx, payout, standing, {
      facts: facts as readonly Stored<TransferFact>[],
      fresh: fresh as readonly Stored<TransferFact>[],
    });
  }

  private async move(
    tx: Tx,
    payout: Payout,
    standing: TransferStanding,
    told: { facts: readonly Stored<TransferFact>[]; fresh: readonly Stored<TransferFact>[] },
  ): Promise<void> {
    const status = payoutStatus(payout.decision, standing);
    const changes = changesTold(told.facts, told.fresh, payout.decision, payout.status);
    for (const { from, to, ...teller } of changes) {
      await this.record.note(tx, payout, from, to, { ...teller, actor: null, reason: standing.failureCode });
    }
    const { failureCode } = standing;
    await this.payouts.change(tx, payout.id, { status, failureCode });
    const now = this.clock.now();
    const since = standing.course.at(-1)?.at ?? now;
    await this.work.pollAt(tx, payout.id, nextPoll(status, since, now));
    if (status === payout.status) return;
    const at = changes.at(-1)?.occurredAt ?? now;
    await this.record.tell(tx, payout, status, at, failureCode);
    const alarm = ALARMING[status];
    if (!alarm) return;
    await this.alerts.raise(tx, {
      ...{ kind: `payout.${status}`, causeKey: `payout.${status}:${payout.id}`, ...alarm },
      details: { payoutId: payout.id, failureCode },
    });
  }
}

function depositJournal(facts: readonly Stored<DepositFact>[]): JournalDraft[] {
  const [first] = facts;
  if (!first) return [];
  const { amount, currency, createdAt } = first.payload;
  const draft = depositReceived({
    ...{ provider: 'wise', providerRef: first.objectId, refId: first.objectId, customerId: null },
    ...{ amount: BigInt(amount), currency: parseCurrency(currency), occurredAt: new Date(createdAt) },
  });
  return draft ? [draft] : [];
}
