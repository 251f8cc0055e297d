import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { AuditLog, type Actor } from '../../platform/audit';
import { UnitOfWork, type Tx } from '../../platform/database';
import { IdempotencyContext } from '../../platform/http';
import { AttemptsRepository } from './attempts.repository';
import { CaseWorkRepository } from './case-work.repository';
import { DunningCases } from './dunning-cases.service';
import { RecoveryChargeFlow } from './recovery-charge.flow';
import type { RecoveryAttempt } from './recovery-attempt';
import { attemptInFlight, caseNotFound, notCollectable } from './retry.errors';

/** What people do about a case. */
@Injectable()
export class CaseDesk {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly work: CaseWorkRepository,
    private readonly attempts: AttemptsRepository,
    private readonly cases: DunningCases,
    private readonly charges: RecoveryChargeFlow,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Charges the invoice now, beside the schedule, which stays as it is. The same keyed request is the same attempt.
   * @returns the attempt as it ended, or as far as it came.
   * @throws DUNNING_CASE_NOT_FOUND, INVALID_STATE_TRANSITION, REQUEST_IN_PROGRESS.
   */
  async attempt(caseId: string, note: string | null, actor: Actor): Promise<RecoveryAttempt> {
    const attempt = await this.unitOfWork.service((tx) => this.plan(tx, caseId, note, actor));
    await this.charges.run(attempt.id, actor);
    const ended = await this.unitOfWork.service((tx) => this.attempts.byId(tx, attempt.id));
    if (ended?.status === 'scheduled') throw attemptInFlight();
    return ended ?? attempt;
  }

  /**
   * The same without charging, in the caller's transaction: a worker carries it out. `DunningWorker.await` after the commit.
   * @throws DUNNING_CASE_NOT_FOUND, INVALID_STATE_TRANSITION, REQUEST_IN_PROGRESS.
   */
  async plan(tx: Tx, caseId: string, note: string | null, actor: Actor): Promise<RecoveryAttempt> {
    const one = await this.work.lock(tx, caseId);
    if (!one) throw caseNotFound(caseId);
    const request = IdempotencyContext.current();
    const requestKey = `manual:${caseId}:${request ? `${request.scope}:${request.key}` : randomUUID()}`;
    const known = await this.attempts.byRequest(tx, requestKey);
    if (known) return known;
    await this.cases.derive(tx, [one.subscriptionId]);
    const fresh = await this.work.lock(tx, caseId);
    const isOpen = fresh?.status === 'open' && fresh.endingAt === null && this.clock.now() < fresh.graceUntil;
    if (!fresh || !isOpen) throw notCollectable(fresh?.status ?? 'closed');
    const { invoiceId, customerId } = fresh;
    const of = { caseId, invoiceId, customerId, strategy: 'manual' as const, methodRef: null, requestedBy: actor.id };
    const [attempt] = await this.attempts.plan(tx, [{ ...of, dueAt: this.clock.now(), requestKey }]);
    if (!attempt || (await this.attempts.hasOther(tx, attempt))) throw attemptInFlight();
    await this.audit.record(tx, {
      ...{ actor, action: 'dunning.attempt', objectType: 'dunning_case', objectId: caseId, customerId },
      after: { attemptId: attempt.id, invoiceId, note },
    });
    return attempt;
  }
}
