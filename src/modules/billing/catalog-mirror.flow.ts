import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { parseCurrency } from '../../shared/currency';
import { money } from '../../shared/money';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { StripeGateway, StripeTaxGateway } from '../../providers/stripe';
import { BILLING_EVENTS } from './billing.events';
import { CatalogRepository, type CatalogPlan, type CatalogPriceItem, type MirrorRow } from './catalog.repository';

const INTERVAL = { monthly: 'month', annual: 'year' } as const;

/** Keeps Stripe's products and prices beside ours, by names of our choosing: as often as you like, with one result. */
@Injectable()
export class CatalogMirrorFlow implements OutboxConsumer, OnModuleInit {
  readonly name = 'stripe-catalog';
  readonly types = [BILLING_EVENTS.planChanged];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly catalog: CatalogRepository,
    private readonly stripe: StripeGateway,
    private readonly tax: StripeTaxGateway,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  /** A plan was made or changed. Where Stripe is off, buying is too, and the first purchase mirrors what it needs. */
  async handle(event: StoredDomainEvent): Promise<void> {
    if (!this.stripe.isConfigured) return;
    const plans = await this.unitOfWork.service((tx) => this.catalog.plans(tx));
    const plan = plans.find(({ id }) => id === event.objectId);
    for (const price of plan?.prices ?? []) await this.ensurePrice(plan as CatalogPlan, price);
  }

  /** @returns the price's id at Stripe, made there if it was not. */
  async ensurePrice(plan: CatalogPlan, price: CatalogPriceItem): Promise<string> {
    const known = await this.unitOfWork.service((tx) => this.catalog.mirrorOf(tx, 'stripe', 'price', price.id));
    if (known) {
      await this.tax.settleBehavior(known);
      return known;
    }
    const productRef = await this.stripe.ensureProduct({
      planId: plan.id,
      productId: `kassa_${plan.code.toLowerCase()}`,
      name: plan.name,
      description: plan.description,
    });
    const priceRef = await this.stripe.ensurePrice({
      priceId: price.id,
      productRef,
      lookupKey: price.lookupKey,
      unit: money(price.amount, parseCurrency(price.currency)),
      interval: INTERVAL[price.billingCycle],
    });
    await this.tax.settleBehavior(priceRef);
    const base = { provider: 'stripe' as const, syncedAt: this.clock.wall() };
    const mirrors: MirrorRow[] = [
      { ...base, objectType: 'plan', objectId: plan.id, providerId: productRef },
      { ...base, objectType: 'price', objectId: price.id, providerId: priceRef },
    ];
    await this.unitOfWork.service(async (tx) => {
      for (const mirror of mirrors) await this.catalog.saveMirror(tx, mirror);
    });
    return priceRef;
  }
}
