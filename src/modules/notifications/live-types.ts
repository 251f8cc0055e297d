import { BILLING_EVENTS } from '../billing';

/** What a customer's app is told of. */
export const LIVE_TYPES: readonly string[] = [
  BILLING_EVENTS.subscriptionUpdated,
  BILLING_EVENTS.entitlementsUpdated,
  BILLING_EVENTS.paymentFailed,
];

/** Messages are user ids. */
export const LIVE_CHANNEL = 'kassa:live';
