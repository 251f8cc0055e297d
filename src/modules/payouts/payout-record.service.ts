import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { HOUSE_ACCOUNT } from '../../shared/aggregate';
import type { FundReservationFact } from '../../shared/facts';
import { AuditLog, type Actor } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { OwnAnswer } from '../../platform/inbox';
import { Outbox } from '../../platform/outbox';
import { wiseAggregate } from '../../providers/wise';
import { payoutStatus, type PayoutDecision, type PayoutStatus } from './domain/payout-status';
import { PAYOUT_EVENTS } from './payouts.events';
import { PayoutsRepository, type Payout, type PayoutChange, type PayoutSource } from './payouts.repository';

/** Who or what brought a change about. */
export interface Teller {
  source: PayoutSource;
  sourceId: string | null;
  occurredAt: Date;
  actor: string | null;
  reason: string | null;
}

/** Writes what becomes of a payout: the row, its history, what others are told, and the money set aside. The caller holds the row. */
@Injectable()
export class PayoutRecord {
  constructor(
    private readonly payouts: PayoutsRepository,
    private readonly answers: OwnAnswer,
    private readonly outbox: Outbox,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** A person's decision, or one that follows from what the provider would not take. The status follows from it. */
  async decide(
    tx: Tx,
    payout: Payout,
    decision: PayoutDecision,
    change: PayoutChange,
    teller: Pick<Teller, 'source' | 'actor' | 'reason'>,
  ): Promise<void> {
    const status = payoutStatus(decision, null);
    await this.payouts.change(tx, payout.id, { ...change, decision, status });
    if (status === payout.status) return;
    const now = this.clock.now();
    const told: Teller = { ...teller, occurredAt: now, sourceId: null };
    await this.note(tx, payout, payout.status, status, told);
    await this.tell(tx, payout, status, told.occurredAt, change.failureCode ?? null);
  }

  /** It has just been prepared. */
  async begun(tx: Tx, payout: Payout, actor: Actor): Promise<void> {
    const occurredAt = payout.preparedAt;
    await this.note(tx, payout, null, payout.status, {
      ...{ source: 'person', sourceId: null, occurredAt, actor: personOf(actor), reason: null },
    });
    await this.tell(tx, { ...payout, status: null }, payout.status, occurredAt, null);
  }

  note(tx: Tx, payout: Payout, from: PayoutStatus | null, to: PayoutStatus, teller: Teller): Promise<void> {
    return this.payouts.note(tx, payout.id, { fromStatus: from, toStatus: to, ...teller });
  }

  async tell(
    tx: Tx,
    payout: Omit<Payout, 'status'> & { status: PayoutStatus | null },
    status: PayoutStatus,
    occurredAt: Date,
    failureCode: string | null,
  ): Promise<void> {
    const { id: payoutId, customerId, status: formerStatus, targetAmount, targetCurrency } = payout;
    await this.outbox.append(tx, [
      {
        ...{ type: PAYOUT_EVENTS[status], objectType: 'payout', objectId: payoutId, customerId, occurredAt },
        payload: {
          ...{ payoutId, status, formerStatus, amount: Number(targetAmount), currency: targetCurrency },
          ...{ sourceAmount: Number(payout.sourceAmount), sourceCurrency: payout.sourceCurrency, failureCode },
        },
      },
    ]);
  }

  /** The money of the present quote is set aside. @param serial how many times money was set aside for it, or set free, this time included. */
  reserve(tx: Tx, payout: Payout, serial: number): Promise<void> {
    return this.reservation(tx, payout, 'fund_reservation.made', serial);
  }

  /** What was set aside is free again. */
  async release(tx: Tx, payout: Payout): Promise<void> {
    const serial = payout.reservations + 1;
    await this.reservation(tx, payout, 'fund_reservation.released', serial);
    await this.payouts.change(tx, payout.id, { reservations: serial });
  }

  async audited(tx: Tx, payout: Payout, action: string, actor: Actor, after: object): Promise<void> {
    await this.audit.record(tx, {
      ...{ actor, action, objectType: 'payout', objectId: payout.id, customerId: payout.customerId, after },
    });
  }

  private async reservation(tx: Tx, payout: Payout, kind: FundReservationFact['kind'], serial: number): Promise<void> {
    const { id: payoutId, transferKey, quoteRef, sourceAmount, sourceCurrency: currency } = payout;
    const aggregate = wiseAggregate(transferKey);
    const fact: FundReservationFact = {
      ...{ provider: 'wise', objectType: 'fund_reservation', objectId: transferKey, kind, aggregate },
      // By its number, so that those of one moment have an order.
      ...{
        occurredAt: this.clock.now(),
        sourceId: `answer:${payoutId}:reservation:${String(serial).padStart(4, '0')}`,
      },
      payload: { payoutId, quoteRef, amount: Number(sourceAmount), currency },
      before: null,
    };
    await this.answers.apply(tx, HOUSE_ACCOUNT, { aggregate, facts: [fact] });
  }
}

/** Who decides about payouts, and what he may. */
export interface PayoutActor extends Actor {
  roles: readonly string[];
}

/** As the history names him. */
export function personOf({ id, type }: Actor): string {
  return id ?? type;
}
