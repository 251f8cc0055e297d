import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { SYSTEM, type Actor } from '../../platform/audit';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Outbox, type DomainEvent } from '../../platform/outbox';
import { InvoiceRecoveryFlow } from '../billing';
import { AttemptsRepository, type AttemptEnd } from './attempts.repository';
import { CaseWorkRepository, type LoadedCase } from './case-work.repository';
import { outcomeOfError, outcomeOfStatus, type ChargeOutcome } from './domain/charge-outcome';
import { classify } from './domain/decline';
import { caseEvent, DunningCases } from './dunning-cases.service';
import type { DunningCase } from './dunning-case';
import { chargeKeyOf, type RecoveryAttempt } from './recovery-attempt';
import { RETRY_EVENTS } from './retry.events';

/** Longer than a charge with its retries may take; then somebody else looks what became of it. */
const LEASE_MS = 90_000;
/** Between two looks at what nobody knows. */
const LOOK_AGAIN_MS = 15_000;
/** While somebody else is charging. */
const BUSY_MS = 60_000;
/** After so many looks in vain a person is told. */
const STUCK_AFTER = 20;

interface Begun {
  attempt: RecoveryAttempt;
  case: DunningCase;
  /** False: nothing may be charged any more, only what an earlier run came to be found out. */
  mayCharge: boolean;
}

/**
 * Charges what is due: looks at the row under its lock, commits that it is being charged, charges under a key made from it,
 * commits what came of it. Whatever breaks in between is gone on with under the same key.
 */
@Injectable()
export class RecoveryChargeFlow {
  private readonly logger = new Logger(RecoveryChargeFlow.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly attempts: AttemptsRepository,
    private readonly work: CaseWorkRepository,
    private readonly cases: DunningCases,
    private readonly recovery: InvoiceRecoveryFlow,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** @returns whether there was something to do. Never throws for what the provider says. */
  async run(attemptId: string, actor: Actor = SYSTEM): Promise<boolean> {
    const begun = await this.unitOfWork.service((tx) => this.begin(tx, attemptId));
    this.outbox.wake();
    if (!begun) return false;
    const outcome = begun.mayCharge ? await this.charge(begun, actor) : await this.find(begun);
    // Before the transaction: whoever holds one connection and waits for another may wait for ever.
    const intentId = (await this.recovery.known(chargeKeyOf(begun.attempt)))?.id ?? null;
    await this.unitOfWork.service((tx) => this.conclude(tx, begun, outcome, intentId));
    this.outbox.wake();
    return true;
  }

  /** Null: it is settled, not due, held by somebody else, or nothing is to be charged. */
  private async begin(tx: Tx, id: string): Promise<Begun | null> {
    const known = await this.attempts.byId(tx, id);
    if (!known || known.finishedAt !== null) return null;
    // Always the case first, then what hangs on it: whoever locks both waits in the same order.
    const standing = await this.work.lock(tx, known.caseId);
    if (!standing) return null;
    await this.cases.derive(tx, [standing.subscriptionId]);
    const attempt = await this.attempts.byId(tx, id);
    if (!attempt || attempt.finishedAt !== null) return null;
    const [loaded] = await this.work.load(tx, [attempt.caseId]);
    if (attempt.status !== 'scheduled') return this.resume(tx, attempt, { standing, loaded });
    if (attempt.dueAt > this.clock.now()) return null;
    const refusal = loaded ? this.refusalOf(attempt, loaded) : 'closed';
    if (refusal) {
      await this.end(tx, attempt, standing, { status: 'skipped', errorType: refusal, decline: null, intentId: null });
      return null;
    }
    const isTaken = loaded?.case.takenOverAt !== null || attempt.strategy === 'manual';
    if (!isTaken || (await this.attempts.hasOther(tx, attempt))) {
      await this.attempts.postpone(tx, id, new Date(this.clock.now().getTime() + BUSY_MS));
      return null;
    }
    return { attempt: await this.attempts.begin(tx, id, true, LEASE_MS), case: standing, mayCharge: true };
  }

  /** What somebody has begun and holds no more. */
  private async resume(
    tx: Tx,
    attempt: RecoveryAttempt,
    { standing, loaded }: { standing: DunningCase; loaded: LoadedCase | undefined },
  ): Promise<Begun | null> {
    if (!(await this.attempts.isFree(tx, attempt.id))) return null;
    const mayCharge = loaded !== undefined && this.refusalOf(attempt, loaded) === null;
    const again = await this.attempts.begin(tx, attempt.id, false, LEASE_MS);
    return { attempt: { ...again, lastErrorType: attempt.lastErrorType }, case: standing, mayCharge };
  }

  /** Why it must not be charged now; null where it may. */
  private refusalOf({ strategy }: RecoveryAttempt, { case: one, schedule, isRetriedThere }: LoadedCase): string | null {
    if (schedule.standing !== 'due') return schedule.standing;
    if (this.clock.now() >= one.graceUntil || one.endingAt !== null) return 'grace_ends';
    if (strategy === 'manual') return null;
    if (one.owner === 'provider') return 'watching';
    return isRetriedThere ? 'provider_retries' : null;
  }

  private async charge({ attempt }: Begun, actor: Actor): Promise<ChargeOutcome> {
    if (attempt.lastErrorType === 'processing') return this.debitOf(attempt);
    const { id: attemptId, invoiceId, methodRef, strategy, number } = attempt;
    try {
      const note = { attemptId, strategy, number };
      const key = chargeKeyOf(attempt);
      return outcomeOfStatus(await this.recovery.charge({ invoiceId, key, methodRef, actor, note }));
    } catch (error) {
      const outcome = outcomeOfError(error);
      if (outcome.kind === 'unknown') this.logger.warn(`Attempt ${attemptId} has no known end: ${String(error)}`);
      // Ours is under way itself: another process is at it, or the answer is still to be looked for.
      const isOurs = outcome.kind === 'busy' && (await this.recovery.known(chargeKeyOf(attempt))) !== null;
      return isOurs ? { kind: 'unknown', errorType: 'request_in_progress' } : outcome;
    }
  }

  /** Without charging: what the intent of the last run came to. */
  private async find({ attempt }: Begun): Promise<ChargeOutcome> {
    if (attempt.lastErrorType === 'processing') return this.debitOf(attempt);
    const intent = await this.recovery.known(chargeKeyOf(attempt));
    if (!intent) return { kind: 'skipped', errorType: 'never_sent' };
    if (intent.state === 'succeeded') return { kind: 'succeeded' };
    if (intent.state !== 'failed') return { kind: 'unknown', errorType: attempt.lastErrorType ?? 'unexpected' };
    const outcome = outcomeOfError(intent.errorContext);
    return outcome.kind === 'abandoned' ? { kind: 'skipped', errorType: 'never_sent' } : outcome;
  }

  private async debitOf({ invoiceId }: RecoveryAttempt): Promise<ChargeOutcome> {
    const { invoiceStatus, hasFailed, declineCode } = await this.unitOfWork.service((tx) =>
      this.attempts.debitStanding(tx, invoiceId),
    );
    if (invoiceStatus !== 'open' || !hasFailed) return outcomeOfStatus(invoiceStatus);
    return {
      kind: 'failed',
      errorType: 'declined',
      decline: { declineCode, adviceCode: null, networkAdviceCode: null },
    };
  }

  private async conclude(
    tx: Tx,
    { attempt, case: one }: Begun,
    outcome: ChargeOutcome,
    intentId: string | null,
  ): Promise<void> {
    await this.work.lock(tx, one.id);
    switch (outcome.kind) {
      case 'unknown':
        return this.leaveOpen(tx, attempt, one, outcome.errorType);
      case 'busy':
        return this.attempts.postpone(tx, attempt.id, new Date(this.clock.now().getTime() + BUSY_MS));
      case 'abandoned':
        return this.attempts.postpone(tx, attempt.id, this.clock.now());
      case 'succeeded':
        return this.end(tx, attempt, one, { status: 'succeeded', errorType: null, decline: null, intentId });
      case 'skipped':
        return this.end(tx, attempt, one, { status: 'skipped', errorType: outcome.errorType, decline: null, intentId });
      case 'failed': {
        const { errorType, decline } = outcome;
        return this.end(tx, attempt, one, { status: 'failed', errorType, decline, intentId });
      }
    }
  }

  private async end(tx: Tx, attempt: RecoveryAttempt, one: DunningCase, end: AttemptEnd): Promise<void> {
    const ended = await this.attempts.end(tx, attempt.id, end);
    await this.work.touch(tx, one.id);
    if (ended) await this.outbox.append(tx, attemptEvents(ended, one, this.clock.now()));
  }

  /** A debit takes days, and nobody has to look for that. */
  private async leaveOpen(tx: Tx, attempt: RecoveryAttempt, one: DunningCase, errorType: string): Promise<void> {
    const isDebit = errorType === 'processing';
    await this.attempts.unknown(tx, attempt.id, errorType, isDebit ? 4 * LOOK_AGAIN_MS : LOOK_AGAIN_MS);
    if (isDebit) return;
    const failures = await this.work.failed(tx, one.id, null, one.nextActionAt ?? one.graceUntil, { errorType });
    if (failures !== STUCK_AFTER) return;
    const payload = { attemptId: attempt.id, code: errorType };
    await this.outbox.append(tx, [caseEvent(RETRY_EVENTS.stuck, one, this.clock.now(), payload)]);
  }
}

function attemptEvents(attempt: RecoveryAttempt, one: DunningCase, now: Date): DomainEvent[] {
  const { id: attemptId, number, strategy, status: outcome, lastErrorType, declineCode } = attempt;
  const told = { attemptId, number, strategy, outcome, lastErrorType, declineCode };
  const events = [caseEvent(RETRY_EVENTS.attempted, one, now, told)];
  if (outcome !== 'failed') return events;
  const type = {
    authentication: RETRY_EVENTS.actionRequired,
    hard: RETRY_EVENTS.methodRequired,
    fraud: RETRY_EVENTS.methodRequired,
    soft: null,
  }[classify(attempt).class];
  const payload = { attemptId, declineCode, graceUntil: one.graceUntil.toISOString() };
  return type === null ? events : [...events, caseEvent(type, one, now, payload)];
}
