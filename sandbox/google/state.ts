import type { Delivery } from '../webhooks/deliverer';
import type { Product } from './products';

/** What Play Console and Pub/Sub would be told of the app and its server. */
export interface AppSettings {
  packageName: string;
  /** Where Pub/Sub pushes to; null is nowhere. */
  pushUrl: string | null;
  /** The `aud` of its tokens. */
  pushAudience: string;
  /** The account it pushes as. */
  pushAccount: string;
  /** Days of grace after a failed renewal, and of the hold after that. */
  graceDays: number;
  holdDays: number;
}

export type SubscriptionState =
  | 'PENDING'
  | 'ACTIVE'
  | 'PAUSED'
  | 'IN_GRACE_PERIOD'
  | 'ON_HOLD'
  | 'CANCELED'
  | 'EXPIRED'
  | 'PENDING_PURCHASE_CANCELED';

/** Times are in milliseconds, prices in thousandths of the major unit. */
export interface SubscriptionRecord {
  readonly token: string;
  readonly linkedToken: string | null;
  readonly account: string;
  readonly obfuscatedAccountId: string | null;
  readonly productId: string;
  readonly basePlanId: string;
  readonly currency: string;
  readonly test: boolean;
  readonly orderBase: string;
  state: SubscriptionState;
  /** Null while nobody has paid. */
  startTime: number | null;
  /** What was paid for. */
  periodEnd: number;
  /** As Google shows it: later than the period while it grants grace. */
  expiryTime: number;
  latestOrderId: string | null;
  orders: number;
  inTrial: boolean;
  price: number;
  increase: { readonly price: number; consented: boolean } | null;
  /** Whether the means of payment works. */
  pays: boolean;
  /** When grace or hold end. */
  waitsUntil: number | null;
  pauseDays: number | null;
  resumesAt: number | null;
  acknowledged: boolean;
  canceledBy: 'user' | 'system' | 'replacement' | null;
  /** When the customer did. */
  canceledAt: number | null;
}

/** What is bought once. */
export interface ProductRecord {
  readonly token: string;
  readonly productId: string;
  readonly orderId: string;
  readonly obfuscatedAccountId: string | null;
  readonly currency: string;
  readonly quantity: number;
  readonly test: boolean;
  /** Pieces that were not given back. */
  refundable: number;
  state: 'PURCHASED' | 'PENDING' | 'CANCELLED';
  completedAt: number | null;
  acknowledged: boolean;
  consumed: boolean;
}

export interface OrderRecord {
  readonly orderId: string;
  readonly token: string;
  readonly productId: string;
  readonly basePlanId: string | null;
  readonly currency: string;
  readonly total: number;
  readonly quantity: number;
  readonly createdAt: number;
  readonly period: { readonly start: number; readonly end: number } | null;
  readonly trial: boolean;
  state: 'PENDING' | 'PROCESSED' | 'CANCELED' | 'PARTIALLY_REFUNDED' | 'REFUNDED';
  partials: { readonly at: number; readonly amount: number }[];
  refundedAt: number | null;
}

export interface VoidedRecord {
  readonly token: string;
  readonly orderId: string;
  readonly boughtAt: number;
  readonly at: number;
  /** 0 other, 8 nobody acknowledged it. */
  readonly reason: number;
  /** Pieces, where not all of them were. */
  readonly quantity: number | null;
}

/** A push that went out, or ought to have. `type` is what chaos knows it by. */
export interface Push {
  /** Pub/Sub's `messageId`. */
  readonly id: string;
  readonly type: string;
  readonly at: number;
  /** The `DeveloperNotification`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Keys in PEM: what pushes are signed with, and what the service account signs with. */
export interface GoogleKeys {
  readonly keyId: string;
  readonly pushKey: string;
  readonly accountKey: string;
}

/** The app as Play Console has it: a reset leaves it, for its servers know it. */
export interface GoogleIdentity {
  readonly settings: AppSettings;
  /** Null until somebody needs them: they take long to make. */
  readonly keys: GoogleKeys | null;
}

/** Google Play as it is kept between two runs: plain data that JSON leaves as it is. */
export interface GoogleState extends GoogleIdentity {
  readonly random: number;
  readonly products: readonly Product[];
  readonly subscriptions: readonly SubscriptionRecord[];
  readonly purchases: readonly ProductRecord[];
  readonly orders: readonly OrderRecord[];
  readonly voided: readonly VoidedRecord[];
  readonly pushes: readonly Push[];
  readonly deliveries: readonly Delivery[];
}

/** What callers of the control API are told. */
export class GoogleSandboxError extends Error {
  constructor(
    message: string,
    readonly status: 400 | 404 | 409 = 400,
  ) {
    super(message);
  }
}
