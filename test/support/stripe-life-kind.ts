import type fc from 'fast-check';
import type { Harness, Shop } from '../../sandbox/stripe/engine/harness';
import type { WireObjects, WireType } from '../../sandbox/stripe/engine/wire';

/** A life while it is played, as the steps see it. */
export interface Playing {
  readonly h: Harness;
  readonly prices: Shop;
  readonly customerId: string;
  readonly subscriptionId: string;
  /** The card it began with; null without one. */
  readonly card: string | null;
  /** Reads the object as it is at this moment, as a sweep or a second look would. */
  readingOf(id: string): void;
}

/** A kind of step: how often it is drawn, of what, and what it does. What Stripe refuses changes nothing. */
export interface StepKind<Fields extends object> {
  readonly weight: number;
  readonly fields: { readonly [K in keyof Fields]: fc.Arbitrary<Fields[K]> };
  take(life: Playing, step: Fields): void;
}

export function kind<Fields extends object>(
  weight: number,
  fields: StepKind<Fields>['fields'],
  take: StepKind<Fields>['take'],
): StepKind<Fields> {
  return { weight, fields, take };
}

/** All there are of a kind, oldest first. */
export function allOf<K extends WireType>({ engine }: Harness, type: K): WireObjects[K][] {
  return engine.store.list(type) as unknown as WireObjects[K][];
}
