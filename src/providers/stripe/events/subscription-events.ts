import type Stripe from 'stripe';
import type { SubscriptionFact } from '../../../shared/facts';
import { refOf, toSubscriptionPayload } from '../stripe-objects';
import { ignored, placed, previous, type EventTable } from './event-table';

const KINDS = {
  'customer.subscription.created': 'subscription.created',
  'customer.subscription.updated': 'subscription.changed',
  'customer.subscription.paused': 'subscription.changed',
  'customer.subscription.resumed': 'subscription.changed',
  'customer.subscription.trial_will_end': 'subscription.changed',
  'customer.subscription.pending_update_applied': 'subscription.changed',
  'customer.subscription.pending_update_expired': 'subscription.changed',
  'customer.subscription.deleted': 'subscription.deleted',
} as const satisfies Record<string, SubscriptionFact['kind']>;

export const SUBSCRIPTION_EVENTS: EventTable = {
  object: 'subscription',
  types: Object.keys(KINDS),
  readAs: 'subscription',
  translate: (event, base) => {
    const payload = toSubscriptionPayload(event.data.object as Stripe.Subscription);
    const kind = KINDS[event.type as keyof typeof KINDS];
    const before = previous(event, toSubscriptionPayload);
    return placed(payload.customerRef, { ...base, objectType: 'subscription', kind, payload, before });
  },
};

const SCHEDULE_TYPES = ['aborted', 'canceled', 'completed', 'created', 'expiring', 'released', 'updated'];

/** A schedule changes its subscription, and the subscription's own events may be late: it is read. */
export const SCHEDULE_EVENTS: EventTable = {
  object: 'subscription_schedule',
  types: SCHEDULE_TYPES.map((type) => `subscription_schedule.${type}`),
  readAs: null,
  translate: (event) => {
    const schedule = event.data.object as Stripe.SubscriptionSchedule;
    const objectId = refOf(schedule.subscription) ?? schedule.released_subscription;
    return objectId === null
      ? ignored('a schedule whose subscription has not begun')
      : { kind: 'read', objectType: 'subscription', objectId };
  },
};
