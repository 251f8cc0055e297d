import type Stripe from 'stripe';
import { Chaos, type ChaosState } from './control/chaos';
import { SeededRandom } from './control/random';
import type { ClockState, MovableClock } from './clock';
import type { SandboxRoute } from './stripe/contract';
import { createStripeEngine, type EngineState, type StripeEngine } from './stripe/engine';
import type { ExpandSource } from './stripe/http/expand';
import { IdempotencyKeys, type IdempotencyState } from './stripe/http/idempotency';
import { stripeSchema } from './stripe/schema/derived-schema';
import { Deliverer, type Delivery, type DelivererOptions } from './stripe/webhooks/deliverer';
import { Endpoints, type EndpointInput, type EndpointsState } from './stripe/webhooks/endpoints';
import { EventLog } from './stripe/webhooks/event-log';
import { webhookRoutes } from './stripe/webhooks/routes';

export interface WorldOptions {
  readonly clock: MovableClock;
  /** Seed of all ids and of chaos; two worlds with one seed give the same ids. */
  readonly seed: number;
  /** Where a browser reaches the pages, e.g. `http://localhost:12111`. */
  readonly publicUrl: string;
  readonly endpoints: readonly EndpointInput[];
  readonly delivery: DelivererOptions;
  /** Called after each event and each attempt to deliver one. */
  readonly onChange: () => void;
}

/** A world as it is kept between two runs: plain data that JSON leaves as it is. */
export interface WorldState {
  readonly seed: number;
  readonly clock: ClockState;
  readonly random: number;
  readonly chaos: ChaosState;
  readonly endpoints: EndpointsState;
  readonly events: readonly Stripe.EventBase[];
  readonly deliveries: readonly Delivery[];
  readonly idempotency: IdempotencyState;
  readonly engine: EngineState;
}

/** Everything a sandbox knows between its start and a reset. */
export class World {
  readonly clock: MovableClock;
  readonly chaos: Chaos;
  readonly endpoints: Endpoints;
  readonly events: EventLog;
  readonly deliverer: Deliverer;
  readonly idempotency: IdempotencyKeys;
  readonly engine: StripeEngine;
  private readonly random: SeededRandom;
  private readonly routes: ReadonlyMap<string, SandboxRoute>;

  /** @param state what an earlier world's `save` gave; this one goes on from there, its clock and seed being that one's. */
  constructor(
    readonly options: WorldOptions,
    state?: WorldState,
  ) {
    const { clock, seed, publicUrl, delivery, onChange } = options;
    this.random = new SeededRandom(state?.random ?? seed);
    this.clock = clock;
    this.chaos = new Chaos(new SeededRandom(state?.chaos.random ?? seed + 1));
    this.endpoints = new Endpoints(clock, this.random);
    this.events = new EventLog(clock, this.random, (event) => {
      this.deliverer.accept(event);
      onChange();
    });
    const find = (id: string): Stripe.EventBase | undefined => this.events.get(id);
    this.deliverer = new Deliverer(this.endpoints, this.chaos, this.random, find, delivery, onChange);
    this.idempotency = new IdempotencyKeys(clock);
    this.engine = createStripeEngine({
      clock,
      events: this.events,
      publicUrl,
      seed,
      ...(state ? { state: state.engine } : {}),
    });
    if (state) this.restore(state);
    else this.endpoints.give(options.endpoints);
    this.routes = indexRoutes([...this.engine.routes, ...webhookRoutes(this.events, this.endpoints)]);
  }

  get objects(): ExpandSource {
    return this.engine.store;
  }

  route(method: string, path: string): SandboxRoute | undefined {
    return this.routes.get(`${method} ${path}`);
  }

  /** Renewals, trial ends, retries: whatever the clock has passed. */
  runDueWork(): void {
    this.engine.advance();
  }

  /** Moves the clock and does the work that became due, in order of time. @throws RangeError for the past. */
  moveClock(to: number): void {
    this.runDueWork();
    this.clock.moveTo(to);
    this.runDueWork();
  }

  /** Everything it knows, sharing its objects: to be written down at once. */
  save(): WorldState {
    return {
      seed: this.options.seed,
      clock: this.clock.save(),
      random: this.random.save(),
      chaos: this.chaos.save(),
      endpoints: this.endpoints.save(),
      events: this.events.all(),
      deliveries: this.deliverer.all(),
      idempotency: this.idempotency.save(),
      engine: this.engine.save(),
    };
  }

  close(): void {
    this.deliverer.close();
  }

  private restore(state: WorldState): void {
    this.chaos.restore(state.chaos);
    this.endpoints.restore(state.endpoints, this.options.endpoints);
    this.events.restore(state.events);
    this.idempotency.restore(state.idempotency);
    this.deliverer.restore(state.deliveries);
  }
}

/** @throws Error for a route that Stripe does not have, or has under another path. */
function indexRoutes(routes: readonly SandboxRoute[]): Map<string, SandboxRoute> {
  const known = new Set(stripeSchema.routes.map((route) => `${route.method} ${route.path}`));
  const index = new Map<string, SandboxRoute>();
  for (const route of routes) {
    const key = `${route.method} ${route.path}`;
    if (!known.has(key) || index.has(key))
      throw new Error(`${key} is not a route of the derived schema, or is there twice`);
    index.set(key, route);
  }
  return index;
}
