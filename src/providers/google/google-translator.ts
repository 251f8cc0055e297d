import type { Translation } from '../provider.port';
import type { GoogleNotification } from './google-wire';

/**
 * What a notification means: every one of them is a hint, whatever its type is called. It says that something has become of a
 * purchase, and only Google's API says what. Pure.
 */
export function translateGoogleNotification(
  { packageName, subject }: GoogleNotification,
  ourPackage: string,
): Translation {
  // Whoever has set the topic up sends us what is another app's: somebody must look at it.
  if (packageName !== ourPackage) return { kind: 'ignored', reason: 'about another app', alert: true };
  switch (subject.kind) {
    case 'test':
      return { kind: 'ignored', reason: 'a test changes nothing of ours' };
    case 'unknown':
      return { kind: 'ignored', reason: 'nothing that it tells means anything to us' };
    // Of any order of the purchase: by the order both are found.
    case 'voided':
      return { kind: 'read', objectType: 'invoice', objectId: subject.orderId };
    default:
      return { kind: 'read', objectType: 'purchase', objectId: subject.token };
  }
}

const SUBSCRIPTION_TYPES: Readonly<Record<number, string>> = {
  1: 'RECOVERED',
  2: 'RENEWED',
  3: 'CANCELED',
  4: 'PURCHASED',
  5: 'ON_HOLD',
  6: 'IN_GRACE_PERIOD',
  7: 'RESTARTED',
  8: 'PRICE_CHANGE_CONFIRMED',
  9: 'DEFERRED',
  10: 'PAUSED',
  11: 'PAUSE_SCHEDULE_CHANGED',
  12: 'REVOKED',
  13: 'EXPIRED',
  17: 'ITEMS_CHANGED',
  18: 'CANCELLATION_SCHEDULED',
  19: 'PRICE_CHANGE_UPDATED',
  20: 'PENDING_PURCHASE_CANCELED',
  22: 'PRICE_STEP_UP_CONSENT_UPDATED',
};
const PRODUCT_TYPES: Readonly<Record<number, string>> = { 1: 'PURCHASED', 2: 'CANCELED' };

/** Its name for operators: `subscription.RENEWED`. */
export function typeNameOf({ subject }: GoogleNotification): string {
  switch (subject.kind) {
    case 'subscription':
      return `subscription.${SUBSCRIPTION_TYPES[subject.type] ?? subject.type}`;
    case 'product':
      return `product.${PRODUCT_TYPES[subject.type] ?? subject.type}`;
    default:
      return subject.kind;
  }
}
