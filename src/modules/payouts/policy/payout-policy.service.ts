import { Injectable } from '@nestjs/common';
import type { Currency } from '../../../shared/currency';
import type { Tx } from '../../../platform/database';
import type { Beneficiary } from '../beneficiaries/beneficiaries.service';
import { decideApproving, decidePreparing, type PolicyDecision } from './domain/decide';
import { reasonsOf, type PolicyReason } from './domain/evaluate';
import { PayoutLimitsRepository } from './payout-limits.repository';
import { PayoutRulesRepository } from './payout-rules.repository';

export interface PolicyQuestion {
  readonly stage: 'prepare' | 'approve';
  readonly payout: {
    /** Null while it is not in the table. */
    readonly id: string | null;
    readonly sourceCurrency: Currency;
    /** Minor units, the fee included. */
    readonly sourceAmount: bigint;
  };
  readonly beneficiary: Pick<Beneficiary, 'id' | 'country' | 'display'>;
  /** Who prepares or approves. */
  readonly actor: { readonly id: string; readonly roles: readonly string[] };
  /** Who has approved it already. */
  readonly approvals: readonly string[];
  /** Business time. */
  readonly now: Date;
}

/** Whether a payout may go ahead, by the limits of who approves and by the rules. */
@Injectable()
export class PayoutPolicy {
  constructor(
    private readonly limits: PayoutLimitsRepository,
    private readonly rules: PayoutRulesRepository,
  ) {}

  /**
   * In the transaction that prepares or approves, which by then holds the payout's row: of two at once the second sees the first.
   * A refusal is thrown by `policyRefusal`.
   */
  async decide(tx: Tx, question: PolicyQuestion): Promise<PolicyDecision> {
    const reasons = await this.reasons(tx, question);
    if (question.stage === 'prepare') return decidePreparing(reasons);
    const { payout, actor, approvals, now } = question;
    await this.limits.queueUpAs(tx, actor.id);
    const approvedToday = await this.limits.approvedSince(tx, {
      ...{ approverId: actor.id, currency: payout.sourceCurrency, exceptPayoutId: payout.id },
      since: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())),
    });
    const approval = {
      ...{ currency: payout.sourceCurrency, amount: payout.sourceAmount, roles: actor.roles },
      ...{ approvedToday, approvals: approvals.length },
    };
    return decideApproving(await this.limits.list(tx), approval, reasons);
  }

  private async reasons(tx: Tx, { payout, beneficiary, now }: PolicyQuestion): Promise<PolicyReason[]> {
    const rules = await this.rules.active(tx);
    const velocity = rules.filter(({ kind }) => kind === 'velocity');
    if (velocity.length > 0) await this.rules.queueUp(tx);
    const question = { rules: velocity, now, beneficiaryId: beneficiary.id, exceptPayoutId: payout.id };
    const observed = velocity.length > 0 ? await this.rules.observed(tx, question) : new Map();
    const { country, display } = beneficiary;
    const { sourceCurrency, sourceAmount } = payout;
    return reasonsOf(rules, { sourceCurrency, sourceAmount, country, name: display.name }, observed);
  }
}
