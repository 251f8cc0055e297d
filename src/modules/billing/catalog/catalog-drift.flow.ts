import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { parseCurrency } from '../../../shared/currency';
import { money } from '../../../shared/money';
import { UnitOfWork } from '../../../platform/database';
import { StripeCatalogGateway, toStripePrice, type CatalogPage } from '../../../providers/stripe';
import { CatalogAdminRepository, type AdminPlan } from './catalog-admin.repository';
import { catalogDrift, type Drift, type OurPlan } from './domain/catalog-drift';

const INTERVAL = { monthly: 'month', annual: 'year' } as const;
const PLANS_AT_ONCE = 100;

export interface DriftReport {
  checkedAt: Date;
  /** How many of the account's products and prices were looked at, others' too. */
  products: number;
  prices: number;
  drifts: Drift[];
}

/** Reads all of Stripe's catalog and holds it against ours. Changes nothing on either side. */
@Injectable()
export class CatalogDriftFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly catalog: CatalogAdminRepository,
    private readonly stripe: StripeCatalogGateway,
    private readonly clock: Clock,
  ) {}

  /**
   * One request per hundred of theirs. What changes on our side meanwhile is no drift: only what both looks at ours show
   * is told.
   * @throws PROVIDER_NOT_CONFIGURED, and Stripe's failures.
   */
  async check(): Promise<DriftReport> {
    const before = await this.ours();
    const products = await all((from) => this.stripe.products(from));
    const prices = await all((from) => this.stripe.prices(from));
    const still = new Set(catalogDrift(await this.ours(), products, prices).map((drift) => JSON.stringify(drift)));
    const drifts = catalogDrift(before, products, prices).filter((drift) => still.has(JSON.stringify(drift)));
    return { checkedAt: this.clock.wall(), products: products.length, prices: prices.length, drifts };
  }

  private async ours(): Promise<OurPlan[]> {
    const plans: AdminPlan[] = [];
    let page: AdminPlan[];
    do {
      const last = plans.at(-1) ?? null;
      page = await this.unitOfWork.service((tx) => this.catalog.list(tx, PLANS_AT_ONCE, last));
      plans.push(...page);
    } while (page.length === PLANS_AT_ONCE);
    return plans.map(asStripeHasIt);
  }
}

async function all<T>(read: (from?: string) => Promise<CatalogPage<T>>): Promise<T[]> {
  const items: T[] = [];
  let from: string | undefined;
  do {
    const page = await read(from);
    items.push(...page.items);
    from = page.next ?? undefined;
  } while (from !== undefined);
  return items;
}

function asStripeHasIt({ id, code, name, description, active, providerId, prices }: AdminPlan): OurPlan {
  return {
    ...{ id, code, name, description, active, ref: providerId },
    prices: prices.map((price) => ({
      id: price.id,
      ...toStripePrice(money(price.amount, parseCurrency(price.currency))),
      interval: INTERVAL[price.billingCycle],
      active: price.active,
      ref: price.providerId,
    })),
  };
}
