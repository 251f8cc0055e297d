import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { parseCurrency } from '../../shared/currency';
import { money } from '../../shared/money';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import {
  StripeCatalogGateway,
  StripeGateway,
  StripeTaxGateway,
  type CatalogProduct,
  type SeenPrice,
} from '../../providers/stripe';
import { BILLING_EVENTS } from './billing.events';
import { CatalogRepository, type BillingCycle, type MirrorRow } from './catalog.repository';
import { CatalogAdminRepository, type AdminPlan } from './catalog/catalog-admin.repository';
import { productIdOf } from './domain/product-id';

const INTERVAL = { monthly: 'month', annual: 'year' } as const;
/** Changes that come while a plan is being mirrored, one after the other. What is left is the next event's. */
const MAX_ROUNDS = 5;

interface SoldPlan {
  id: string;
  code: string;
  name: string;
  description: string;
}

interface SoldPrice {
  id: string;
  billingCycle: BillingCycle;
  amount: bigint;
  currency: string;
  lookupKey: string;
}

/** Keeps Stripe's products and prices beside ours, by names of our choosing: as often as you like, with one result. */
@Injectable()
export class CatalogMirrorFlow implements OutboxConsumer, OnModuleInit {
  readonly name = 'stripe-catalog';
  readonly types = [BILLING_EVENTS.planChanged];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly catalog: CatalogRepository,
    private readonly plans: CatalogAdminRepository,
    private readonly stripe: StripeGateway,
    private readonly tax: StripeTaxGateway,
    private readonly mirror: StripeCatalogGateway,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  /**
   * A plan was made or changed. Where Stripe is off, buying is too, and the first purchase mirrors what it needs. What is
   * written is read again at the end: of two events handled at once the slower one must not leave the older plan there.
   */
  async handle(event: StoredDomainEvent): Promise<void> {
    if (!this.stripe.isConfigured) return;
    let written: string | null = null;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const plan = await this.unitOfWork.service((tx) => this.plans.byIdOrCode(tx, event.objectId));
      if (!plan || written === contentOf(plan)) return;
      await this.write(plan);
      written = contentOf(plan);
    }
  }

  /** @returns the price's id at Stripe, made there if it was not. */
  async ensurePrice(plan: SoldPlan, price: SoldPrice): Promise<string> {
    const known = await this.unitOfWork.service((tx) => this.catalog.mirrorOf(tx, 'stripe', 'price', price.id));
    if (known) {
      await this.tax.settleBehavior(known);
      return known;
    }
    const productRef = await this.mirror.ensureProduct({ ...productOf(plan), active: true });
    return this.makePrice(plan.id, productRef, price);
  }

  private async write(plan: AdminPlan): Promise<void> {
    // What was archived before anybody bought it has no business there.
    if (!plan.active && plan.providerId === null) return;
    const productRef = await this.mirror.putProduct({ ...productOf(plan), active: plan.active });
    await this.save([this.row('plan', plan.id, productRef)]);
    const theirs = await this.pricesOf(productRef);
    for (const price of plan.prices) {
      if (price.providerId === null && !price.active) continue;
      const priceRef = price.providerId ?? (await this.makePrice(plan.id, productRef, price));
      const seen = theirs.get(priceRef);
      if (seen && seen.active !== price.active) await this.mirror.setPriceActive(priceRef, price.active);
    }
  }

  private async makePrice(planId: string, productRef: string, price: SoldPrice): Promise<string> {
    const priceRef = await this.mirror.ensurePrice({
      priceId: price.id,
      productRef,
      lookupKey: price.lookupKey,
      unit: money(price.amount, parseCurrency(price.currency)),
      interval: INTERVAL[price.billingCycle],
    });
    await this.tax.settleBehavior(priceRef);
    await this.save([this.row('plan', planId, productRef), this.row('price', price.id, priceRef)]);
    return priceRef;
  }

  private async pricesOf(productRef: string): Promise<Map<string, SeenPrice>> {
    const found = new Map<string, SeenPrice>();
    let from: string | undefined;
    do {
      const { items, next } = await this.mirror.prices(from, productRef);
      for (const item of items) found.set(item.priceRef, item);
      from = next ?? undefined;
    } while (from !== undefined);
    return found;
  }

  private row(objectType: MirrorRow['objectType'], objectId: string, providerId: string): MirrorRow {
    return { provider: 'stripe', objectType, objectId, providerId, syncedAt: this.clock.wall() };
  }

  private save(rows: readonly MirrorRow[]): Promise<void> {
    return this.unitOfWork.service(async (tx) => {
      for (const row of rows) await this.catalog.saveMirror(tx, row);
    });
  }
}

function productOf({ id, code, name, description }: SoldPlan): Omit<CatalogProduct, 'active'> {
  return { planId: id, productId: productIdOf(code), name, description };
}

/** All that is written of a plan. */
function contentOf({ name, description, active, prices }: AdminPlan): string {
  return JSON.stringify([name, description, active, prices.map(({ id, active: sold }) => [id, sold])]);
}
