import type { AppleBook } from './book';
import { addPeriod, type Offer, type Product } from './products';
import { AppleSandboxError, type SubscriptionRecord } from './state';
import type { Purchase } from './purchase';
import type { TransactionInfo } from './wire';

const OFFER_TYPES = { intro: 1, promotional: 2, code: 3, winback: 4 } as const;
export type TakenOffer = Offer & { readonly type: keyof typeof OFFER_TYPES };

/** Writes transactions: what was charged for what, and to when it is good. All times are in milliseconds. */
export class AppleTill {
  constructor(private readonly book: AppleBook) {}

  open(
    product: Product,
    { currency = 'USD', storefront = 'USA', appAccountToken }: Purchase,
    account: string,
    ownership: SubscriptionRecord['ownership'],
    at: number,
  ): SubscriptionRecord {
    const record: SubscriptionRecord = {
      originalTransactionId: this.book.nextTransactionId(),
      account,
      group: product.group ?? '',
      originalPurchaseDate: at,
      ownership,
      currency,
      storefront,
      appAccountToken: appAccountToken ?? null,
      status: 1,
      productId: product.productId,
      latest: '',
      expiresDate: at,
      startedAt: at,
      autoRenew: true,
      autoRenewProductId: product.productId,
      renewalPrice: priceOf(product.prices, currency),
      graceUntil: null,
      retrySince: null,
      expirationIntent: null,
      increase: null,
      pays: true,
    };
    this.book.subscriptions.set(record.originalTransactionId, record);
    return record;
  }

  /** What is bought once and not again. */
  once(
    product: Product,
    purchase: Purchase,
    account: string,
    at: number,
    ownership: TransactionInfo['inAppOwnershipType'] = 'PURCHASED',
  ): TransactionInfo {
    const id = this.book.nextTransactionId();
    const { currency = 'USD', storefront = 'USA', appAccountToken, quantity = 1 } = purchase;
    const transaction: TransactionInfo = {
      ...this.common(product, {
        id,
        originalId: id,
        at,
        currency,
        storefront,
        appAccountToken: appAccountToken ?? null,
      }),
      originalPurchaseDate: at,
      quantity,
      inAppOwnershipType: ownership,
      transactionReason: 'PURCHASE',
      // Of all pieces: the price reflects the quantity.
      price: priceOf(product.prices, currency) * quantity,
    };
    return this.book.keep(transaction, account);
  }

  /** A period that is paid for, or begins for nothing: the subscription is active to its end. */
  charge(
    record: SubscriptionRecord,
    product: Product,
    from: number,
    how: { reason: TransactionInfo['transactionReason']; offer?: TakenOffer; expiresDate?: number },
  ): TransactionInfo {
    const { offer } = how;
    const id = record.latest === '' ? record.originalTransactionId : this.book.nextTransactionId();
    const expiresDate = how.expiresDate ?? addPeriod(from, offer?.period ?? product.period ?? 'P1M');
    const { currency, storefront, appAccountToken } = record;
    const transaction: TransactionInfo = {
      ...this.common(product, {
        id,
        originalId: record.originalTransactionId,
        at: from,
        currency,
        storefront,
        appAccountToken,
      }),
      originalPurchaseDate: record.originalPurchaseDate,
      webOrderLineItemId: this.book.nextTransactionId(),
      subscriptionGroupIdentifier: record.group,
      expiresDate,
      quantity: 1,
      inAppOwnershipType: record.ownership,
      transactionReason: how.reason,
      price: offer ? priceOf(offer.prices ?? {}, currency, 0) : record.renewalPrice,
      ...(offer && { offerType: OFFER_TYPES[offer.type], offerDiscountType: offer.mode }),
      ...(offer?.identifier !== undefined && { offerIdentifier: offer.identifier }),
    };
    Object.assign(record, {
      status: 1,
      latest: id,
      expiresDate,
      graceUntil: null,
      retrySince: null,
      expirationIntent: null,
    });
    return this.book.keep(transaction, record.account);
  }

  private common(
    product: Product,
    bought: {
      id: string;
      originalId: string;
      at: number;
      currency: string;
      storefront: string;
      appAccountToken: string | null;
    },
  ): Pick<
    TransactionInfo,
    | 'transactionId'
    | 'originalTransactionId'
    | 'bundleId'
    | 'productId'
    | 'purchaseDate'
    | 'type'
    | 'appAccountToken'
    | 'environment'
    | 'storefront'
    | 'storefrontId'
    | 'currency'
  > {
    const { bundleId } = this.book.settings;
    return {
      transactionId: bought.id,
      originalTransactionId: bought.originalId,
      bundleId,
      productId: product.productId,
      purchaseDate: bought.at,
      type: product.type,
      ...(bought.appAccountToken !== null && { appAccountToken: bought.appAccountToken }),
      environment: this.book.environmentOf(bought.originalId),
      storefront: bought.storefront,
      storefrontId: '143441',
      currency: bought.currency,
    };
  }

  amend(transactionId: string, change: Partial<TransactionInfo>): TransactionInfo {
    const transaction = { ...this.book.transaction(transactionId), ...change };
    this.book.transactions.set(transactionId, transaction);
    return transaction;
  }
}

/** @throws AppleSandboxError where it is not sold in that currency. */
export function priceOf(prices: Readonly<Record<string, number>>, currency: string, otherwise?: number): number {
  const price = prices[currency] ?? otherwise;
  if (price === undefined) throw new AppleSandboxError(`it has no price in ${currency}`);
  return price;
}
