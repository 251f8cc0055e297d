import type Stripe from 'stripe';
import { AppError, isAppError, validation } from '../../shared/app-error';
import type { Fact } from '../../shared/facts';
import type { ListedObjectType, SeenObject, Translation } from '../provider.port';
import { refOf } from './stripe-objects';
import { snapshotOf, type StripeObject } from './stripe-snapshots';
import { stripeAggregate } from './stripe-translator';
import { STRIPE_API_VERSION } from './stripe-version';

/** What a list shows of every object. */
export interface StripeListed {
  id: string;
  created: number;
  customer: string | { id: string } | null;
}

interface SeenBody {
  objectType: ListedObjectType;
  object: object;
  answeredAt: string;
}

/** Pure: an object of a list, with the moment of the answer, as bytes that can be translated at any later time. */
export function seenObject(objectType: ListedObjectType, object: StripeListed, answeredAt: Date): SeenObject {
  const customerRef = refOf(object.customer);
  const body: SeenBody = { objectType, object, answeredAt: answeredAt.toISOString() };
  return {
    objectType,
    objectId: object.id,
    createdAt: new Date(object.created * 1000),
    aggregate: customerRef === null ? null : stripeAggregate(customerRef),
    apiVersion: STRIPE_API_VERSION,
    rawBody: Buffer.from(JSON.stringify(body)),
  };
}

/** Pure: what an object that was seen tells. @throws AppError validation where it lacks what it must have. */
export function translateSeen(sourceId: string, rawBody: Buffer): Translation {
  const { objectType, object, answeredAt } = JSON.parse(rawBody.toString('utf8')) as SeenBody;
  const reading = { answeredAt: new Date(answeredAt), sourceId };
  try {
    const read = snapshotOf({ objectType, object } as StripeObject, reading);
    if (!read) return { kind: 'ignored', reason: `a ${objectType} without a customer is not ours` };
    const links = objectType === 'invoice' ? linksOf(object as Stripe.Invoice, read.aggregate, reading) : [];
    return { kind: 'facts', aggregate: read.aggregate, facts: [...read.facts, ...links] };
  } catch (error) {
    if (isAppError(error)) throw error;
    throw unreadable(objectType, error);
  }
}

/** Which payments have paid it: told by events that may be lost, and by the invoice when its payments are asked for. */
export function linksOf(
  invoice: Stripe.Invoice,
  aggregate: string,
  { answeredAt, sourceId }: { answeredAt: Date; sourceId: string },
): Fact[] {
  return (invoice.payments?.data ?? []).flatMap((part): Fact[] => {
    const objectId = refOf(part.payment.payment_intent);
    if (part.status !== 'paid' || objectId === null) return [];
    const link = { objectType: 'payment', kind: 'payment.linked', payload: { invoiceRef: invoice.id } } as const;
    return [{ provider: 'stripe', ...link, objectId, aggregate, occurredAt: answeredAt, sourceId, before: null }];
  });
}

function unreadable(objectType: string, cause: unknown): AppError {
  const { kind, code, message } = validation('SCHEMA_VALIDATION', `The ${objectType} in the list cannot be read`);
  return new AppError({ kind, code, message, details: { objectType }, cause });
}
