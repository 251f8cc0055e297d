import { Injectable } from '@nestjs/common';
import { amountToJson } from '../../shared/money';
import { Clock } from '../../shared/clock';
import { AuditLog, type Actor } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { InboxRepository } from '../../platform/inbox';
import { Outbox, type DomainEvent } from '../../platform/outbox';
import type { TellingObject } from '../../providers/statement.port';
import type { Finding } from './domain/compare-movement';
import {
  ReconciliationBreaksRepository,
  type Break,
  type MetBreak,
  type SettledBreak,
} from './reconciliation-breaks.repository';
import { breakNotFound, breakNotIgnorable } from './reconciliation.errors';
import { RECONCILIATION_EVENTS, type BreakOpenedPayload, type BreakSettledPayload } from './reconciliation.events';
import type { Run } from './reconciliation-runs.repository';

/** The objects to read for each finding, by its key. */
export type Repairs = ReadonlyMap<string, readonly TellingObject[]>;

const DAY_MS = 86_400_000;

/** What becomes of differences: the provider is asked where that may settle them, a person everywhere else. */
@Injectable()
export class BreakDesk {
  constructor(
    private readonly breaks: ReconciliationBreaksRepository,
    private readonly inbox: InboxRepository,
    private readonly outbox: Outbox,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Each difference once per cause; new ones are repaired or told to people. In the step's transaction. */
  async record(tx: Tx, run: Run, findings: readonly Finding[], repairs: Repairs): Promise<void> {
    const met = await this.breaks.meet(tx, run, findings, new Set(repairs.keys()));
    const asked = met.filter(({ isNew }) => isNew).flatMap(({ key }) => repairs.get(key) ?? []);
    await this.inbox.requestReads(
      tx,
      asked.map(({ objectType, objectId, aggregate }) => {
        const key = { provider: run.provider, objectType, objectId };
        return { key, aggregate, reason: `reconciliation:${run.id}` };
      }),
    );
    const opened = met.filter(({ needsTicket }) => needsTicket);
    if (opened.length === 0) return;
    await this.breaks.ticketed(
      tx,
      opened.map(({ id }) => id),
    );
    await this.outbox.append(
      tx,
      opened.map((found) => this.openedEvent(run, found)),
    );
  }

  /** What the run no longer sees is resolved, and who was told of it is told that. */
  async resolveUnseen(tx: Tx, run: Run): Promise<void> {
    await this.tellSettled(tx, await this.breaks.resolveUnseen(tx, run), 'resolved');
  }

  /** Whether a cause waits for people: what was told of it may be old by now. */
  isOpen(tx: Tx, provider: string, key: string): Promise<boolean> {
    return this.breaks.isOpen(tx, provider, key);
  }

  /** @throws RECONCILIATION_BREAK_NOT_FOUND, INVALID_STATE_TRANSITION */
  async ignore(tx: Tx, id: string, reason: string, actor: Actor): Promise<Break> {
    const known = await this.breaks.lockById(tx, id);
    if (!known) throw breakNotFound(id);
    if (known.status !== 'open' && known.status !== 'repairing') throw breakNotIgnorable(known.status);
    await this.breaks.ignore(tx, id, reason);
    await this.audit.record(tx, {
      ...{ actor, action: 'reconciliation.ignore', objectType: 'reconciliation_break', objectId: id, customerId: null },
      ...{ before: { status: known.status }, after: { status: 'ignored' } },
    });
    await this.tellSettled(tx, [known], 'ignored');
    return { ...known, status: 'ignored', ignoredReason: reason };
  }

  private async tellSettled(
    tx: Tx,
    settled: readonly SettledBreak[],
    status: BreakSettledPayload['status'],
  ): Promise<void> {
    const occurredAt = this.clock.now();
    const told = settled.filter(({ ticketedAt }) => ticketedAt !== null);
    const events = told.map(({ id: breakId, provider, key }): DomainEvent => {
      const payload: BreakSettledPayload = { breakId, provider, key, status };
      const about = { objectType: 'reconciliation_break', objectId: breakId, customerId: null };
      return { type: RECONCILIATION_EVENTS.breakSettled, ...about, payload: { ...payload }, occurredAt };
    });
    await this.outbox.append(tx, events);
  }

  private openedEvent(run: Run, found: MetBreak): DomainEvent {
    const { id, type, key, movement, providerRef, objectRef, currency, difference, occurredAt, firstSeenAt } = found;
    const now = this.clock.now();
    const payload: BreakOpenedPayload = {
      ...{ breakId: id, provider: run.provider, key, type, movement, providerRef, objectRef, currency },
      difference: difference === null ? null : amountToJson(difference),
      movedAt: occurredAt.toISOString(),
      ageDays: Math.floor((now.getTime() - firstSeenAt.getTime()) / DAY_MS),
    };
    return {
      ...{
        type: RECONCILIATION_EVENTS.breakOpened,
        objectType: 'reconciliation_break',
        objectId: id,
        customerId: null,
      },
      ...{ payload: { ...payload }, occurredAt: now },
    };
  }
}
