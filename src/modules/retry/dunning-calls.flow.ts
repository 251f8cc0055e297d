import { Injectable, Logger } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import { nextDelayMs } from '../../shared/retry-policy';
import { Alerts } from '../../platform/alerts';
import { SYSTEM } from '../../platform/audit';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Outbox } from '../../platform/outbox';
import { jitter } from '../../platform/queue';
import { InvoiceRecoveryFlow } from '../billing';
import { AttemptsRepository } from './attempts.repository';
import { CaseDerivationRepository } from './case-derivation.repository';
import { CaseWorkRepository, type LoadedCase } from './case-work.repository';
import { finalReminders } from './domain/case-plan';
import { caseEvent, DunningCases } from './dunning-cases.service';
import { RETRY_EVENTS } from './retry.events';

const HOUR_MS = 3_600_000;
/** After so many failures in a row a person is told. */
const STUCK_AFTER = 20;

/** What is done at the provider about a case besides charging: its collection is taken over, and its end carried out. */
@Injectable()
export class DunningCallsFlow {
  private readonly logger = new Logger(DunningCallsFlow.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly work: CaseWorkRepository,
    private readonly attempts: AttemptsRepository,
    private readonly derivation: CaseDerivationRepository,
    private readonly cases: DunningCases,
    private readonly recovery: InvoiceRecoveryFlow,
    private readonly outbox: Outbox,
    private readonly alerts: Alerts,
    private readonly clock: Clock,
  ) {}

  /** Never throws: what fails is tried again, longer each time. */
  async run(caseId: string, call: 'take_over' | 'end'): Promise<void> {
    try {
      await (call === 'take_over' ? this.takeOver(caseId) : this.end(caseId));
    } catch (error) {
      this.logger.warn(`${call} of case ${caseId} failed: ${String(error)}`);
      await this.unitOfWork.service((tx) => this.putBack(tx, caseId, error));
    }
    this.outbox.wake();
  }

  /** Collection that was stopped at the end goes on once the case is recovered after all. @throws what the provider says. */
  async resume(caseId: string): Promise<void> {
    const one = await this.unitOfWork.service((tx) => this.work.lock(tx, caseId));
    if (one?.status !== 'recovered' || one.endAction !== 'mark_unpaid') return;
    await this.recovery.resumeSubscription(one.subscriptionId, SYSTEM, `dunning.resume:${caseId}`);
  }

  private async takeOver(caseId: string): Promise<void> {
    const one = await this.unitOfWork.service((tx) => this.work.lock(tx, caseId));
    if (one?.status !== 'open') return;
    const { isRetriedThere, ...decline } = await this.recovery.takeOver(one.invoiceId);
    await this.unitOfWork.service(async (tx) => {
      await this.work.lock(tx, caseId);
      if (!isRetriedThere) return this.work.takenOver(tx, caseId, decline);
      // Two who charge the same invoice would charge it twice: it is left to the provider, and looked at again.
      await this.work.failed(tx, caseId, 'provider_retries', new Date(this.clock.now().getTime() + HOUR_MS), {});
      await this.alerts.raise(tx, {
        kind: 'dunning.provider_retries',
        severity: 'warning',
        causeKey: `dunning.provider_retries:${one.invoiceId}`,
        message: 'The provider still tries to collect an invoice that we collect; it is left alone',
        details: { caseId, invoiceId: one.invoiceId },
      });
    });
  }

  /**
   * The provider is read first, so that what was paid in the last minute is not given up. Then the subscription, so that
   * settling its invoice does not bring it back; then the invoice; then the case. Each step is done once, and one that was
   * done already is passed over.
   */
  private async end(caseId: string): Promise<void> {
    const before = await this.unitOfWork.service((tx) => this.loaded(tx, caseId));
    if (!before) return;
    await this.recovery.lookAgain(before.case.invoiceId);
    const loaded = await this.unitOfWork.service((tx) => this.beginEnd(tx, caseId));
    if (!loaded) return;
    const { subscriptionId, invoiceId, endAction, endInvoice, failures } = loaded.case;
    if (endAction === null || endInvoice === null) return;
    await this.recovery.endSubscription(subscriptionId, endAction, SYSTEM);
    // Of one that is marked unpaid, paying what is open is the way back.
    if (endAction !== 'mark_unpaid') {
      // Those that were waiting for this case to end are given up with it: there will be none of their own.
      const others = await this.unitOfWork.service((tx) => this.derivation.owedBesides(tx, loaded.case));
      for (const id of [invoiceId, ...others])
        await this.recovery.settle(id, endInvoice, SYSTEM, `dunning.${endInvoice}:${id}:${failures}`);
    }
    await this.unitOfWork.service((tx) => this.exhaust(tx, caseId, loaded));
  }

  private async loaded(tx: Tx, caseId: string): Promise<LoadedCase | undefined> {
    const one = await this.work.lock(tx, caseId);
    if (one?.status !== 'open') return undefined;
    await this.cases.derive(tx, [one.subscriptionId]);
    return (await this.work.load(tx, [caseId]))[0];
  }

  /** Undefined: it was paid, or it is not due any more, or something is still under way. */
  private async beginEnd(tx: Tx, caseId: string): Promise<LoadedCase | undefined> {
    const loaded = await this.loaded(tx, caseId);
    if (!loaded) return undefined;
    const isUnderWay = loaded.schedule.attempts.some(({ status }) => status === 'charging' || status === 'unknown');
    if (isUnderWay || (loaded.case.endingAt === null && this.clock.now() < loaded.case.graceUntil)) {
      await this.work.touch(tx, caseId);
      return undefined;
    }
    await this.attempts.cancelPlanned(tx, [caseId], ['scheduled', 'manual', 'new_method']);
    await this.work.beginEnd(tx, caseId, loaded.policy);
    return (await this.work.load(tx, [caseId]))[0];
  }

  private async exhaust(tx: Tx, caseId: string, { policy }: LoadedCase): Promise<void> {
    const one = await this.work.lock(tx, caseId);
    if (!one || !(await this.work.exhausted(tx, caseId))) return;
    const last = finalReminders(one, policy).map((reminder) => ({
      ...reminder,
      caseId,
      customerId: one.customerId,
      status: 'final' as const,
    }));
    await this.work.remind(tx, last);
    const { endAction, endInvoice } = one;
    const payload = { graceUntil: one.graceUntil.toISOString(), endAction, endInvoice };
    await this.outbox.append(tx, [caseEvent(RETRY_EVENTS.exhausted, one, this.clock.now(), payload)]);
    // Paid between the last look and now: it is told at once that somebody has to decide.
    await this.cases.derive(tx, [one.subscriptionId]);
  }

  private async putBack(tx: Tx, caseId: string, error: unknown): Promise<void> {
    const one = await this.work.lock(tx, caseId);
    if (one?.status !== 'open') return;
    const delayMs = nextDelayMs('transient', Math.min(one.failures + 1, 20), jitter()) ?? HOUR_MS;
    const code = isAppError(error) ? error.code : 'UNEXPECTED';
    const again = new Date(this.clock.now().getTime() + delayMs);
    const failures = await this.work.failed(tx, caseId, null, again, { code, at: this.clock.wall().toISOString() });
    if (failures !== STUCK_AFTER) return;
    await this.outbox.append(tx, [caseEvent(RETRY_EVENTS.stuck, one, this.clock.now(), { attemptId: null, code })]);
  }
}
