import { aggregateOf } from '../../shared/aggregate';
import { validation } from '../../shared/app-error';
import { parseCurrency } from '../../shared/currency';
import type {
  Fact,
  InvoicePayload,
  PaymentPayload,
  RefundPayload,
  StoreSale,
  SubscriptionPayload,
  SubscriptionStatus,
} from '../../shared/facts';
import { WHOLE_PIECE } from '../../shared/piece';
import { customerOfAccountToken } from '../account-token';
import { periodOf } from '../store-period';
import { minorUnitsOf } from './apple-price';
import type { AppleRenewal, AppleTransaction } from './apple-wire';

/** What Apple said of a subscription at one moment. */
export interface SubscriptionTold {
  transaction: AppleTransaction;
  renewal: AppleRenewal | null;
  /** 1 active, 2 expired, 3 billing retry, 4 grace period, 5 revoked. */
  status: number;
}

/** Who said it and when: what every fact of it carries. */
export interface Said {
  occurredAt: Date;
  sourceId: string;
}

export const AUTO_RENEWABLE = 'Auto-Renewable Subscription';
/** Price and length of a period nobody pays for. */
const FREE_TRIAL = 'FREE_TRIAL';
const STATUSES: Readonly<Record<number, string>> = {
  1: 'active',
  2: 'expired',
  3: 'billing_retry',
  4: 'grace_period',
  5: 'revoked',
};

export function appleAggregate(originalTransactionId: string): string {
  return aggregateOf('apple', originalTransactionId);
}

/** Our customer that the purchase was made for, as the app said when it was made; null where it did not say. */
export function ownerOf(transaction: AppleTransaction): string | null {
  return customerOfAccountToken(transaction.appAccountToken);
}

/** @throws SCHEMA_VALIDATION for a status nobody knows, or a subscription without an end. */
export function subscriptionFact(
  { transaction, renewal, status }: SubscriptionTold,
  kind: 'subscription.created' | 'subscription.changed' | 'subscription.snapshot',
  said: Said,
): Fact {
  return {
    ...{ provider: 'apple', objectType: 'subscription', objectId: transaction.originalTransactionId, kind, ...said },
    aggregate: appleAggregate(transaction.originalTransactionId),
    payload: subscriptionPayload(transaction, renewal, status),
    before: null,
  };
}

function subscriptionPayload(one: AppleTransaction, renewal: AppleRenewal | null, status: number): SubscriptionPayload {
  const providerStatus = STATUSES[status];
  if (providerStatus === undefined || one.expiresDate === undefined) {
    throw validation('SCHEMA_VALIDATION', "The subscription has no end, or a status that Apple's documentation lacks", {
      status,
    });
  }
  const [start, end] = [iso(one.purchaseDate), iso(one.expiresDate)];
  const trial = one.offerDiscountType === FREE_TRIAL;
  const ended = status === 2 || status === 5;
  // Paid for as long as it can be said: what begins after a lapse ends what was before it.
  const endedAt = ended ? iso(one.revocationDate ?? Math.max(one.expiresDate, one.purchaseDate)) : null;
  const cancels = !ended && renewal?.autoRenewStatus === 0;
  return {
    customerRef: one.originalTransactionId,
    ownerId: ownerOf(one),
    intentId: null,
    status: statusOf(status, trial),
    providerStatus,
    priceRef: one.productId,
    priceId: null,
    quantity: 1,
    ...termsOf(one, renewal, trial),
    ...periodOf(one.purchaseDate, one.expiresDate),
    currentPeriodStart: start,
    currentPeriodEnd: end,
    trialEndsAt: trial ? end : null,
    cancelAtPeriodEnd: cancels,
    cancelAt: cancels ? end : null,
    canceledAt: endedAt,
    endedAt,
    createdAt: iso(one.originalPurchaseDate ?? one.purchaseDate),
    latestInvoiceRef: one.transactionId,
    // Apple grants the grace; where it grants none, access ends with what was paid for.
    ...((status === 3 || status === 4) && { graceUntil: iso(graceOf(one, renewal, status)) }),
  };
}

function graceOf(one: AppleTransaction, renewal: AppleRenewal | null, status: number): number {
  const ends = one.expiresDate ?? one.purchaseDate;
  return status === 4 ? (renewal?.gracePeriodExpiresDate ?? ends) : ends;
}

function statusOf(status: number, trial: boolean): SubscriptionStatus {
  if (status === 1) return trial ? 'trialing' : 'active';
  return status === 3 || status === 4 ? 'past_due' : 'canceled';
}

/** What a period costs once it is paid for. Apple tells no price of purchases made before 2023: then it is nothing. */
function termsOf(
  one: AppleTransaction,
  renewal: AppleRenewal | null,
  trial: boolean,
): Pick<SubscriptionPayload, 'unitAmount' | 'currency'> {
  const renews = trial && renewal?.autoRenewProductId === one.productId ? renewal : null;
  const currency = renews?.currency ?? one.currency ?? renewal?.currency ?? 'USD';
  const price = renews?.renewalPrice ?? one.price ?? renewal?.renewalPrice ?? 0;
  return { unitAmount: minorUnitsOf(price, currency), currency: parseCurrency(currency) };
}

/** Nobody pays for it, or not to us: what the family shares, and what is bought in Apple's sandbox. */
export function isFree({ inAppOwnershipType, environment }: AppleTransaction): boolean {
  return inAppOwnershipType === 'FAMILY_SHARED' || environment === 'Sandbox';
}

/** Minor units; Apple tells no price of purchases made before 2023. @throws SCHEMA_VALIDATION */
function paidFor(one: AppleTransaction): { amount: number; currency: string } {
  const { price, currency = 'USD' } = one;
  const amount = isFree(one) || price === undefined || one.currency === undefined ? 0 : minorUnitsOf(price, currency);
  return { amount, currency: parseCurrency(currency) };
}

/**
 * The money of one transaction: an invoice that is paid, and its payment. The same whenever and however often it is told, so
 * that a lost notification is made good by the next. A subscription that is shared with the family, or has no price, has none; what is
 * bought once has an invoice in any case, for that is what grants it.
 */
export function moneyFacts(one: AppleTransaction, said: Said, snapshot = false): Fact[] {
  const isPriced = one.price !== undefined && one.currency !== undefined && one.inAppOwnershipType !== 'FAMILY_SHARED';
  if (one.type === AUTO_RENEWABLE && !isPriced) return [];
  const { amount, currency } = paidFor(one);
  const base = {
    ...{ provider: 'apple' as const, objectId: one.transactionId, ...said },
    ...{ aggregate: appleAggregate(one.originalTransactionId), before: null },
  };
  const invoice: Fact = {
    ...base,
    objectType: 'invoice',
    kind: snapshot ? 'invoice.snapshot' : 'invoice.paid',
    payload: invoicePayload(one, amount, currency),
  };
  if (amount === 0) return [invoice];
  const payment: Fact = {
    ...base,
    objectType: 'payment',
    kind: snapshot ? 'payment.snapshot' : 'payment.succeeded',
    payload: paymentPayload(one, amount, currency),
  };
  return [invoice, payment];
}

function invoicePayload(one: AppleTransaction, amount: number, currency: string): InvoicePayload {
  const at = iso(one.purchaseDate);
  const [periodStart, periodEnd] = [at, iso(one.expiresDate ?? one.purchaseDate)];
  const renews = one.type === AUTO_RENEWABLE;
  const first = one.transactionId === one.originalTransactionId ? 'subscription_create' : 'subscription_update';
  const returned = renews ? 0 : returnedOf(one);
  const line = {
    ...{ ref: one.transactionId, description: null, amount, currency, quantity: one.quantity ?? 1 },
    ...{ priceRef: one.productId, periodStart, periodEnd, proration: false, tax: 0 },
    ...(returned > 0 && { returned }),
  };
  return {
    customerRef: one.originalTransactionId,
    subscriptionRef: renews ? one.originalTransactionId : null,
    ownerId: ownerOf(one),
    number: null,
    status: 'paid',
    billingReason: renews ? (one.transactionReason === 'RENEWAL' ? 'subscription_cycle' : first) : 'purchase',
    currency,
    // Apple sells in its own name: the tax is its own, within the price and not told.
    ...{ total: amount, tax: 0, amountDue: amount, amountPaid: amount, amountRemaining: 0 },
    ...{ startingBalance: 0, endingBalance: 0, paidOutOfBand: false, attemptCount: 1, nextAttemptAt: null },
    ...{ hostedUrl: null, pdfUrl: null, periodStart, periodEnd, createdAt: at, finalizedAt: at, paidAt: at },
    lines: [line],
  };
}

function paymentPayload(one: AppleTransaction, amount: number, currency: string): PaymentPayload {
  return {
    ...{ customerRef: one.originalTransactionId, amount, currency, status: 'succeeded', declineCode: null },
    method: { type: 'app_store', brand: null, last4: null },
    createdAt: iso(one.purchaseDate),
    invoiceRef: one.transactionId,
    sale: saleOf(one),
  };
}

function saleOf(one: AppleTransaction): StoreSale {
  const soldAt = iso(one.purchaseDate);
  if (one.type !== AUTO_RENEWABLE) return { kind: 'one_time', soldAt, since: null };
  return { kind: 'subscription', soldAt, since: iso(one.originalPurchaseDate ?? one.purchaseDate) };
}

/**
 * How much of it is not the customer's any more, in parts of a `WHOLE_PIECE`. Apple tells a share of all pieces, rounded: 33.333 % of
 * three is one.
 */
function returnedOf({ revocationDate, revocationPercentage = WHOLE_PIECE, quantity = 1 }: AppleTransaction): number {
  if (revocationDate === undefined) return 0;
  const pieces = Math.round((quantity * revocationPercentage) / WHOLE_PIECE);
  const isWhole = Math.round((pieces * WHOLE_PIECE) / quantity) === revocationPercentage;
  return isWhole ? pieces * WHOLE_PIECE : quantity * revocationPercentage;
}

/** What was given back of what was paid, in minor units, rounded down. */
export function refundedOf(one: AppleTransaction, paid: number): number {
  const { revocationDate = one.signedDate, quantity = 1 } = one;
  return Math.floor((paid * returnedOf({ ...one, revocationDate })) / (quantity * WHOLE_PIECE));
}

/**
 * What was given back of a transaction; none for what was never paid. There is one refund of each at a time: one that was taken
 * back may be given again.
 */
export function refundFacts(
  one: AppleTransaction,
  kind: 'refund.created' | 'refund.changed' | 'refund.snapshot',
  said: Said,
): Fact[] {
  const { revocationDate } = one;
  const { amount: paid, currency } = paidFor(one);
  const amount = refundedOf(one, paid);
  if (amount <= 0) return [];
  const payload: RefundPayload = {
    ...{ paymentRef: one.transactionId, intentId: null, amount, currency },
    // Taken back by Apple: the money never left.
    status: revocationDate === undefined ? 'canceled' : 'succeeded',
    reason: one.revocationReason === 1 ? 'app_issue' : 'other',
    ...{ failureReason: null, movementRef: null },
    createdAt: revocationDate === undefined ? said.occurredAt.toISOString() : iso(revocationDate),
    ...(revocationDate !== undefined && { occurrence: String(revocationDate) }),
    sale: saleOf(one),
  };
  const aggregate = appleAggregate(one.originalTransactionId);
  return [
    {
      provider: 'apple',
      objectType: 'refund',
      objectId: one.transactionId,
      kind,
      aggregate,
      before: null,
      ...said,
      payload,
    },
  ];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
