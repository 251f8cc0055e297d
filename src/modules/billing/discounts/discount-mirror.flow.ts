import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { parseCurrency } from '../../../shared/currency';
import { money } from '../../../shared/money';
import { UnitOfWork } from '../../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../../platform/outbox';
import { StripeCatalogGateway, StripeDiscountGateway, StripeGateway } from '../../../providers/stripe';
import { BILLING_EVENTS } from '../billing.events';
import { productIdOf } from '../domain/product-id';
import { DiscountsRepository, type Discount } from './discounts.repository';

/** A change that comes while we mirror makes us look again; more of them than this are another delivery's. */
const ROUNDS = 5;

/**
 * Keeps a coupon and a promotion code at Stripe beside each discount, by names of our choosing: as often as you like, with
 * one result. What broke off in between is taken up by the outbox, or by the first purchase that needs it.
 */
@Injectable()
export class DiscountMirrorFlow implements OutboxConsumer, OnModuleInit {
  readonly name = 'stripe-discounts';
  readonly types = [BILLING_EVENTS.discountChanged];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly discounts: DiscountsRepository,
    private readonly stripe: StripeGateway,
    private readonly products: StripeCatalogGateway,
    private readonly gateway: StripeDiscountGateway,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  /** A discount was made or changed. Where Stripe is off, buying is too, and the first purchase mirrors what it needs. */
  async handle(event: StoredDomainEvent): Promise<void> {
    if (!this.stripe.isConfigured) return;
    for (let round = 0; round < ROUNDS; round++) {
      const discount = await this.unitOfWork.service((tx) => this.discounts.byId(tx, event.objectId));
      if (!discount || discount.mirroredRevision === discount.revision) return;
      if (await this.mirror(discount)) return;
    }
    throw new Error(`Discount ${event.objectId} changes faster than it can be mirrored`);
  }

  /** @returns the coupon's id at Stripe, made there if it was not: all that a purchase needs. */
  async ensureCoupon(discount: Discount): Promise<string> {
    return discount.couponRef ?? (await this.putCoupon(discount));
  }

  /** @returns false where the discount has changed meanwhile. */
  private async mirror(discount: Discount): Promise<boolean> {
    const couponRef = await this.putCoupon(discount);
    const { id: discountId, code, expiresAt, maxRedemptions, firstTimeOnly } = discount;
    const offered = discount.active && (expiresAt === null || expiresAt > this.clock.now());
    const codeRef = await this.gateway.ensurePromotionCode(
      couponRef,
      offered ? { discountId, couponRef, code, expiresAt, maxRedemptions, firstTimeOnly } : null,
    );
    const at = this.clock.now();
    return this.unitOfWork.service((tx) => this.discounts.saveMirror(tx, discount, codeRef, at));
  }

  private async putCoupon(discount: Discount): Promise<string> {
    const plans = await this.unitOfWork.service((tx) => this.discounts.plansOf(tx, discount.id));
    const productRefs: string[] = [];
    for (const { id, code, ...plan } of plans) {
      const product = { ...plan, planId: id, productId: productIdOf(code) };
      productRefs.push(await this.products.ensureProduct(product));
    }
    const { id, name, percentOff, amountOff, currency, duration, durationMonths } = discount;
    const couponRef = await this.gateway.ensureCoupon({
      discountId: id,
      name,
      percentOff,
      amountOff: amountOff === null || currency === null ? null : money(amountOff, parseCurrency(currency)),
      duration,
      durationMonths,
      productRefs,
    });
    await this.unitOfWork.service((tx) => this.discounts.saveCoupon(tx, id, couponRef));
    return couponRef;
  }
}
