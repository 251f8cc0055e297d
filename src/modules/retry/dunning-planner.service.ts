import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { Alerts } from '../../platform/alerts';
import type { Tx } from '../../platform/database';
import { Outbox, type DomainEvent } from '../../platform/outbox';
import { InvoiceRetrySchedules } from '../billing';
import { AttemptsRepository } from './attempts.repository';
import { CaseWorkRepository, type LoadedCase } from './case-work.repository';
import { planCase, type CasePlan } from './domain/case-plan';
import { caseEvent, DunningCases } from './dunning-cases.service';
import type { RecoveryAttempt } from './recovery-attempt';
import { RETRY_EVENTS } from './retry.events';

/** Longer than the calls for one case may take. */
const CALL_LEASE_MS = 120_000;

interface Planned {
  loaded: LoadedCase;
  plan: CasePlan;
}

/** What a pass has done, and what is left to do outside its transaction. */
export interface PassResult {
  cases: number;
  reminders: number;
  /** Planned just now. */
  attempts: RecoveryAttempt[];
  calls: { caseId: string; call: 'take_over' | 'end' }[];
}

/** Plans many cases in one transaction, in a number of statements that does not grow with theirs. */
@Injectable()
export class DunningPlanner {
  constructor(
    private readonly work: CaseWorkRepository,
    private readonly attempts: AttemptsRepository,
    private readonly cases: DunningCases,
    private readonly schedules: InvoiceRetrySchedules,
    private readonly outbox: Outbox,
    private readonly alerts: Alerts,
    private readonly clock: Clock,
  ) {}

  /** @param ids only these, where they are due; null: whatever is due. */
  async pass(tx: Tx, limit: number, ids: readonly string[] | null): Promise<PassResult> {
    const claimed = await this.work.claim(tx, limit, ids);
    // What was settled while nobody told us is seen before anything is planned.
    await this.cases.derive(tx, [...new Set(claimed.map(({ subscriptionId }) => subscriptionId))]);
    const now = this.clock.now();
    const loaded = await this.work.load(
      tx,
      claimed.map(({ id }) => id),
    );
    const planned = loaded.map((one): Planned => ({ loaded: one, plan: planCase(one, now) }));
    const reminders = await this.remind(tx, planned);
    const attempts = await this.schedule(tx, planned);
    await this.outbox.append(
      tx,
      planned.flatMap(({ loaded: one, plan }) => firstHold(one, plan, now)),
    );
    await this.work.update(
      tx,
      planned.map(
        ({
          loaded: {
            case: { id },
          },
          plan,
        }) => {
          return { id, hold: plan.hold, nextActionAt: plan.nextActionAt, isCalling: plan.call !== null };
        },
      ),
      CALL_LEASE_MS,
    );
    for (const each of planned) if (each.plan.hold === 'provider_retries') await this.alertOn(tx, each.loaded);
    const calls = planned.flatMap(({ loaded: one, plan: { call } }) => (call ? [{ caseId: one.case.id, call }] : []));
    return { cases: claimed.length, reminders, attempts, calls };
  }

  /** @returns how many were told. */
  private async remind(tx: Tx, planned: readonly Planned[]): Promise<number> {
    const told = planned.flatMap(({ loaded: { case: one }, plan }) => {
      const row = (status: 'sent' | 'skipped') => (each: { day: number; dueAt: Date }) => {
        return { caseId: one.id, customerId: one.customerId, day: each.day, dueAt: each.dueAt, status };
      };
      return [...plan.skipped.map(row('skipped')), ...(plan.reminder ? [plan.reminder].map(row('sent')) : [])];
    });
    await this.work.remind(tx, told);
    const now = this.clock.now();
    const events = planned.flatMap(({ loaded: { case: one }, plan: { reminder } }): DomainEvent[] => {
      if (!reminder) return [];
      const { day, daysUntilGraceEnds, needs } = reminder;
      const payload = { day, daysUntilGraceEnds, graceUntil: one.graceUntil.toISOString(), needs };
      return [caseEvent(RETRY_EVENTS.reminderDue, one, now, payload)];
    });
    await this.outbox.append(tx, events);
    return events.length;
  }

  private async schedule(tx: Tx, planned: readonly Planned[]): Promise<RecoveryAttempt[]> {
    const undone = planned.filter(({ loaded, plan }) => plan.unplan && loaded.planned !== null);
    await this.attempts.cancelPlanned(
      tx,
      undone.map(({ loaded }) => loaded.case.id),
      ['scheduled'],
    );
    const attempts = await this.attempts.plan(
      tx,
      planned.flatMap(({ loaded: { case: one, schedule }, plan: { attempt } }) => {
        if (!attempt) return [];
        const requestKey = `scheduled:${one.id}:${schedule.attempts.length + 1}`;
        const of = { caseId: one.id, invoiceId: one.invoiceId, customerId: one.customerId, requestedBy: null };
        return [{ ...of, strategy: 'scheduled' as const, dueAt: attempt.at, methodRef: attempt.methodRef, requestKey }];
      }),
    );
    await this.schedules.set(tx, planned.flatMap(shownOf));
    const byId = new Map(planned.map(({ loaded }) => [loaded.case.id, loaded.case]));
    await this.outbox.append(
      tx,
      attempts.flatMap(({ id: attemptId, caseId, number, strategy, dueAt }) => {
        const one = byId.get(caseId);
        const payload = { attemptId, number, strategy, dueAt: dueAt.toISOString() };
        return one ? [caseEvent(RETRY_EVENTS.attemptScheduled, one, this.clock.now(), payload)] : [];
      }),
    );
    return attempts;
  }

  private alertOn(tx: Tx, { case: { id, invoiceId } }: LoadedCase): Promise<void> {
    return this.alerts.raise(tx, {
      kind: 'dunning.provider_retries',
      severity: 'warning',
      causeKey: `dunning.provider_retries:${invoiceId}`,
      message: 'The provider still tries to collect an invoice that we collect; it is left alone',
      details: { caseId: id, invoiceId },
    });
  }
}

const HOLD_EVENTS: Readonly<Record<string, string>> = {
  action_required: RETRY_EVENTS.actionRequired,
  method_required: RETRY_EVENTS.methodRequired,
};

/** What the very first attempt came to; those of ours are told as they end. */
function firstHold({ case: one, schedule }: LoadedCase, { hold }: CasePlan, now: Date): DomainEvent[] {
  const type = HOLD_EVENTS[hold ?? ''];
  if (type === undefined || hold === one.holdReason) return [];
  if (schedule.attempts.some(({ status }) => status === 'failed')) return [];
  const { declineCode } = schedule.firstDecline;
  return [caseEvent(type, one, now, { attemptId: null, declineCode, graceUntil: one.graceUntil.toISOString() })];
}

/** What the invoice shows of the schedule. */
function shownOf({
  loaded: { case: one, made, planned },
  plan,
}: Planned): { invoiceId: string; customerId: string; attempts: number; nextAttemptAt: Date | null }[] {
  if (one.owner === 'provider') return [];
  const nextAttemptAt = plan.attempt?.at ?? (plan.unplan ? null : planned);
  return [{ invoiceId: one.invoiceId, customerId: one.customerId, attempts: made, nextAttemptAt }];
}
