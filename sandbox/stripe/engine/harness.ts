/** A small Stripe for the specs beside: an engine, a clock one can set, the events, and calls by method and path. */
import type Stripe from 'stripe';
import type { EventOrigin, SandboxRoute } from '../contract';
import { createStripeEngine, type EngineState, type StripeEngine } from './index';
import type { CustomerObject, InvoiceObject, PaymentMethodObject, PriceObject, SubscriptionObject } from './wire';

export interface SeenEvent {
  readonly type: Stripe.Event.Type;
  readonly object: Record<string, unknown>;
  readonly previous: object | undefined;
  readonly created: number;
}

export const DAY = 86_400;
export const HOUR = 3_600;

/** Unix seconds of an ISO date. */
export function at(iso: string): number {
  return Date.parse(iso) / 1000;
}

export interface Harness {
  readonly engine: StripeEngine;
  readonly events: SeenEvent[];
  now(): number;
  /** Moves the clock without running anything. */
  set(moment: number): void;
  /** Moves the clock and runs what is due. */
  go(moment: number): void;
  call(method: SandboxRoute['method'], path: string, params?: object): object;
  /** Event types since the last call. */
  heard(): string[];
}

function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  if (wanted.length !== parts.length) return null;
  const ids: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const actual = parts[index] ?? '';
    if (part.startsWith('{')) ids[part.slice(1, -1)] = actual;
    else if (part !== actual) return null;
  }
  return ids;
}

/** @param state of an engine's `save`, from which this one goes on. */
export function harness(start = at('2027-01-31T10:00:00Z'), seed = 7, state?: EngineState): Harness {
  let now = start;
  let read = 0;
  const events: SeenEvent[] = [];
  const engine = createStripeEngine({
    clock: { now: () => now },
    events: {
      emit: (type, object, previous, origin?: EventOrigin) => {
        events.push({ type, object: { ...object }, previous, created: origin?.created ?? 0 });
      },
    },
    publicUrl: 'http://sandbox.test',
    seed,
    ...(state ? { state } : {}),
  });
  return {
    engine,
    events,
    now: () => now,
    set: (moment) => {
      now = moment;
    },
    go: (moment) => {
      now = moment;
      engine.advance();
    },
    call: (method, path, params = {}) => {
      const candidates = engine.routes
        .filter((route) => route.method === method)
        .map((route) => ({ route, ids: match(route.path, path) }))
        .filter((candidate) => candidate.ids !== null)
        .sort((a, b) => Object.keys(a.ids ?? {}).length - Object.keys(b.ids ?? {}).length);
      const found = candidates[0];
      if (found === undefined || found.ids === null) throw new Error(`no route ${method} ${path}`);
      return found.route.handle({ id: 'req_test', ids: found.ids, params: { ...params }, idempotencyKey: null });
    },
    heard: () => {
      const types = events.slice(read).map((event) => event.type);
      read = events.length;
      return types;
    },
  };
}

export interface Shop {
  readonly basic: PriceObject;
  readonly pro: PriceObject;
  readonly yearly: PriceObject;
  readonly free: PriceObject;
}

/** Basic at 9.99, Pro at 29.99, Pro for 299.90 a year, and a free plan. */
export function shop(h: Harness): Shop {
  const product = h.call('POST', '/v1/products', { name: 'Pro' }) as { id: string };
  const price = (lookup: string, amount: number, interval: string): PriceObject =>
    h.call('POST', '/v1/prices', {
      product: product.id,
      currency: 'usd',
      unit_amount: amount,
      recurring: { interval },
      lookup_key: lookup,
    }) as PriceObject;
  return {
    basic: price('basic', 999, 'month'),
    pro: price('pro', 2999, 'month'),
    yearly: price('pro_yearly', 29_990, 'year'),
    free: price('free', 0, 'month'),
  };
}

/** A customer, with a test card as default where one is named. */
export function customerWith(h: Harness, token?: string): { customer: CustomerObject; card: string } {
  const customer = h.call('POST', '/v1/customers', { email: 'ada@example.com' }) as CustomerObject;
  if (token === undefined) return { customer, card: '' };
  const card = h.call('POST', `/v1/payment_methods/${token}/attach`, { customer: customer.id }) as PaymentMethodObject;
  h.call('POST', `/v1/customers/${customer.id}`, { invoice_settings: { default_payment_method: card.id } });
  return { customer, card: card.id };
}

export function subscribe(h: Harness, customer: string, price: string, more: object = {}): SubscriptionObject {
  return h.call('POST', '/v1/subscriptions', { customer, items: [{ price }], ...more }) as SubscriptionObject;
}

export function subscriptionNow(h: Harness, id: string): SubscriptionObject {
  return h.call('GET', `/v1/subscriptions/${id}`) as SubscriptionObject;
}

export function invoiceNow(h: Harness, id: string | null): InvoiceObject {
  return h.call('GET', `/v1/invoices/${id ?? ''}`) as InvoiceObject;
}

export function customerNow(h: Harness, id: string): CustomerObject {
  return h.call('GET', `/v1/customers/${id}`) as CustomerObject;
}
