import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';
import type { Intent } from '../../../platform/intents';
import { discountInUse, discountNotApplicable } from './discounts.errors';
import { DiscountsRepository, type Discount } from './discounts.repository';
import { codeOf, refusalOf, type DiscountReason } from './domain/discount';
import { RedemptionsRepository } from './redemptions.repository';

/** What a discount is to be used for. */
export interface DiscountPurchase {
  /** Null for somebody who is no customer yet. */
  customerId: string | null;
  planId: string;
  /** The currency of the price that is bought; all that the plan is sold in while none is chosen. */
  currencies: readonly string[];
}

export type DiscountAnswer = { discount: Discount; reason: null } | { discount: null; reason: DiscountReason };

/** Who may have a discount, and who has it. */
@Injectable()
export class DiscountsService {
  constructor(
    private readonly discounts: DiscountsRepository,
    private readonly redemptions: RedemptionsRepository,
    private readonly clock: Clock,
  ) {}

  /** Whether a code can be used, without using it. @param typed as the customer typed it. */
  async look(tx: Tx, typed: string, purchase: DiscountPurchase): Promise<DiscountAnswer> {
    const code = codeOf(typed);
    const discount = code === null ? null : await this.discounts.byCode(tx, code);
    if (!discount) return { discount: null, reason: 'unknown' };
    const reason = await this.refusal(tx, discount, purchase);
    return reason === null ? { discount, reason } : { discount: null, reason };
  }

  /**
   * Takes it for a purchase, in the transaction that begins the purchase's intent: whoever comes at the same moment waits
   * for the discount's lock, and sees what is left.
   * @throws DISCOUNT_NOT_APPLICABLE; REQUEST_IN_PROGRESS while another purchase of his holds it.
   */
  async hold(tx: Tx, intent: Intent, discountId: string, purchase: DiscountPurchase): Promise<void> {
    const customerId = purchase.customerId;
    const discount = customerId === null ? null : await this.discounts.lockById(tx, discountId);
    if (customerId === null || !discount) throw discountNotApplicable('unknown');
    const reason = await this.refusal(tx, discount, purchase);
    if (reason !== null) throw discountNotApplicable(reason);
    const others = await this.redemptions.holdsOf(tx, discountId, customerId);
    if (others.some(({ intentId }) => intentId !== intent.id)) throw discountInUse();
    await this.redemptions.hold(tx, { discountId, customerId, intentId: intent.id });
  }

  private async refusal(
    tx: Tx,
    discount: Discount,
    { customerId, planId, currencies }: DiscountPurchase,
  ): Promise<DiscountReason | null> {
    const limited = discount.maxRedemptions !== null;
    return refusalOf(discount, {
      now: this.clock.now(),
      planId,
      currencies,
      taken: limited ? await this.redemptions.taken(tx, discount.id, customerId) : 0,
      isFirstTime:
        !discount.firstTimeOnly || customerId === null || (await this.redemptions.isFirstTime(tx, customerId)),
    });
  }
}
