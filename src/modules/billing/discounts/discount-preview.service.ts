import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import { CustomersService } from '../../customers';
import { planNotFound } from '../billing.errors';
import { CatalogRepository } from '../catalog.repository';
import { DiscountsService, type DiscountAnswer } from './discounts.service';

/** What a code would give a user, before he buys. */
@Injectable()
export class DiscountPreview {
  constructor(
    private readonly catalog: CatalogRepository,
    private readonly customers: CustomersService,
    private readonly discounts: DiscountsService,
  ) {}

  /** Takes nothing, and makes nobody a customer. @throws PLAN_NOT_FOUND. */
  async validate(tx: Tx, userId: string, code: string, planCode: string): Promise<DiscountAnswer> {
    const plan = await this.catalog.planByCode(tx, planCode);
    if (!plan) throw planNotFound(planCode);
    const customer = await this.customers.byUser(tx, userId);
    const bound = customer && (await this.catalog.currencyOf(tx, 'stripe', customer.id));
    const currencies = bound ? [bound] : plan.prices.map(({ currency }) => currency);
    return this.discounts.look(tx, code, { customerId: customer?.id ?? null, planId: plan.id, currencies });
  }
}
