/** Apple's objects, as its documentation of the App Store Server API and of Server Notifications V2 has them. Times are in milliseconds. */
export type Environment = 'Production' | 'Sandbox';

export type ProductType = 'Auto-Renewable Subscription' | 'Non-Consumable' | 'Consumable' | 'Non-Renewing Subscription';

export interface TransactionInfo {
  readonly transactionId: string;
  readonly originalTransactionId: string;
  readonly webOrderLineItemId?: string;
  readonly bundleId: string;
  readonly productId: string;
  readonly subscriptionGroupIdentifier?: string;
  readonly purchaseDate: number;
  readonly originalPurchaseDate: number;
  readonly expiresDate?: number;
  readonly quantity: number;
  readonly type: ProductType;
  readonly appAccountToken?: string;
  readonly inAppOwnershipType: 'PURCHASED' | 'FAMILY_SHARED';
  readonly revocationReason?: number;
  readonly revocationDate?: number;
  readonly revocationType?: 'REFUND_FULL' | 'REFUND_PRORATED' | 'FAMILY_REVOKE';
  readonly revocationPercentage?: number;
  readonly isUpgraded?: boolean;
  readonly offerType?: number;
  readonly offerIdentifier?: string;
  readonly offerDiscountType?: 'FREE_TRIAL' | 'PAY_AS_YOU_GO' | 'PAY_UP_FRONT';
  readonly environment: Environment;
  readonly storefront: string;
  readonly storefrontId: string;
  readonly transactionReason: 'PURCHASE' | 'RENEWAL';
  readonly currency: string;
  /** Thousandths of the major unit. */
  readonly price: number;
}

export interface RenewalInfo {
  readonly expirationIntent?: number;
  readonly originalTransactionId: string;
  readonly autoRenewProductId: string;
  readonly productId: string;
  readonly autoRenewStatus: 0 | 1;
  readonly isInBillingRetryPeriod?: boolean;
  readonly priceIncreaseStatus?: 0 | 1;
  readonly gracePeriodExpiresDate?: number;
  readonly environment: Environment;
  readonly recentSubscriptionStartDate: number;
  readonly renewalDate?: number;
  readonly currency: string;
  readonly renewalPrice: number;
  readonly appAccountToken?: string;
}

/** 1 active, 2 expired, 3 billing retry, 4 grace period, 5 revoked. */
export type SubscriptionStatus = 1 | 2 | 3 | 4 | 5;

export type NotificationType =
  | 'CONSUMPTION_REQUEST'
  | 'DID_CHANGE_RENEWAL_PREF'
  | 'DID_CHANGE_RENEWAL_STATUS'
  | 'DID_FAIL_TO_RENEW'
  | 'DID_RENEW'
  | 'EXPIRED'
  | 'GRACE_PERIOD_EXPIRED'
  | 'OFFER_REDEEMED'
  | 'ONE_TIME_CHARGE'
  | 'PRICE_INCREASE'
  | 'REFUND'
  | 'REFUND_DECLINED'
  | 'REFUND_REVERSED'
  | 'RENEWAL_EXTENDED'
  | 'REVOKE'
  | 'SUBSCRIBED'
  | 'TEST';

/** A notification that went out, or ought to have. `type` is what chaos knows it by. */
export interface Notification {
  /** The `notificationUUID`. */
  readonly id: string;
  readonly type: string;
  readonly notificationType: string;
  readonly subtype: string | null;
  readonly originalTransactionId: string | null;
  readonly signedDate: number;
  readonly signedPayload: string;
}
