import fc from 'fast-check';
import { DAY, HOUR, subscriptionNow } from '../../sandbox/stripe/engine/harness';
import type { SubscriptionObject } from '../../sandbox/stripe/engine/wire';
import { kind, type Playing, type StepKind } from './stripe-life-kind';
import { MONEY_STEPS } from './stripe-life-money';

const now = (life: Playing): SubscriptionObject => subscriptionNow(life.h, life.subscriptionId);
const update = (life: Playing, params: object): void => {
  life.h.call('POST', `/v1/subscriptions/${life.subscriptionId}`, params);
};
const itemOf = (life: Playing): { id: string; price: string; quantity: number } => {
  const item = now(life).items.data[0];
  return { id: item?.id ?? '', price: item?.price.id ?? '', quantity: item?.quantity ?? 1 };
};
const latestInvoice = (life: Playing, action: string): void => {
  life.h.call('POST', `/v1/invoices/${now(life).latest_invoice ?? ''}/${action}`);
};
const anyPrice = fc.constantFrom('basic' as const, 'pro' as const, 'yearly' as const);

/**
 * Everything that can happen to a subscription and its money. A new kind is one entry here: it is then drawn into every generated life,
 * of the pure proof and of the one on PostgreSQL. A step takes no time unless it moves the clock.
 */
export const STEPS = {
  wait: kind(4, { days: fc.constantFrom<number>(1, 9, 31, 62) }, ({ h }, { days }) => {
    h.go(h.now() + days * DAY);
  }),
  second: kind(1, {}, ({ h }) => {
    h.go(h.now() + 1);
  }),
  card: kind(
    2,
    { behavior: fc.constantFrom('succeeds', 'insufficient_funds', 'lost_card', 'authentication_required') },
    ({ h, card }, { behavior }) => {
      if (card !== null) h.engine.control.setCardBehavior(card, behavior);
    },
  ),
  /** A renewal that fails: a month with a card that will not pay. */
  fail: kind(2, { behavior: fc.constantFrom('insufficient_funds', 'authentication_required') }, ({ h, card }, step) => {
    if (card !== null) h.engine.control.setCardBehavior(card, step.behavior);
    h.go(h.now() + 31 * DAY + HOUR);
  }),
  recover: kind(2, {}, (life) => {
    if (life.card !== null) life.h.engine.control.setCardBehavior(life.card, 'succeeds');
    latestInvoice(life, 'pay');
  }),
  newCard: kind(1, {}, ({ h, customerId }) => {
    const { id } = h.call('POST', '/v1/payment_methods/pm_card_visa/attach', { customer: customerId }) as {
      id: string;
    };
    h.call('POST', `/v1/customers/${customerId}`, { invoice_settings: { default_payment_method: id } });
  }),
  plan: kind(1, { price: anyPrice, now: fc.boolean() }, (life, { price, now: atOnce }) => {
    update(life, {
      items: [{ id: itemOf(life).id, price: life.prices[price].id }],
      proration_behavior: atOnce ? 'always_invoice' : 'create_prorations',
    });
  }),
  quantity: kind(1, { quantity: fc.integer({ min: 1, max: 4 }) }, (life, { quantity }) => {
    update(life, { items: [{ id: itemOf(life).id, quantity }] });
  }),
  cancel: kind(1, { now: fc.constantFrom(false, false, true) }, (life, { now: atOnce }) => {
    if (atOnce) life.h.call('DELETE', `/v1/subscriptions/${life.subscriptionId}`);
    else update(life, { cancel_at_period_end: true });
  }),
  keep: kind(1, {}, (life) => {
    update(life, { cancel_at_period_end: false });
  }),
  /** There and back, so many times within one second; an odd number ends on the other side. */
  toggle: kind(
    3,
    {
      what: fc.constantFrom('cancel' as const, 'quantity' as const, 'plan' as const),
      times: fc.integer({ min: 2, max: 4 }),
    },
    (life, { what, times }) => {
      for (let i = 0; i < times; i += 1) toggle(life, what);
    },
  ),
  collection: kind(
    1,
    { behavior: fc.constantFrom('void', 'keep_as_draft', 'mark_uncollectible', null) },
    (life, { behavior }) => {
      update(life, { pause_collection: behavior === null ? '' : { behavior } });
    },
  ),
  /** Out of `paused`, where a trial without a card ends up. */
  resume: kind(1, {}, (life) => {
    life.h.call('POST', `/v1/subscriptions/${life.subscriptionId}/resume`);
  }),
  pay: kind(1, {}, (life) => {
    latestInvoice(life, 'pay');
  }),
  void: kind(1, {}, (life) => {
    latestInvoice(life, 'void');
  }),
  uncollectible: kind(1, {}, (life) => {
    latestInvoice(life, 'mark_uncollectible');
  }),
  read: kind(2, { what: fc.constantFrom('subscription' as const, 'invoice' as const) }, (life, { what }) => {
    life.readingOf(what === 'subscription' ? life.subscriptionId : (now(life).latest_invoice ?? ''));
  }),
  ...MONEY_STEPS,
} as const;

function toggle(life: Playing, what: 'cancel' | 'quantity' | 'plan'): void {
  const { basic, pro } = life.prices;
  const item = itemOf(life);
  if (what === 'cancel') update(life, { cancel_at_period_end: !now(life).cancel_at_period_end });
  else if (what === 'quantity') update(life, { items: [{ id: item.id, quantity: item.quantity === 1 ? 2 : 1 }] });
  else update(life, { items: [{ id: item.id, price: item.price === pro.id ? basic.id : pro.id }] });
}

type Kinds = typeof STEPS;
type FieldsOf<K> = K extends StepKind<infer Fields> ? Fields : never;

/** What happens to a subscription; the sandbox's engine says what events follow. */
export type LifeStep = { [K in keyof Kinds]: { do: K } & FieldsOf<Kinds[K]> }[keyof Kinds];

export const anyStep: fc.Arbitrary<LifeStep> = fc.oneof(
  ...Object.entries(STEPS).map(([name, { weight, fields }]) => ({
    weight,
    arbitrary: fc.record({ do: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<LifeStep>,
  })),
);

export function takeStep(life: Playing, step: LifeStep): void {
  // The table's own entry for the step's own kind, which the compiler cannot follow through the union.
  (STEPS[step.do] as unknown as StepKind<LifeStep>).take(life, step);
}
