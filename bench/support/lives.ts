import { randomBytes } from 'node:crypto';
import type Stripe from 'stripe';
import { play } from '../../test/support/stripe-life';
import type { BenchServices } from './services';

/** What most of a provider's traffic about subscriptions is made of. */
const TYPES = new Set<string>([
  'customer.subscription.created',
  'customer.subscription.updated',
  'invoice.finalized',
  'invoice.paid',
  'payment_intent.succeeded',
]);
/** Ids of one customer's objects; what is sold has the same for everybody. */
const OWN_ID = /\b(evt|in|il|sub|si|cus|pi|ch|pm|inpay)_([A-Za-z0-9]{6,})\b/g;

/** One customer's events of a subscription that is renewed now and then, in the order they happened. */
const template: readonly Stripe.Event[] = play({
  trialDays: 0,
  steps: [
    { do: 'wait', days: 31 },
    { do: 'quantity', quantity: 2 },
    { do: 'wait', days: 62 },
    { do: 'cancel', now: false },
  ],
}).events.filter(({ type }) => TYPES.has(type));

export const EVENTS_PER_LIFE = template.length;

/** Tells the service what is sold in the lives: its own monthly prices, under the lives' ids. */
export async function knowCatalog(services: BenchServices): Promise<void> {
  const price = /"(price_[A-Za-z0-9]{12,})"/.exec(JSON.stringify(template))?.[1];
  await services.rows(
    `INSERT INTO catalog_mirrors (provider, object_type, object_id, provider_id, synced_at)
     SELECT 'stripe', 'price', id, $1, now() FROM prices WHERE billing_cycle = 'monthly' AND amount > 0 ORDER BY amount LIMIT 1`,
    [price],
  );
}

export type InboxRow = ReturnType<typeof rowOf>;

/** Makes so many customers. @returns the events of their lives, each life in its order, all customers side by side. */
export async function newLives(services: BenchServices, customers: number): Promise<InboxRow[]> {
  const lives = Array.from({ length: customers }, () => randomBytes(7).toString('hex'));
  await services.rows(
    `WITH made AS (INSERT INTO customers (id, user_id, created_at, updated_at)
       SELECT 'cust_' || life, 'user_' || life, now(), now() FROM unnest($1::text[]) AS life RETURNING id)
     INSERT INTO customer_accounts (provider, provider_id, customer_id, created_at)
     SELECT 'stripe', 'cus_' || life, 'cust_' || life, now() FROM unnest($1::text[]) AS life`,
    [lives],
  );
  return template.flatMap((event) => lives.map((life) => rowOf(event, life)));
}

/** As if they had been accepted. */
export async function putIntoInbox(services: BenchServices, rows: readonly InboxRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += 500) {
    await services.rows(
      `INSERT INTO inbox_events (id, provider, event_id, type, api_version, livemode, object_type, object_id, aggregate,
         occurred_at, received_at, raw_body, headers, status)
       SELECT r ->> 'id', 'stripe', r ->> 'id', r ->> 'type', r ->> 'version', false, r ->> 'objectType', r ->> 'objectId',
         r ->> 'aggregate', to_timestamp((r ->> 'created')::bigint), clock_timestamp(), convert_to(r ->> 'body', 'UTF8'), '{}',
         'received'
       FROM jsonb_array_elements($1::jsonb) AS r`,
      [JSON.stringify(rows.slice(from, from + 500))],
    );
  }
}

function rowOf(event: Stripe.Event, life: string) {
  const body = JSON.stringify(event)
    .replace(OWN_ID, (_id, prefix: string, rest: string) =>
      prefix === 'cus' ? `cus_${life}` : `${prefix}_${rest}${life}`,
    )
    .replaceAll('cus_ours', `cust_${life}`);
  const told = JSON.parse(body) as { id: string; data: { object: { id: string; object: string } } };
  return {
    id: told.id,
    type: event.type,
    version: event.api_version,
    objectType: told.data.object.object,
    objectId: told.data.object.id,
    aggregate: `stripe:cus_${life}`,
    created: event.created,
    body,
  };
}
