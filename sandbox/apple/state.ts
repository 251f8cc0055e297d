import type { Product } from './products';
import type { SigningChain } from './signing';
import type { Environment, Notification, SubscriptionStatus, TransactionInfo } from './wire';
import type { Delivery } from '../webhooks/deliverer';

/** What App Store Connect would be told of the app and its server. */
export interface AppSettings {
  bundleId: string;
  appId: number;
  environment: Environment;
  /** Where notifications go; null is nowhere. */
  notificationUrl: string | null;
  /** Days of grace after a failed renewal: 0, 3, 16 or 28. */
  graceDays: number;
}

/** One subscription of one Apple account; upgrades, lapses and resubscriptions keep its id. */
export interface SubscriptionRecord {
  readonly originalTransactionId: string;
  readonly account: string;
  readonly group: string;
  readonly originalPurchaseDate: number;
  readonly ownership: 'PURCHASED' | 'FAMILY_SHARED';
  readonly currency: string;
  readonly storefront: string;
  appAccountToken: string | null;
  status: SubscriptionStatus;
  productId: string;
  latest: string;
  expiresDate: number;
  startedAt: number;
  autoRenew: boolean;
  autoRenewProductId: string;
  /** What the next renewal costs, in thousandths. */
  renewalPrice: number;
  graceUntil: number | null;
  retrySince: number | null;
  expirationIntent: number | null;
  /** A price increase the customer was told of; with `consented` false it waits for his word. */
  increase: { readonly price: number; consented: boolean } | null;
  /** Whether the means of payment works. */
  pays: boolean;
}

/** The app as App Store Connect has it, and what Apple signs with: a reset leaves them, for its servers know them. */
export interface AppIdentity {
  readonly settings: AppSettings;
  readonly chain: SigningChain;
  readonly apiKey: ApiKey;
}

/** The App Store as it is kept between two runs: plain data that JSON leaves as it is. */
export interface AppleState extends AppIdentity {
  readonly random: number;
  readonly sequence: number;
  readonly lastSigned: number;
  readonly products: readonly Product[];
  readonly transactions: readonly TransactionInfo[];
  readonly accounts: readonly (readonly [string, string])[];
  readonly subscriptions: readonly SubscriptionRecord[];
  readonly notifications: readonly Notification[];
  readonly deliveries: readonly Delivery[];
}

/** A key for the App Store Server API, as App Store Connect would hand it out once. */
export interface ApiKey {
  readonly issuerId: string;
  readonly keyId: string;
  /** PEM, PKCS 8. */
  readonly privateKey: string;
}

/** What callers of the control API are told. */
export class AppleSandboxError extends Error {
  constructor(
    message: string,
    readonly status: 400 | 404 | 409 = 400,
  ) {
    super(message);
  }
}
