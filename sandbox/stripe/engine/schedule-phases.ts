/** The phases of a schedule: which plan from when to when. */
import type Stripe from 'stripe';
import { boundary } from './calendar';
import type { SandboxContext } from './context';
import { integer, invalidRequest, refuseUnsupported, required } from './errors';
import { mergeMetadata } from './metadata';
import { intervalOf, periodEnd, usablePrice } from './subscription-object';
import { assertConsistent } from './subscriptions';
import type { SubscriptionObject } from './wire';
import type { ScheduleObject, SchedulePhase } from './wire-pricing';

type PhaseParams = Stripe.SubscriptionScheduleUpdateParams.Phase;

const unsupportedPhase = [
  'add_invoice_items',
  'application_fee_percent',
  'billing_thresholds',
  'collection_method',
  'default_tax_rates',
  'invoice_settings',
  'on_behalf_of',
  'transfer_data',
  'trial',
  'trial_end',
];

interface PhaseTimes {
  readonly start: number;
  readonly end: number;
}

function blankPhase(sub: SubscriptionObject, times: PhaseTimes): Omit<SchedulePhase, 'items' | 'proration_behavior'> {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: null,
    currency: sub.currency,
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: sub.discounts.map((discount) => ({ coupon: null, discount, promotion_code: null })),
    end_date: times.end,
    invoice_settings: null,
    metadata: {},
    on_behalf_of: null,
    start_date: times.start,
    transfer_data: null,
    trial_end: null,
  };
}

const phaseItem = (price: string, quantity: number): SchedulePhase['items'][number] => ({
  billing_thresholds: null,
  discounts: [],
  metadata: {},
  plan: price,
  price,
  quantity,
  tax_rates: [],
});

/** The phase a subscription is in when a schedule takes it over. */
export function currentPhase(sub: SubscriptionObject): SchedulePhase {
  const start = sub.items.data[0]?.current_period_start ?? sub.start_date;
  return {
    ...blankPhase(sub, { start, end: periodEnd(sub) }),
    items: sub.items.data.map((item) => phaseItem(item.price.id, item.quantity)),
    proration_behavior: 'create_prorations',
  };
}

function phaseEnd(ctx: SandboxContext, input: PhaseParams, start: number, param: string): number {
  if (input.end_date !== undefined && input.duration !== undefined) {
    throw invalidRequest('You may only specify one of `end_date` and `duration`.', `${param}[end_date]`);
  }
  if (typeof input.end_date === 'number') {
    if (input.end_date <= start) throw invalidRequest('A phase must end after it starts.', `${param}[end_date]`);
    return input.end_date;
  }
  const { duration } = input;
  const unit = (['day', 'week', 'month', 'year'] as const).find((known) => known === duration?.interval);
  if (duration !== undefined && unit !== undefined) {
    const count = integer(duration.interval_count ?? 1, `${param}[duration][interval_count]`, 1, 1200);
    return boundary(start, { unit, count }, 1);
  }
  const price = ctx.store.require('price', required(input.items[0]?.price, `${param}[items][0][price]`));
  return boundary(start, intervalOf(price), 1);
}

function toPhase(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  input: PhaseParams,
  start: number,
  param: string,
): SchedulePhase {
  refuseUnsupported(input, unsupportedPhase);
  const items = input.items.map((item, index) => {
    const at = `${param}[items][${index}]`;
    refuseUnsupported(item, ['price_data', 'billing_thresholds', 'tax_rates', 'plan', 'discounts']);
    const price = usablePrice(ctx, required(item.price, `${at}[price]`), `${at}[price]`);
    if (price.currency !== sub.currency) {
      throw invalidRequest('The currency of a subscription cannot change.', `${at}[price]`);
    }
    return { price, quantity: integer(item.quantity ?? 1, `${at}[quantity]`, 0) };
  });
  if (items.length === 0) required(undefined, `${param}[items]`);
  assertConsistent(items);
  const known = (['always_invoice', 'none'] as const).find((behavior) => behavior === input.proration_behavior);
  return {
    ...blankPhase(sub, { start, end: phaseEnd(ctx, input, start, param) }),
    items: items.map(({ price, quantity }) => phaseItem(price.id, quantity)),
    metadata: mergeMetadata({}, input.metadata),
    proration_behavior: known ?? 'create_prorations',
  };
}

/** Phases follow each other without gaps; the running one keeps its start. */
export function toPhases(
  ctx: SandboxContext,
  schedule: ScheduleObject,
  sub: SubscriptionObject,
  inputs: readonly PhaseParams[],
): SchedulePhase[] {
  const phases: SchedulePhase[] = [];
  inputs.forEach((input, index) => {
    const param = `phases[${index}]`;
    const before = phases.at(-1);
    const start = before?.end_date ?? schedule.current_phase?.start_date ?? ctx.now();
    if (typeof input.start_date === 'number' && input.start_date !== start) {
      const why = index === 0 ? 'The current phase keeps its start date' : 'Phases must follow each other without gaps';
      throw invalidRequest(`${why}: expected ${start}.`, `${param}[start_date]`);
    }
    phases.push(toPhase(ctx, sub, input, start, param));
  });
  const last = phases.at(-1);
  if (last === undefined) required(undefined, 'phases');
  if ((phases[0]?.end_date ?? 0) <= ctx.now()) {
    throw invalidRequest('The current phase must end in the future.', 'phases[0][end_date]');
  }
  return phases;
}
