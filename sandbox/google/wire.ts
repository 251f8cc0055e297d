import type { GoogleBook } from './book';
import type { OrderRecord, ProductRecord, SubscriptionRecord, VoidedRecord } from './state';

/** developer.android.com/google/play/billing/rtdn-reference */
export const SUBSCRIPTION_TYPES = {
  RECOVERED: 1,
  RENEWED: 2,
  CANCELED: 3,
  PURCHASED: 4,
  ON_HOLD: 5,
  IN_GRACE_PERIOD: 6,
  RESTARTED: 7,
  PRICE_CHANGE_CONFIRMED: 8,
  DEFERRED: 9,
  PAUSED: 10,
  PAUSE_SCHEDULE_CHANGED: 11,
  REVOKED: 12,
  EXPIRED: 13,
  PRICE_CHANGE_UPDATED: 19,
  PENDING_PURCHASE_CANCELED: 20,
} as const;
export type SubscriptionType = keyof typeof SUBSCRIPTION_TYPES;
export const PRODUCT_TYPES = { PURCHASED: 1, CANCELED: 2 } as const;

const CANCELED_BY = {
  user: 'userInitiatedCancellation',
  system: 'systemInitiatedCancellation',
  replacement: 'replacementCancellation',
} as const;

const iso = (ms: number): string => new Date(ms).toISOString();
const acknowledgement = (done: boolean): string => `ACKNOWLEDGEMENT_STATE_${done ? 'ACKNOWLEDGED' : 'PENDING'}`;

/** Google's money. @param thousandths of the major unit */
function money(thousandths: number, currencyCode: string): object {
  const nanos = (thousandths % 1000) * 1_000_000;
  return { currencyCode, units: String(Math.floor(thousandths / 1000)), ...(nanos > 0 && { nanos }) };
}

/** `purchases.subscriptionsv2` */
export function subscriptionShown(record: SubscriptionRecord): object {
  const { state, canceledBy, canceledAt, linkedToken, obfuscatedAccountId, startTime, resumesAt } = record;
  const over = state === 'CANCELED' || state === 'EXPIRED';
  return {
    kind: 'androidpublisher#subscriptionPurchaseV2',
    regionCode: 'US',
    subscriptionState: `SUBSCRIPTION_STATE_${state}`,
    acknowledgementState: acknowledgement(record.acknowledged),
    ...(startTime !== null && { startTime: iso(startTime), lineItems: [itemShown(record)] }),
    ...(startTime === null && { lineItems: [{ ...itemShown(record), expiryTime: undefined }] }),
    ...(linkedToken !== null && { linkedPurchaseToken: linkedToken }),
    ...(over &&
      canceledBy !== null && {
        canceledStateContext: {
          [CANCELED_BY[canceledBy]]:
            canceledBy === 'user' && canceledAt !== null ? { cancelTime: iso(canceledAt) } : {},
        },
      }),
    ...(resumesAt !== null && { pausedStateContext: { autoResumeTime: iso(resumesAt) } }),
    ...(obfuscatedAccountId !== null && {
      externalAccountIdentifiers: { obfuscatedExternalAccountId: obfuscatedAccountId },
    }),
    ...(record.test && { testPurchase: {} }),
  };
}

function itemShown(record: SubscriptionRecord): object {
  const { productId, basePlanId, state, price, currency, latestOrderId, inTrial, expiryTime } = record;
  const renews = state !== 'CANCELED' && state !== 'EXPIRED';
  return {
    productId,
    expiryTime: iso(expiryTime),
    autoRenewingPlan: { ...(renews && { autoRenewEnabled: true }), recurringPrice: money(price, currency) },
    offerDetails: { basePlanId, ...(inTrial && { offerId: 'trial' }) },
    offerPhase: inTrial ? { freeTrial: {} } : { basePrice: {} },
    ...(latestOrderId !== null && { latestSuccessfulOrderId: latestOrderId }),
  };
}

/** `purchases.productsv2` */
export function productShown(record: ProductRecord): object {
  const { state, completedAt, obfuscatedAccountId, consumed, productId, orderId } = record;
  return {
    kind: 'androidpublisher#productPurchaseV2',
    regionCode: 'US',
    orderId,
    purchaseStateContext: { purchaseState: state },
    acknowledgementState: acknowledgement(record.acknowledged),
    ...(completedAt !== null && { purchaseCompletionTime: iso(completedAt) }),
    ...(obfuscatedAccountId !== null && { obfuscatedExternalAccountId: obfuscatedAccountId }),
    productLineItem: [
      {
        productId,
        productOfferDetails: {
          ...{ quantity: record.quantity, refundableQuantity: record.refundable },
          consumptionState: `CONSUMPTION_STATE_${consumed ? 'CONSUMED' : 'YET_TO_BE_CONSUMED'}`,
        },
      },
    ],
    ...(record.test && { testPurchaseContext: { fopType: 'TEST' } }),
  };
}

/** `orders` */
export function orderShown(order: OrderRecord): object {
  const { orderId, token, state, currency, total, createdAt, refundedAt, partials, productId, basePlanId } = order;
  const sum = money(total, currency);
  const refund = (thousandths: number): object => ({ total: money(thousandths, currency) });
  const left = partials.reduce((rest, { amount }) => rest - amount, total);
  return {
    ...{ orderId, purchaseToken: token, state, createTime: iso(createdAt), lastEventTime: iso(createdAt), total: sum },
    tax: money(0, currency),
    orderHistory: {
      ...(state !== 'PENDING' && state !== 'CANCELED' && { processedEvent: { eventTime: iso(createdAt) } }),
      ...(partials.length > 0 && {
        partialRefundEvents: partials.map(({ at, amount }) => ({
          ...{ createTime: iso(at), processTime: iso(at), state: 'PROCESSED_SUCCESSFULLY' },
          refundDetails: refund(amount),
        })),
      }),
      ...(refundedAt !== null && {
        refundEvent: { eventTime: iso(refundedAt), refundReason: 'OTHER', refundDetails: refund(left) },
      }),
    },
    lineItems: [
      {
        ...{ productId, listingPrice: sum, total: sum, tax: money(0, currency) },
        ...(basePlanId === null
          ? { oneTimePurchaseDetails: { quantity: order.quantity } }
          : { subscriptionDetails: periodShown(order, basePlanId) }),
      },
    ],
  };
}

function periodShown({ period, trial }: OrderRecord, basePlanId: string): object {
  return {
    basePlanId,
    offerPhaseDetails: trial ? { freeTrialDetails: {} } : { baseDetails: {} },
    ...(period && { servicePeriodStartTime: iso(period.start), servicePeriodEndTime: iso(period.end) }),
  };
}

/** `purchases.voidedpurchases` */
export function voidedShown({ token, orderId, boughtAt, at, reason, quantity }: VoidedRecord): object {
  return {
    kind: 'androidpublisher#voidedPurchase',
    ...{ purchaseToken: token, orderId, purchaseTimeMillis: String(boughtAt), voidedTimeMillis: String(at) },
    ...{ voidedSource: reason === 0 ? 0 : 2, voidedReason: reason },
    ...(quantity !== null && { voidedQuantity: quantity }),
  };
}

/** The `DeveloperNotification` that is in a push. */
export function notification(book: GoogleBook, about: Readonly<Record<string, unknown>>, at: number): object {
  return { version: '1.0', packageName: book.settings.packageName, eventTimeMillis: String(at), ...about };
}
