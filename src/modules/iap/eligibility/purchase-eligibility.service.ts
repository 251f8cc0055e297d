import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import { isTakenBack, StoreBilling } from '../../billing';
import { CustomersService } from '../../customers';
import type { Store } from '../domain/store';
import { IapProductsRepository } from '../products/iap-products.repository';
import { eligibilityOf, type Eligibility } from './domain/eligibility';

/** More than anybody has bought once. */
const MAX_PURCHASES = 1_000;

/** Whether a user would pay for something new, asked before the store is. */
@Injectable()
export class PurchaseEligibility {
  constructor(
    private readonly customers: CustomersService,
    private readonly products: IapProductsRepository,
    private readonly billing: StoreBilling,
  ) {}

  /** @param store null for whichever sells it. */
  async of(tx: Tx, userId: string, productId: string, store: Store | null): Promise<Eligibility> {
    const known = await this.products.byProductId(tx, productId);
    const sold = store === null ? known : known.filter((one) => one.store === store);
    const customer = await this.customers.byUser(tx, userId);
    if (!customer) return eligibilityOf(sold, [], []);
    const bought = await this.billing.boughtOnce(tx, customer.id, MAX_PURCHASES);
    const owned = bought.filter((one) => one.kind === 'lifetime' && !isTakenBack(one));
    return eligibilityOf(sold, await this.billing.openOf(tx, customer.id), owned);
  }
}
