import type Stripe from 'stripe';
import { aggregateOf } from '../../../shared/aggregate';
import type { Fact, FactObjectType } from '../../../shared/facts';
import type { Translation, UnplacedFact } from '../../provider.port';

/** What every fact of an event says of it. */
export interface EventBase {
  provider: 'stripe';
  /** The object's id at Stripe. */
  objectId: string;
  occurredAt: Date;
  sourceId: string;
}

/** The events about one kind of Stripe's objects. */
export interface EventTable {
  /** Stripe's `object`. */
  object: string;
  types: readonly string[];
  /** What of ours can be read again where the event came in another API version; null for nothing. */
  readAs: FactObjectType | null;
  /** Pure. @throws AppError validation where the object lacks what it must have. */
  translate(event: Stripe.Event, base: EventBase): Translation;
}

type WithoutAggregate<F> = F extends unknown ? Omit<F, 'aggregate'> : never;

/** Facts of a customer of Stripe's. */
export function placed(customerRef: string, ...facts: WithoutAggregate<Fact>[]): Translation {
  const aggregate = aggregateOf('stripe', customerRef);
  return { kind: 'facts', aggregate, facts: facts.map((fact) => ({ ...fact, aggregate })) };
}

/** Facts whose customer another object tells. */
export function placedBy(objectType: FactObjectType, objectId: string, ...facts: UnplacedFact[]): Translation {
  return { kind: 'unplaced', via: { objectType, objectId }, facts };
}

export function ignored(reason: string): Translation {
  return { kind: 'ignored', reason };
}

/** The object as it was: `previous_attributes` laid over it. Hashes are partial there, lists are whole. */
export function previous<Payload>(event: Stripe.Event, toPayload: (object: never) => Payload): Payload | null {
  const attributes = event.data.previous_attributes as Record<string, unknown> | undefined;
  if (!attributes) return null;
  return toPayload(overlay(event.data.object, attributes) as never);
}

function overlay(object: unknown, former: unknown): unknown {
  if (!isHash(object) || !isHash(former)) return former;
  const result: Record<string, unknown> = { ...object };
  for (const [key, value] of Object.entries(former)) result[key] = overlay(object[key], value);
  return result;
}

export function isHash(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
