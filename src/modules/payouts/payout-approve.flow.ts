import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { parseCurrency } from '../../shared/currency';
import { money } from '../../shared/money';
import { AppConfig } from '../../platform/config';
import { retryWhileBusy, UnitOfWork, type Tx } from '../../platform/database';
import { Outbox } from '../../platform/outbox';
import { WiseGateway } from '../../providers/wise';
import { beneficiaryNotFound } from './beneficiaries/beneficiaries.errors';
import { BeneficiariesService } from './beneficiaries/beneficiaries.service';
import { isWithinTolerance } from './domain/quote-tolerance';
import { toQuoteResponse } from './dto/payouts.response.dto';
import { figuresOf, payable } from './payout-prepare.flow';
import { PayoutRecord, personOf, type PayoutActor } from './payout-record.service';
import { PayoutWorkRepository } from './payout-work.repository';
import {
  insufficientFunds,
  notPossible,
  payoutNotFound,
  payoutsOff,
  quoteChanged,
  selfApproval,
} from './payouts.errors';
import { PayoutsRepository, type Payout, type QuoteFigures } from './payouts.repository';
import { PayoutPolicy } from './policy/payout-policy.service';
import { policyRefusal } from './policy/policy.errors';

export interface ApproveRequest {
  /** The new quote that a QUOTE_CHANGED told of. */
  acceptQuoteId: string | null;
}

/** What an approval comes to: it is his who has just given it, whatever the payout was before. */
interface Stand {
  payout: Payout;
  recipientRef: string;
  /** approved: by this person, before. first: another one has to approve it too. final: it may go. */
  stage: 'approved' | 'first' | 'final';
}

/** A quote has to hold until the worker has ordered the transfer. */
const QUOTE_MARGIN_MS = 60_000;

/** Another person lets a payout go: at a price that holds, and as far as our balance reaches. */
@Injectable()
export class PayoutApproveFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly wise: WiseGateway,
    private readonly beneficiaries: BeneficiariesService,
    private readonly policy: PayoutPolicy,
    private readonly payouts: PayoutsRepository,
    private readonly work: PayoutWorkRepository,
    private readonly record: PayoutRecord,
    private readonly outbox: Outbox,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Twice by the same person is once.
   * @throws PAYOUT_NOT_FOUND, SELF_APPROVAL, INVALID_STATE_TRANSITION, APPROVAL_LIMIT_EXCEEDED, PAYOUT_BLOCKED, BENEFICIARY_ARCHIVED,
   * QUOTE_CHANGED, INSUFFICIENT_FUNDS, and Wise's refusals and outages.
   */
  async approve(payoutId: string, request: ApproveRequest, actor: PayoutActor): Promise<Payout> {
    if (!this.wise.isOn) throw payoutsOff();
    const stand = await retryWhileBusy(() =>
      this.unitOfWork.service(async (tx) => {
        const seen = await this.stand(tx, payoutId, actor, null);
        if (seen.stage === 'first') await this.approveFirst(tx, seen.payout, actor);
        return seen;
      }),
    );
    if (stand.stage === 'final') await this.approveFinally(stand, request, actor);
    this.outbox.wake();
    return this.unitOfWork.service(async (tx) => {
      const approved = await this.payouts.byId(tx, payoutId);
      if (!approved) throw payoutNotFound(payoutId);
      return approved;
    });
  }

  private async approveFinally(stand: Stand, request: ApproveRequest, actor: PayoutActor): Promise<void> {
    const { payout } = stand;
    const quote = await this.quoteFor(stand, request.acceptQuoteId, actor);
    const askedAt = this.clock.wall();
    const balance = await this.wise.balance(parseCurrency(payout.sourceCurrency));
    await retryWhileBusy(() =>
      this.unitOfWork.service(async (tx) => {
        const now = await this.stand(tx, payout.id, actor, quote);
        // Whoever was quicker has decided.
        if (now.stage === 'approved') return;
        if (now.stage === 'first') return this.approveFirst(tx, now.payout, actor);
        const fresh = now.payout;
        if (quote === null && fresh.quoteRef !== payout.quoteRef)
          throw notPossible(fresh.status, 'approved twice at once');
        const needed =
          (quote?.sourceAmount ?? fresh.sourceAmount) +
          (await this.payouts.promised(tx, fresh.sourceCurrency, fresh.id, askedAt));
        const available = balance?.amount ?? 0n;
        if (available < needed) {
          const currency = fresh.sourceCurrency;
          throw insufficientFunds({ currency, available: String(available), needed: String(needed) });
        }
        await this.commit(tx, fresh, quote, actor);
      }),
    );
  }

  /** Under the row's lock. @param quote the one that would take the place of the present. @throws why it may not go. */
  private async stand(tx: Tx, payoutId: string, actor: PayoutActor, quote: QuoteFigures | null): Promise<Stand> {
    const payout = await this.payouts.lock(tx, payoutId);
    if (!payout) throw payoutNotFound(payoutId);
    const person = personOf(actor);
    const { decision, approvedBy, secondApprovedBy } = payout;
    const beneficiary = await this.beneficiaries.byId(tx, payout.beneficiaryId);
    if (!beneficiary) throw beneficiaryNotFound(payout.beneficiaryId);
    if (decision === 'approved' && (person === approvedBy || person === secondApprovedBy)) {
      return { payout, recipientRef: beneficiary.recipientRef ?? '', stage: 'approved' };
    }
    if (decision !== 'queued' && decision !== 'awaiting_second_approval') throw notPossible(payout.status, 'approved');
    if (person === payout.preparedBy || person === approvedBy) throw selfApproval();
    const recipientRef = payable(beneficiary, parseCurrency(payout.targetCurrency));
    const verdict = await this.policy.decide(tx, {
      ...{ stage: 'approve', beneficiary, actor: { id: person, roles: actor.roles }, now: this.clock.now() },
      approvals: approvedBy === null ? [] : [approvedBy],
      payout: {
        ...{ id: payout.id, sourceCurrency: parseCurrency(payout.sourceCurrency) },
        sourceAmount: quote?.sourceAmount ?? payout.sourceAmount,
      },
    });
    if (verdict.outcome === 'refuse') throw policyRefusal(verdict);
    return { payout, recipientRef, stage: verdict.outcome === 'second_approval' ? 'first' : 'final' };
  }

  private async approveFirst(tx: Tx, payout: Payout, actor: PayoutActor): Promise<void> {
    const approvedBy = personOf(actor);
    await this.record.decide(
      tx,
      payout,
      'awaiting_second_approval',
      { approvedBy, approvedAt: this.clock.now() },
      { source: 'person', actor: approvedBy, reason: null },
    );
    await this.record.audited(tx, payout, 'payout.approve_first', actor, { quoteRef: payout.quoteRef });
  }

  private async commit(tx: Tx, payout: Payout, quote: QuoteFigures | null, actor: PayoutActor): Promise<void> {
    const person = personOf(actor);
    const at = this.clock.now();
    const isSecond = payout.approvedBy !== null;
    const serial = payout.reservations + 1;
    await this.record.decide(
      tx,
      payout,
      'approved',
      {
        ...(isSecond ? { secondApprovedBy: person, secondApprovedAt: at } : { approvedBy: person, approvedAt: at }),
        ...(quote && { quote, reservations: serial }),
        offeredQuote: null,
      },
      { source: 'person', actor: person, reason: null },
    );
    if (quote) {
      const { sourceAmount, quoteRef } = quote;
      await this.record.reserve(tx, { ...payout, sourceAmount, quoteRef }, serial);
    }
    await this.work.wake(tx, payout.id);
    await this.record.audited(tx, payout, isSecond ? 'payout.approve_second' : 'payout.approve', actor, {
      ...{
        quoteRef: quote?.quoteRef ?? payout.quoteRef,
        sourceAmount: String(quote?.sourceAmount ?? payout.sourceAmount),
      },
    });
  }

  /** Null where the present one holds. @throws QUOTE_CHANGED where another one costs something else, which is kept to be accepted. */
  private async quoteFor(
    { payout, recipientRef }: Stand,
    acceptQuoteId: string | null,
    actor: PayoutActor,
  ): Promise<QuoteFigures | null> {
    const holdsUntil = this.clock.now().getTime() + QUOTE_MARGIN_MS;
    const holds = ({ expiresAt }: { expiresAt: Date }): boolean => expiresAt.getTime() > holdsUntil;
    const { offeredQuote } = payout;
    if (offeredQuote && offeredQuote.quoteRef === acceptQuoteId && holds(offeredQuote)) return offeredQuote;
    if (holds({ expiresAt: payout.quoteExpiresAt })) return null;
    const quote = await this.wise.quote({
      sourceCurrency: parseCurrency(payout.sourceCurrency),
      target: money(payout.targetAmount, parseCurrency(payout.targetCurrency)),
      recipientRef,
    });
    const figures = figuresOf(quote);
    if (isWithinTolerance(payout.sourceAmount, figures.sourceAmount, this.config.payouts.quoteToleranceBps))
      return figures;
    await this.unitOfWork.service(async (tx) => {
      await this.payouts.change(tx, payout.id, { offeredQuote: figures });
      await this.record.audited(tx, payout, 'payout.quote_changed', actor, {
        ...{ quoteRef: figures.quoteRef, sourceAmount: String(figures.sourceAmount) },
      });
    });
    throw quoteChanged(toQuoteResponse(payout, figures));
  }
}
