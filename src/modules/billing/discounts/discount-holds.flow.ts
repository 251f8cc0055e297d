import { Injectable, type OnModuleInit } from '@nestjs/common';
import { aggregateOf } from '../../../shared/aggregate';
import { Clock } from '../../../shared/clock';
import { UnitOfWork, type Tx } from '../../../platform/database';
import type { Intent } from '../../../platform/intents';
import { InboxRepository, OwnAnswer } from '../../../platform/inbox';
import { Sweepers } from '../../../platform/queue';
import { StripeDiscountGateway, StripeSubscriptionGateway } from '../../../providers/stripe';
import type { ReadResult } from '../../../providers/provider.port';
import { DiscountMirrorFlow } from './discount-mirror.flow';
import { discountNotApplicable } from './discounts.errors';
import { DiscountsRepository } from './discounts.repository';
import { DiscountsService, type DiscountPurchase } from './discounts.service';
import { RedemptionsRepository, type Hold } from './redemptions.repository';

/** Stripe ends a checkout after a day at the latest. */
const CHECKOUT_OVER_MS = 25 * 3_600_000;
const SWEEP_EVERY_MS = 600_000;
const SWEEP_BATCH = 50;

/** A discount chosen for a purchase, checked and in place at Stripe, but not taken yet. */
export interface ChosenDiscount {
  discountId: string;
  couponRef: string;
  purchase: DiscountPurchase & { customerId: string };
}

/** Takes discounts for purchases, and frees what purchases that came to nothing still hold. */
@Injectable()
export class DiscountHoldsFlow implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly discounts: DiscountsService,
    private readonly repository: DiscountsRepository,
    private readonly redemptions: RedemptionsRepository,
    private readonly mirror: DiscountMirrorFlow,
    private readonly subscriptions: StripeSubscriptionGateway,
    private readonly gateway: StripeDiscountGateway,
    private readonly answers: OwnAnswer,
    private readonly inbox: InboxRepository,
    private readonly sweepers: Sweepers,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'discount-holds', everyMs: SWEEP_EVERY_MS, run: () => this.askForOverdue() });
  }

  /** @param code as typed; null for a purchase without any. @throws DISCOUNT_NOT_APPLICABLE. */
  async choose(code: string | null, purchase: ChosenDiscount['purchase']): Promise<ChosenDiscount | null> {
    if (code === null) return null;
    const { discount, reason } = await this.unitOfWork.service((tx) => this.discounts.look(tx, code, purchase));
    if (reason !== null) throw discountNotApplicable(reason);
    return { discountId: discount.id, couponRef: await this.mirror.ensureCoupon(discount), purchase };
  }

  /**
   * Ends what the customer has begun with this discount and not paid: who tries again gives the former attempt up, and its
   * page must not be paid as well.
   * @param dedupeKey of the attempt to come: one that is repeated after a crash goes on with what it had begun.
   */
  async giveUpFormer(chosen: ChosenDiscount | null, dedupeKey: string): Promise<void> {
    if (!chosen) return;
    const { customerId } = chosen.purchase;
    const holds = await this.unitOfWork.service((tx) => this.redemptions.holdsOf(tx, chosen.discountId, customerId));
    for (const hold of holds) {
      const answer = hold.dedupeKey === dedupeKey ? null : await this.end(hold);
      if (answer) await this.answers.take(customerId, answer);
    }
  }

  /** For the guard of the purchase's intent. @throws as `DiscountsService.hold`. */
  async hold(tx: Tx, intent: Intent, chosen: ChosenDiscount | null): Promise<void> {
    if (chosen) await this.discounts.hold(tx, intent, chosen.discountId, chosen.purchase);
  }

  /** The purchase's intent has failed, perhaps because somebody has deleted the coupon at Stripe. */
  async release(tx: Tx, intent: Intent): Promise<void> {
    await this.redemptions.release(tx, [intent.id]);
    await this.repository.doubtCoupon(tx, intent.id);
  }

  /** Whether a subscription that waits for its first payment was bought with this discount, or with none. */
  async isOf(tx: Tx, subscriptionId: string, chosen: ChosenDiscount | null): Promise<boolean> {
    return (await this.redemptions.discountOf(tx, subscriptionId)) === (chosen?.discountId ?? null);
  }

  /** The end of a checkout may never have been told: Stripe is asked, once for each. @returns how many are overdue. */
  async askForOverdue(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - CHECKOUT_OVER_MS);
    return this.unitOfWork.service(async (tx) => {
      const overdue = await this.redemptions.overdue(tx, before, SWEEP_BATCH);
      const requests = overdue.map(({ sessionRef, customerRef }) => ({
        key: { provider: 'stripe' as const, objectType: 'checkout' as const, objectId: sessionRef },
        aggregate: aggregateOf('stripe', customerRef),
        reason: 'overdue',
      }));
      await this.inbox.requestReads(tx, requests);
      return requests.length;
    });
  }

  private async end({ id, kind, providerRef }: Hold): Promise<ReadResult | null> {
    if (providerRef === null) return null;
    const call = `${id}:given_up`;
    if (kind === 'checkout.create') return this.gateway.expireCheckout(providerRef, `answer:${call}`);
    return (await this.subscriptions.cancel(providerRef, call, `kassa-give-up-${id}`)).snapshot;
  }
}
