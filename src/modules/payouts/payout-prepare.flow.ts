import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Currency } from '../../shared/currency';
import type { Money } from '../../shared/money';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Outbox } from '../../platform/outbox';
import { WiseGateway, type WiseQuote } from '../../providers/wise';
import { beneficiaryNotFound } from './beneficiaries/beneficiaries.errors';
import { BeneficiariesService, type Beneficiary } from './beneficiaries/beneficiaries.service';
import type { BeneficiaryInput } from './beneficiaries/beneficiary-create.flow';
import { PayoutRecord, personOf, type PayoutActor } from './payout-record.service';
import { beneficiaryGone, currencyMismatch, duplicateSuspected, payoutsOff } from './payouts.errors';
import { PayoutsRepository, type Payout, type QuoteFigures } from './payouts.repository';
import { PayoutPolicy } from './policy/payout-policy.service';
import { policyRefusal } from './policy/policy.errors';

/** The same to the same within so long may be one payout asked for twice. */
const DUPLICATE_MS = 86_400_000;

export interface PrepareRequest {
  /** A known one, or what makes a new one. */
  beneficiary: { id: string } | BeneficiaryInput;
  sourceCurrency: Currency;
  /** What the beneficiary gets. */
  target: Money;
  reference: string;
  confirmDuplicate: boolean;
}

/** A payout is priced, checked, and its money set aside; somebody else has to approve it. */
@Injectable()
export class PayoutPrepareFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly wise: WiseGateway,
    private readonly beneficiaries: BeneficiariesService,
    private readonly policy: PayoutPolicy,
    private readonly payouts: PayoutsRepository,
    private readonly record: PayoutRecord,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * @param requestKey of who asks and what for: asked again, the payout that is there is told.
   * @throws PROVIDER_NOT_CONFIGURED, BENEFICIARY_NOT_FOUND, BENEFICIARY_ARCHIVED, BENEFICIARY_CURRENCY_MISMATCH, DUPLICATE_SUSPECTED,
   * PAYOUT_BLOCKED, UNSUPPORTED_CORRIDOR, AMOUNT_OUT_OF_RANGE, what making a beneficiary throws, and Wise's outages.
   */
  async prepare(request: PrepareRequest, actor: PayoutActor, requestKey: string | null): Promise<Payout> {
    if (!this.wise.isOn) throw payoutsOff();
    const known = requestKey && (await this.unitOfWork.service((tx) => this.payouts.byRequestKey(tx, requestKey)));
    if (known) return known;
    const beneficiary = await this.beneficiaryOf(request, actor);
    const recipientRef = payable(beneficiary, request.target.currency);
    const { sourceCurrency, target } = request;
    // Before anything is asked of the provider: most mistakes are found here.
    await this.unitOfWork.service((tx) => this.refuseDuplicate(tx, beneficiary, request));
    const quote = await this.wise.quote({ sourceCurrency, target, recipientRef });
    const figures = figuresOf(quote);
    const payout = await this.unitOfWork.service(async (tx) => {
      // Held: of two requests for the same at once, the second sees the first.
      const held = await this.beneficiaries.lock(tx, beneficiary.id);
      if (!held) throw beneficiaryNotFound(beneficiary.id);
      const again = requestKey && (await this.payouts.byRequestKey(tx, requestKey));
      if (again) return again;
      payable(held, target.currency);
      await this.refuseDuplicate(tx, held, request);
      const decision = await this.policy.decide(tx, {
        ...{ stage: 'prepare', beneficiary: held, actor: { id: personOf(actor), roles: actor.roles }, approvals: [] },
        payout: { id: null, sourceCurrency, sourceAmount: figures.sourceAmount },
        now: this.clock.now(),
      });
      if (decision.outcome === 'refuse') throw policyRefusal(decision);
      return this.write(tx, held, request, figures, actor, requestKey);
    });
    this.outbox.wake();
    return payout;
  }

  private async write(
    tx: Tx,
    beneficiary: Beneficiary,
    { sourceCurrency, target, reference }: PrepareRequest,
    quote: QuoteFigures,
    actor: PayoutActor,
    requestKey: string | null,
  ): Promise<Payout> {
    const payout = await this.payouts.insert(tx, {
      ...{ beneficiaryId: beneficiary.id, customerId: beneficiary.customerId, requestKey, reference, sourceCurrency },
      ...{ targetCurrency: target.currency, quote, preparedBy: personOf(actor) },
    });
    await this.record.reserve(tx, payout, payout.reservations);
    await this.record.begun(tx, payout, actor);
    await this.record.audited(tx, payout, 'payout.prepare', actor, {
      ...{ beneficiaryId: beneficiary.id, targetAmount: String(target.amount), targetCurrency: target.currency },
      ...{ sourceAmount: String(quote.sourceAmount), sourceCurrency },
    });
    return payout;
  }

  private async beneficiaryOf({ beneficiary }: PrepareRequest, actor: PayoutActor): Promise<Beneficiary> {
    if (!('id' in beneficiary)) return this.beneficiaries.ensure(beneficiary, actor);
    const known = await this.unitOfWork.service((tx) => this.beneficiaries.byId(tx, beneficiary.id));
    if (!known) throw beneficiaryNotFound(beneficiary.id);
    return known;
  }

  private async refuseDuplicate(tx: Tx, { id: beneficiaryId }: Beneficiary, request: PrepareRequest): Promise<void> {
    if (request.confirmDuplicate) return;
    const { target, reference } = request;
    const since = new Date(this.clock.now().getTime() - DUPLICATE_MS);
    const alike = await this.payouts.alike(tx, { beneficiaryId, reference, targetAmount: target.amount }, since);
    if (alike.length > 0) throw duplicateSuspected(alike);
  }
}

/** A quote of the provider as payouts keep it. */
export function figuresOf({ quoteRef, rate, source, fee, target, expiresAt }: WiseQuote): QuoteFigures {
  return { quoteRef, rate, sourceAmount: source.amount, fee: fee.amount, targetAmount: target.amount, expiresAt };
}

/** @returns the provider's id of it. @throws BENEFICIARY_NOT_FOUND, BENEFICIARY_ARCHIVED, BENEFICIARY_CURRENCY_MISMATCH. */
export function payable({ id, status, recipientRef, currency }: Beneficiary, asked: Currency): string {
  if (status === 'pending') throw beneficiaryNotFound(id);
  if (status !== 'active' || recipientRef === null) throw beneficiaryGone(id);
  if (currency !== asked) throw currencyMismatch(asked, currency);
  return recipientRef;
}
