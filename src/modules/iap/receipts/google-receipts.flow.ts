import { Injectable } from '@nestjs/common';
import { customerRefOf } from '../../../shared/aggregate';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import { AppConfig } from '../../../platform/config';
import { GoogleReader, type GooglePurchase } from '../../../providers/google';
import { receiptInvalid, storeNotConfigured } from '../iap.errors';
import { refusing } from './refusing';
import type { StoreReceipt } from './store-receipt';

/** As Play Billing gives it to the app. */
export interface GoogleClaim {
  packageName: string;
  /** With or without the base plan of a subscription. */
  productId: string;
  purchaseToken: string;
}

/** Turns a purchase token into what Google Play says of the purchase now. */
@Injectable()
export class GoogleReceipts {
  constructor(
    private readonly config: AppConfig,
    private readonly reader: GoogleReader,
    private readonly clock: Clock,
  ) {}

  /** @throws RECEIPT_INVALID, PROVIDER_NOT_CONFIGURED, and what Google's failures are called. */
  async read({ packageName, productId, purchaseToken: token }: GoogleClaim): Promise<StoreReceipt> {
    if (!this.config.google) throw storeNotConfigured('google');
    if (packageName !== this.config.google.packageName) throw receiptInvalid();
    return refusing(async () => {
      const renewing = await this.reader.subscription(token, this.newSource());
      const purchase = renewing ?? (await this.reader.product(productId, token, this.newSource()));
      if (!purchase || !isOf(purchase, productId)) throw receiptInvalid();
      const { reading, ownerId } = purchase;
      const providerId = customerRefOf(reading.aggregate);
      const isSubscription = renewing !== null;
      return { store: 'google', providerId, productId: purchase.productId, ownerId, isSubscription, reading };
    });
  }

  /** Google dates its answers to the second: each reading is a source of its own. */
  private newSource(): string {
    return `validate:${newId('evt', this.clock.wall().getTime())}`;
  }
}

/** The app may know the product alone, and not the base plan it was bought on. */
function isOf(purchase: GooglePurchase, productId: string): boolean {
  return purchase.productId === productId || purchase.productId.startsWith(`${productId}:`);
}
