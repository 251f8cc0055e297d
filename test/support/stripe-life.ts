import fc from 'fast-check';
import type Stripe from 'stripe';
import { StripeSandboxError } from '../../sandbox/stripe/contract';
import {
  at,
  customerWith,
  DAY,
  harness,
  shop,
  subscribe,
  subscriptionNow,
  type Harness,
} from '../../sandbox/stripe/engine/harness';
import { STRIPE_API_VERSION } from '../../src/providers/stripe/stripe-version';

/** What happens to a subscription, in order; the sandbox's engine says what events follow. */
export type LifeStep =
  | { do: 'wait'; days: number }
  | { do: 'card'; behavior: string }
  | { do: 'plan'; price: 'basic' | 'pro' | 'yearly'; now: boolean }
  | { do: 'quantity'; quantity: number }
  | { do: 'cancel'; now: boolean }
  | { do: 'resume' }
  | { do: 'pay' }
  | { do: 'void' }
  | { do: 'uncollectible' };

export interface Life {
  trialDays: number;
  steps: LifeStep[];
}

export interface PlayedLife {
  /** As Stripe would send them, in the order they happened. */
  readonly events: readonly Stripe.Event[];
  /** The object as the sandbox has it in the end. */
  object(id: string): object | undefined;
}

const step: fc.Arbitrary<LifeStep> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(0, 1, 9, 31, 62) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('card' as const),
      behavior: fc.constantFrom('succeeds', 'insufficient_funds', 'lost_card', 'authentication_required'),
    }),
  },
  fc.record({
    do: fc.constant('plan' as const),
    price: fc.constantFrom('basic' as const, 'pro' as const, 'yearly' as const),
    now: fc.boolean(),
  }),
  fc.record({ do: fc.constant('quantity' as const), quantity: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('cancel' as const), now: fc.boolean() }),
  fc.constant<LifeStep>({ do: 'resume' }),
  fc.constant<LifeStep>({ do: 'pay' }),
  fc.constant<LifeStep>({ do: 'void' }),
  fc.constant<LifeStep>({ do: 'uncollectible' }),
);

/** Lives of up to 14 steps, with and without a trial. */
export const anyLife: fc.Arbitrary<Life> = fc.record({
  trialDays: fc.constantFrom(0, 14),
  steps: fc.array(step, { maxLength: 14 }),
});

/** Trial, renewals, a failure and its recovery, a downgrade with credit, an upgrade, the end. */
export const fullLife: Life = {
  trialDays: 14,
  steps: [
    { do: 'wait', days: 16 },
    { do: 'card', behavior: 'insufficient_funds' },
    { do: 'wait', days: 32 },
    { do: 'card', behavior: 'succeeds' },
    { do: 'pay' },
    { do: 'wait', days: 9 },
    { do: 'plan', price: 'basic', now: true },
    { do: 'wait', days: 31 },
    { do: 'plan', price: 'pro', now: true },
    { do: 'cancel', now: false },
    { do: 'resume' },
    { do: 'cancel', now: false },
    { do: 'wait', days: 62 },
  ],
};

/** Plays a life in a Stripe of its own. What Stripe would refuse is refused, and the life goes on. */
export function play(life: Life): PlayedLife {
  const h = harness(at('2027-01-31T10:00:00Z'));
  const prices = shop(h);
  const { customer, card } = customerWith(h, 'pm_card_visa');
  const { id } = subscribe(h, customer.id, prices.pro.id, {
    ...(life.trialDays > 0 && { trial_period_days: life.trialDays }),
    metadata: { kassaCustomerId: 'cus_ours', kassaIntentId: 'int_ours' },
  });
  for (const one of life.steps) {
    try {
      take(h, id, card, prices, one);
    } catch (error) {
      if (!(error instanceof StripeSandboxError)) throw error;
    }
  }
  return {
    events: h.events.map((seen, i) => toEvent(seen, i)),
    object: (objectId) => h.engine.store.get(objectId),
  };
}

function take(h: Harness, id: string, card: string, prices: ReturnType<typeof shop>, one: LifeStep): void {
  const subscription = (): ReturnType<typeof subscriptionNow> => subscriptionNow(h, id);
  const item = (): string => subscription().items.data[0]?.id ?? '';
  const invoice = (action: string): void => {
    h.call('POST', `/v1/invoices/${subscription().latest_invoice ?? ''}/${action}`);
  };
  switch (one.do) {
    case 'wait':
      h.go(h.now() + one.days * DAY);
      return;
    case 'card':
      h.engine.control.setCardBehavior(card, one.behavior);
      return;
    case 'plan':
      h.call('POST', `/v1/subscriptions/${id}`, {
        items: [{ id: item(), price: prices[one.price].id }],
        proration_behavior: one.now ? 'always_invoice' : 'create_prorations',
      });
      return;
    case 'quantity':
      h.call('POST', `/v1/subscriptions/${id}`, { items: [{ id: item(), quantity: one.quantity }] });
      return;
    case 'cancel':
      if (one.now) h.call('DELETE', `/v1/subscriptions/${id}`);
      else h.call('POST', `/v1/subscriptions/${id}`, { cancel_at_period_end: true });
      return;
    case 'resume':
      h.call('POST', `/v1/subscriptions/${id}`, { cancel_at_period_end: false });
      return;
    case 'pay':
    case 'void':
      invoice(one.do);
      return;
    case 'uncollectible':
      invoice('mark_uncollectible');
  }
}

/** Ids that sort otherwise than the events happened, as Stripe's do. */
function toEvent(seen: Harness['events'][number], i: number): Stripe.Event {
  const id = `evt_${((i * 7919 + 13) % 100_003).toString().padStart(6, '0')}`;
  const event = {
    id,
    object: 'event',
    api_version: STRIPE_API_VERSION,
    created: seen.created,
    livemode: false,
    type: seen.type,
    data: { object: seen.object, ...(seen.previous && { previous_attributes: seen.previous }) },
  };
  return JSON.parse(JSON.stringify(event)) as Stripe.Event;
}
