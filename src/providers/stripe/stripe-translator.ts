import type Stripe from 'stripe';
import { aggregateOf, customerRefOf } from '../../shared/aggregate';
import { AppError, isAppError, validation } from '../../shared/app-error';
import type { Translation } from '../provider.port';
import { EVENT_TABLES, isHash } from './events';
import { STRIPE_API_VERSION } from './stripe-version';

export function stripeAggregate(customerRef: string): string {
  return aggregateOf('stripe', customerRef);
}

/** The inverse. */
export function stripeCustomerOf(aggregate: string): string {
  return customerRefOf(aggregate);
}

/** Turns a verified event into facts. Pure. @throws AppError validation where a known type lacks what it must have. */
export function translateStripeEvent(event: Stripe.Event): Translation {
  const table = EVENT_TABLES.get(event.type);
  if (!table) return { kind: 'ignored', reason: `event type ${event.type} means nothing to us` };
  const object: unknown = event.data.object;
  if (!isHash(object) || object['object'] !== table.object) {
    throw validation('SCHEMA_VALIDATION', `The ${event.type} event carries no ${table.object}`, { type: event.type });
  }
  const objectId = requireId(object);
  // Payloads come in the endpoint's API version, not in ours: fields may have moved, so we read the object ourselves.
  if (event.api_version !== STRIPE_API_VERSION) {
    if (table.readAs) return { kind: 'read', objectType: table.readAs, objectId };
    return { kind: 'ignored', reason: `${event.type} in another API version, and nothing of ours to read` };
  }
  const occurredAt = new Date(event.created * 1000);
  try {
    return table.translate(event, { provider: 'stripe', objectId, occurredAt, sourceId: event.id });
  } catch (error) {
    if (isAppError(error) && error.kind === 'validation') throw error;
    // A field that is not there, or not of its type: the event is absurd, and will be on every retry.
    throw new AppError({
      kind: 'validation',
      code: 'SCHEMA_VALIDATION',
      message: `The ${event.type} event cannot be read`,
      details: { type: event.type },
      cause: error,
    });
  }
}

function requireId(object: Record<string, unknown>): string {
  const { id } = object;
  if (typeof id !== 'string' || id === '') throw validation('SCHEMA_VALIDATION', "The event's object has no id");
  return id;
}
