import type Stripe from 'stripe';
import type { CustomerFact } from '../../../shared/facts';
import { DELETED_CUSTOMER, toCustomerPayload } from '../stripe-method-objects';
import { ignored, isHash, placed, previous, type EventTable } from './event-table';

const KINDS = {
  'customer.created': 'customer.created',
  'customer.updated': 'customer.changed',
  'customer.deleted': 'customer.deleted',
} as const satisfies Record<string, CustomerFact['kind']>;

/** Stripe tells of every balance and address; of a customer himself only what he is charged to means something to us. */
export const CUSTOMER_EVENTS: EventTable = {
  object: 'customer',
  types: Object.keys(KINDS),
  readAs: 'customer',
  translate: (event, base) => {
    const kind = KINDS[event.type as keyof typeof KINDS];
    if (kind === 'customer.changed' && !changesDefault(event)) return ignored('a change that means nothing to us');
    const customer = event.data.object as Stripe.Customer;
    const payload = kind === 'customer.deleted' ? DELETED_CUSTOMER : toCustomerPayload(customer);
    if (kind === 'customer.created' && payload.defaultMethodRef === null) return ignored('a customer without a method');
    const before = kind === 'customer.changed' ? previous(event, toCustomerPayload) : null;
    return placed(base.objectId, { ...base, objectType: 'customer', kind, payload, before });
  },
};

function changesDefault(event: Stripe.Event): boolean {
  const former: unknown = event.data.previous_attributes;
  const settings = isHash(former) ? former['invoice_settings'] : undefined;
  return isHash(settings) && 'default_payment_method' in settings;
}
