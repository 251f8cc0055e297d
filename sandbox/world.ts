import type Stripe from 'stripe';
import { AppleWorld } from './apple';
import type { AppIdentity, AppleState } from './apple/state';
import { Chaos, type ChaosState } from './control/chaos';
import { SeededRandom } from './control/random';
import type { ClockState, MovableClock } from './clock';
import { GoogleWorld } from './google';
import type { GoogleIdentity, GoogleState } from './google/state';
import type { SandboxRoute } from './stripe/contract';
import { createStripeEngine, type EngineState, type StripeEngine } from './stripe/engine';
import type { ExpandSource } from './stripe/http/expand';
import { IdempotencyKeys, type IdempotencyState } from './stripe/http/idempotency';
import { stripeSchema } from './stripe/schema/derived-schema';
import { Endpoints, type EndpointInput, type EndpointsState } from './stripe/webhooks/endpoints';
import { EventLog } from './stripe/webhooks/event-log';
import { StripeOutgoing } from './stripe/webhooks/outgoing';
import { webhookRoutes } from './stripe/webhooks/routes';
import { WiseWorld } from './wise';
import type { WiseIdentity, WiseState } from './wise/state';
import { Deliverer, type Delivery, type DelivererOptions, type FlushResult } from './webhooks/deliverer';

export interface WorldOptions {
  readonly clock: MovableClock;
  /** Seed of all ids and of chaos; two worlds with one seed give the same ids. */
  readonly seed: number;
  /** Where a browser reaches the pages, e.g. `http://localhost:12111`. */
  readonly publicUrl: string;
  readonly endpoints: readonly EndpointInput[];
  readonly delivery: DelivererOptions;
  /** The app and its keys, where they outlive the world before. */
  readonly app?: AppIdentity;
  readonly play?: GoogleIdentity;
  readonly payer?: WiseIdentity;
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
  /** Missing in the file of an earlier release. */
  readonly apple?: AppleState;
  readonly google?: GoogleState;
  readonly wise?: WiseState;
}

/** Everything a sandbox knows between its start and a reset. */
export class World {
  readonly clock: MovableClock;
  readonly chaos: Chaos;
  readonly endpoints: Endpoints;
  readonly events: EventLog;
  readonly deliverer: Deliverer<Stripe.EventBase>;
  readonly idempotency: IdempotencyKeys;
  readonly engine: StripeEngine;
  readonly apple: AppleWorld;
  readonly google: GoogleWorld;
  readonly wise: WiseWorld;
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
    const outgoing = new StripeOutgoing(this.endpoints, () => this.events);
    this.deliverer = new Deliverer(outgoing, this.chaos, this.random, delivery, onChange);
    this.idempotency = new IdempotencyKeys(clock);
    this.engine = createStripeEngine({
      clock,
      events: this.events,
      publicUrl,
      seed,
      ...(state ? { state: state.engine } : {}),
    });
    const common = { clock, seed, chaos: this.chaos, delivery, onChange };
    this.apple = new AppleWorld({ ...common, app: options.app }, state?.apple);
    this.google = new GoogleWorld({ ...common, app: options.play }, state?.google);
    this.wise = new WiseWorld({ ...common, account: options.payer }, state?.wise);
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
    this.apple.advance();
    this.google.advance();
    this.wise.advance();
  }

  /** Moves the clock and does the work that became due, in order of time. @throws RangeError for the past. */
  moveClock(to: number): void {
    this.runDueWork();
    this.clock.moveTo(to);
    this.runDueWork();
  }

  /** The second the next work is due at any provider, or null. */
  nextDue(): number | null {
    const all = [this.engine, this.apple, this.google, this.wise];
    const due = all.map((one) => one.nextDue()).filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Waits until all that every provider sends has arrived, failed for good or was dropped. */
  async flush(options: { hurry: boolean; timeoutMs: number }): Promise<FlushResult> {
    const results = await Promise.all(this.deliverers().map((deliverer) => deliverer.flush(options)));
    const sum = (count: keyof FlushResult): number => results.reduce((total, result) => total + result[count], 0);
    return { pending: sum('pending'), delivered: sum('delivered'), failed: sum('failed'), dropped: sum('dropped') };
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
      apple: this.apple.save(),
      google: this.google.save(),
      wise: this.wise.save(),
    };
  }

  close(): void {
    for (const deliverer of this.deliverers()) deliverer.close();
  }

  private deliverers(): { flush: Deliverer<never>['flush']; close: () => void }[] {
    return [this.deliverer, this.apple.deliverer, this.google.deliverer, this.wise.deliverer];
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
