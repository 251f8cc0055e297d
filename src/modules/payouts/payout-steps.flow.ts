import { Injectable, Logger } from '@nestjs/common';
import { HOUSE_ACCOUNT } from '../../shared/aggregate';
import { isAppError, type AppError, type AppErrorKind } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import type { TransferFact } from '../../shared/facts';
import { newId } from '../../shared/ids';
import { Alerts } from '../../platform/alerts';
import { retryWhileBusy, UnitOfWork, type Tx } from '../../platform/database';
import { OwnAnswer } from '../../platform/inbox';
import { Outbox } from '../../platform/outbox';
import { wiseAggregate, WiseGateway, type ToldFunding, type ToldTransfer } from '../../providers/wise';
import { beneficiaryNotFound } from './beneficiaries/beneficiaries.errors';
import { BeneficiariesService } from './beneficiaries/beneficiaries.service';
import { nextStep, type Step } from './domain/next-step';
import { PayoutRecord } from './payout-record.service';
import { PayoutWorkRepository } from './payout-work.repository';
import { PayoutsRepository, type Payout } from './payouts.repository';
import { TransfersRepository } from './transfers.repository';

/** More than a payout ever takes at once. */
const MAX_STEPS = 6;
const DAY_MS = 86_400_000;
/** So many calls in a row without an answer, and somebody is told. */
const ALARM_AFTER = 8;
/** Kinds that say the provider has understood and will not do it. */
const DEFINITE: ReadonlySet<AppErrorKind> = new Set<AppErrorKind>(['validation', 'business', 'not_found', 'conflict']);

/**
 * Carries an approved payout to the provider: orders the transfer, pays for it, calls it off. The row is the intent: before each call
 * it says that it is made, and what a lost answer has left open is asked for before anything is asked again. The transfer's key, which
 * never changes, makes the order the same however often it is sent.
 */
@Injectable()
export class PayoutStepsFlow {
  private readonly logger = new Logger(PayoutStepsFlow.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly wise: WiseGateway,
    private readonly answers: OwnAnswer,
    private readonly beneficiaries: BeneficiariesService,
    private readonly payouts: PayoutsRepository,
    private readonly transfers: TransfersRepository,
    private readonly work: PayoutWorkRepository,
    private readonly record: PayoutRecord,
    private readonly alerts: Alerts,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** All steps that are to be taken now; none where somebody else is at it. Safe to call twice, and by several at once. */
  async run(payoutId: string): Promise<void> {
    for (let taken = 0; taken < MAX_STEPS; taken += 1) {
      const turn = await this.unitOfWork.service((tx) => this.work.take(tx, payoutId));
      if (turn === null) return;
      const next = await this.unitOfWork.service((tx) => this.look(tx, payoutId, turn));
      if (!next) return;
      try {
        await this.take(next.step, next.payout);
      } catch (error) {
        await this.postpone(next.payout, next.step, error);
        return;
      }
      await this.unitOfWork.service((tx) => this.work.release(tx, payoutId, turn));
      this.outbox.wake();
    }
  }

  /** Null, and the row at rest, where nothing is to be done. */
  private async look(tx: Tx, payoutId: string, turn: number): Promise<{ payout: Payout; step: Step } | null> {
    const payout = await this.payouts.lock(tx, payoutId);
    // Another one has taken over meanwhile.
    if (payout?.attempts !== turn) return null;
    const transfer = await this.transfers.byTransferKey(tx, payout.transferKey);
    const step = nextStep({
      decision: payout.decision,
      isCancelRequested: payout.cancelRequestedAt !== null,
      transfer: transfer && { ...transfer, isOrdered: transfer.payoutId !== null },
    });
    if (step) return { payout, step };
    // What was to be called back and cannot be any more: whoever asked is told so.
    if (payout.cancelRequestedAt !== null) await this.payouts.change(tx, payoutId, { cancelRequestedAt: null });
    await this.work.rest(tx, payoutId);
    return null;
  }

  private take(step: Step, payout: Payout): Promise<void> {
    switch (step) {
      case 'order':
        return this.order(payout);
      case 'fund':
        return this.fund(payout);
      case 'cancel':
        return this.cancel(payout);
    }
  }

  private async order(payout: Payout): Promise<void> {
    const { beneficiaryId, quoteRef, transferKey, reference, targetCurrency } = payout;
    // Whoever was archived meanwhile is named all the same: an earlier order may have arrived, and only the same one tells.
    const beneficiary = await this.unitOfWork.service((tx) => this.beneficiaries.byId(tx, beneficiaryId));
    const sourceId = this.asking();
    let told: ToldTransfer;
    try {
      const recipientRef = beneficiary?.recipientRef;
      if (!recipientRef) throw beneficiaryNotFound(beneficiaryId);
      told = await this.wise.createTransfer({ quoteRef, recipientRef, customerTransactionId: transferKey, reference });
    } catch (error) {
      if (!isDefinite(error)) throw error;
      // An order before this one, whose answer was lost, may have arrived: then this one is refused, and the transfer is there.
      const since = new Date(payout.preparedAt.getTime() - DAY_MS);
      const until = new Date(this.clock.now().getTime() + DAY_MS);
      const known = await this.wise.findTransfer(transferKey, { since, until });
      // A conflict is one of two requests with the same key: the other one may be making it just now.
      if (!known && error.kind === 'conflict') throw error;
      if (!known) {
        await this.refused(payout, error);
        return;
      }
      told = known;
    }
    const { id: payoutId, sourceCurrency } = payout;
    const ordered = {
      ...{ payoutId, quoteRef, sourceCurrency, sourceAmount: Number(payout.sourceAmount), fee: Number(payout.fee) },
      ...{ targetCurrency, targetAmount: Number(payout.targetAmount), rate: payout.rate },
    };
    await this.tell(payout, told.transferRef, [
      { kind: 'transfer.ordered', payload: ordered, at: told.answeredAt, sourceId: `answer:${payoutId}:order` },
      // An order that is sent again tells how it stands by then.
      {
        ...{ kind: 'transfer.snapshot', payload: { state: told.state }, at: told.answeredAt },
        sourceId,
      },
    ]);
  }

  /** The provider will not take it: nothing has moved, and what was set aside is free. */
  private async refused(payout: Payout, refusal: AppError): Promise<void> {
    const { code: failureCode } = refusal;
    await retryWhileBusy(() =>
      this.unitOfWork.service(async (tx) => {
        const fresh = await this.payouts.lock(tx, payout.id);
        if (fresh?.decision !== 'approved') return;
        // An earlier order has arrived: what is said of this one counts for nothing.
        if (fresh.transferRef !== null) throw refusal;
        await this.record.decide(
          tx,
          fresh,
          'refused',
          { failureCode },
          { source: 'answer', actor: null, reason: failureCode },
        );
        await this.record.release(tx, fresh);
        await this.alerts.raise(tx, {
          ...{ kind: 'payout.failed', severity: 'warning', causeKey: `payout.failed:${payout.id}` },
          message: 'The provider would not take a payout',
          details: { payoutId: payout.id, failureCode },
        });
      }),
    );
  }

  /** Asked for twice it could be paid for twice: whoever finds that it was asked for looks first. */
  private async fund(payout: Payout): Promise<void> {
    const transferRef = payout.transferRef ?? '';
    const wasCalled = payout.fundingCalledAt !== null;
    if (wasCalled && (await this.wise.isFunded(transferRef))) {
      await this.funded(payout, { status: 'completed', errorCode: null, answeredAt: this.clock.now() });
      return;
    }
    const isOurs = await this.unitOfWork.service(async (tx) => {
      if (!(await this.work.hold(tx, payout.id, payout.attempts))) return false;
      await this.payouts.change(tx, payout.id, { fundingCalledAt: this.clock.wall() });
      return true;
    });
    if (isOurs) await this.funded(payout, await this.askFunding(transferRef));
  }

  private async askFunding(transferRef: string): Promise<ToldFunding> {
    let answer: ToldFunding;
    try {
      answer = await this.wise.fund(transferRef);
    } catch (error) {
      if (!isDefinite(error)) throw error;
      answer = { status: 'rejected', errorCode: error.code, answeredAt: this.clock.now() };
    }
    // Rejected, too, where an earlier request that nobody heard of again, or a person, has paid: that one must not be called off.
    if (answer.status !== 'rejected' || !(await this.wise.isFunded(transferRef))) return answer;
    return { ...answer, status: 'completed', errorCode: null };
  }

  private funded(payout: Payout, { status, errorCode, answeredAt: at }: ToldFunding): Promise<void> {
    const sourceId = `answer:${payout.id}:funding:${String(payout.attempts).padStart(4, '0')}`;
    return this.tell(payout, payout.transferRef ?? '', [
      { kind: 'transfer.funded', payload: { status, errorCode }, at, sourceId },
    ]);
  }

  private async cancel(payout: Payout): Promise<void> {
    const transferRef = payout.transferRef ?? '';
    const sourceId = this.asking();
    let told: ToldTransfer | null;
    try {
      told = await this.wise.cancel(transferRef);
    } catch (error) {
      if (!isDefinite(error)) throw error;
      // Too late, or gone on its way meanwhile: how it stands says what is to be done next.
      told = await this.wise.transfer(transferRef);
      // It could be called off, and is not: paid for instead it must not be.
      if (!told || told.state === 'incoming_payment_waiting') throw error;
      await this.unitOfWork.service((tx) => this.payouts.change(tx, payout.id, { cancelRequestedAt: null }));
    }
    await this.tell(payout, transferRef, [
      {
        ...{ kind: 'transfer.snapshot', payload: { state: told.state }, at: told.answeredAt },
        sourceId,
      },
    ]);
  }

  /** The name of an answer, from before it is asked for: what was recorded by then, it has seen. */
  private asking(): string {
    return `answer:${newId('int', this.clock.wall().getTime())}`;
  }

  /** The answers, as facts; what follows from them is committed with them. */
  private async tell(payout: Payout, transferRef: string, told: readonly ToldFact[]): Promise<void> {
    const aggregate = wiseAggregate(payout.transferKey);
    const facts = told.map(
      ({ kind, payload, at, sourceId }): TransferFact =>
        ({
          ...{ provider: 'wise', objectType: 'transfer', objectId: transferRef, aggregate, before: null },
          ...{ kind, payload, occurredAt: at, sourceId },
        }) as TransferFact,
    );
    await this.answers.take(HOUSE_ACCOUNT, { aggregate, facts });
  }

  private async postpone(payout: Payout, step: Step, error: unknown): Promise<void> {
    const code = isAppError(error) ? error.code : 'UNEXPECTED';
    const { id, attempts } = payout;
    this.logger.warn(`Payout ${id} is not done with "${step}" yet: ${code}`);
    await this.unitOfWork.service(async (tx) => {
      const askedSeconds = isAppError(error) ? (error.retryAfterSeconds ?? 0) : 0;
      const failures = await this.work.postpone(tx, id, attempts, askedSeconds);
      if (failures < ALARM_AFTER) return;
      await this.alerts.raise(tx, {
        ...{ kind: 'payout.stuck', severity: 'critical', causeKey: `payout.stuck:${id}` },
        message: 'Nobody knows how a payout stands: the provider does not answer',
        details: { payoutId: id, step, code, failures },
      });
    });
  }
}

interface ToldFact {
  kind: TransferFact['kind'];
  payload: TransferFact['payload'];
  at: Date;
  sourceId: string;
}

function isDefinite(error: unknown): error is AppError {
  return isAppError(error) && DEFINITE.has(error.kind);
}
