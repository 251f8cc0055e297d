import { CHECKOUT_EVENTS } from './checkout-events';
import { FRAUD_WARNING_EVENTS, REVIEW_EVENTS } from './concern-events';
import { CREDIT_NOTE_EVENTS } from './credit-note-events';
import { CUSTOMER_EVENTS } from './customer-events';
import { DISPUTE_EVENTS } from './dispute-events';
import type { EventTable } from './event-table';
import { INVOICE_EVENTS, INVOICE_PAYMENT_EVENTS } from './invoice-events';
import { CHARGE_EVENTS, PAYMENT_EVENTS } from './payment-events';
import { DETACHED_METHOD_EVENTS, PAYMENT_METHOD_EVENTS } from './payment-method-events';
import { PAYOUT_EVENTS } from './payout-events';
import { REFUND_EVENTS } from './refund-events';
import { SETUP_EVENTS } from './setup-events';
import { SCHEDULE_EVENTS, SUBSCRIPTION_EVENTS } from './subscription-events';

export { isHash } from './event-table';

const TABLES: readonly EventTable[] = [
  SUBSCRIPTION_EVENTS,
  SCHEDULE_EVENTS,
  INVOICE_EVENTS,
  INVOICE_PAYMENT_EVENTS,
  PAYMENT_EVENTS,
  CHARGE_EVENTS,
  CHECKOUT_EVENTS,
  SETUP_EVENTS,
  PAYMENT_METHOD_EVENTS,
  DETACHED_METHOD_EVENTS,
  CUSTOMER_EVENTS,
  REFUND_EVENTS,
  DISPUTE_EVENTS,
  CREDIT_NOTE_EVENTS,
  FRAUD_WARNING_EVENTS,
  REVIEW_EVENTS,
  PAYOUT_EVENTS,
];

/** Every event type that means something to us. A map, because a type such as `constructor` is in every plain object. */
export const EVENT_TABLES: ReadonlyMap<string, EventTable> = new Map(
  TABLES.flatMap((table) => table.types.map((type) => [type, table] as const)),
);
