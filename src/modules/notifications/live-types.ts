import { BILLING_EVENTS } from '../billing';
import { NOTIFICATION_EVENTS } from './notifications.events';

/** What a customer's app is told of. */
export const LIVE_TYPES: readonly string[] = [
  BILLING_EVENTS.subscriptionUpdated,
  BILLING_EVENTS.entitlementsUpdated,
  BILLING_EVENTS.paymentFailed,
  NOTIFICATION_EVENTS.created,
];

/** Messages are user ids. */
export const LIVE_CHANNEL = 'kassa:live';
