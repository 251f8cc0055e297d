import { Injectable } from '@nestjs/common';
import type { AppError } from '../../../shared/app-error';
import { UnitOfWork } from '../../../platform/database';
import type { UserIdentity } from '../../../platform/http';
import { StoreBilling, type Subscription } from '../../billing';
import { CustomersService, type Customer } from '../../customers';
import type { StoreClaim } from './store-claim';
import type { StoreReceipt } from './store-receipt';
import { receiptInvalid } from '../iap.errors';
import { AppleReceipts } from './apple-receipts.flow';
import { GoogleReceipts } from './google-receipts.flow';
import { PurchaseTaking } from './purchase-taking.service';

export interface TakenPurchase {
  receipt: StoreReceipt;
  /** Null for what is bought once. */
  subscription: Subscription | null;
}

export interface RefusedPurchase {
  receipt: StoreReceipt;
  error: AppError;
}

/** Takes in what a user's app has bought: asks the store, then applies what it says. */
@Injectable()
export class ReceiptValidation {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly apple: AppleReceipts,
    private readonly google: GoogleReceipts,
    private readonly taking: PurchaseTaking,
    private readonly billing: StoreBilling,
  ) {}

  /** @throws RECEIPT_INVALID, RECEIPT_OWNED_BY_ANOTHER_USER, UNKNOWN_PRODUCT, and what the store's failures are called. */
  async validate(user: UserIdentity, claim: StoreClaim): Promise<TakenPurchase> {
    const receipt = await (claim.store === 'apple' ? this.apple.read(claim) : this.google.read(claim));
    const outcome = await this.take(await this.customerOf(user), receipt);
    if ('error' in outcome) throw outcome.error;
    return outcome;
  }

  /**
   * All of the store account behind a purchase, as far as its store tells: Google does not. What is another user's stays his, and is named.
   * @throws as `validate`, where nothing at all was his.
   */
  async restore(
    user: UserIdentity,
    claims: readonly StoreClaim[],
  ): Promise<{ taken: TakenPurchase[]; refused: RefusedPurchase[] }> {
    const receipts = new Map<string, StoreReceipt>();
    for (const claim of claims) {
      const found = claim.store === 'apple' ? await this.apple.readAll(claim) : [await this.google.read(claim)];
      for (const receipt of found) receipts.set(`${receipt.store}:${receipt.providerId}`, receipt);
    }
    const customer = await this.customerOf(user);
    const taken: TakenPurchase[] = [];
    const refused: RefusedPurchase[] = [];
    for (const receipt of receipts.values()) {
      const outcome = await this.take(customer, receipt);
      if ('error' in outcome) refused.push(outcome);
      else taken.push(outcome);
    }
    if (taken.length === 0) throw refused[0]?.error ?? receiptInvalid();
    return { taken, refused };
  }

  private async take(customer: Customer, receipt: StoreReceipt): Promise<TakenPurchase | RefusedPurchase> {
    const taking = await this.taking.take(customer.id, receipt);
    if (taking.kind === 'refused') return { receipt, error: taking.error };
    const { store, providerId, isSubscription } = receipt;
    if (!isSubscription) return { receipt, subscription: null };
    const subscription = await this.unitOfWork.service((tx) => this.billing.subscription(tx, store, providerId));
    return { receipt, subscription };
  }

  private customerOf(user: UserIdentity): Promise<Customer> {
    const identity = { id: user.id, email: user.email ?? null };
    return this.unitOfWork.user(user.id, (tx) => this.customers.ensure(tx, identity));
  }
}
