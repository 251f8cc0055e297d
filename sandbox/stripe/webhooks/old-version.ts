import type Stripe from 'stripe';

/** The version that `old_api_version` plays; of a time when periods stood on the subscription. */
export const OLD_API_VERSION = '2020-08-27';

type Json = Record<string, unknown>;

/** The event as an endpoint of `OLD_API_VERSION` gets it: fields that moved since stand where they stood. */
export function renderInOldVersion(event: Stripe.EventBase): Stripe.EventBase {
  const copy = JSON.parse(JSON.stringify(event)) as Stripe.EventBase;
  const object = copy.data.object as Json;
  if (object['object'] === 'subscription') movePeriod(object);
  if (object['object'] === 'invoice') moveSubscription(object);
  return { ...copy, api_version: OLD_API_VERSION };
}

function movePeriod(subscription: Json): void {
  const items = (subscription['items'] as { data: Json[] } | undefined)?.data ?? [];
  const [first] = items;
  subscription['current_period_start'] = first?.['current_period_start'];
  subscription['current_period_end'] = first?.['current_period_end'];
  for (const item of items) {
    delete item['current_period_start'];
    delete item['current_period_end'];
  }
}

function moveSubscription(invoice: Json): void {
  const parent = invoice['parent'] as { subscription_details?: { subscription?: unknown } | null } | null | undefined;
  invoice['subscription'] = parent?.subscription_details?.subscription ?? null;
  invoice['paid'] = invoice['status'] === 'paid';
  delete invoice['parent'];
}
