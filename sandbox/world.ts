import { Chaos } from './control/chaos';
import { SeededRandom } from './control/random';
import type { MovableClock } from './clock';
import type { SandboxRoute } from './stripe/contract';
import { createStripeEngine, type StripeEngine } from './stripe/engine';
import type { ExpandSource } from './stripe/http/expand';
import { IdempotencyKeys } from './stripe/http/idempotency';
import { stripeSchema } from './stripe/schema/derived-schema';
import { Deliverer, type DelivererOptions } from './stripe/webhooks/deliverer';
import { Endpoints, type EndpointInput } from './stripe/webhooks/endpoints';
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
  private readonly routes: ReadonlyMap<string, SandboxRoute>;

  constructor(readonly options: WorldOptions) {
    const { clock, seed, publicUrl } = options;
    const random = new SeededRandom(seed);
    this.clock = clock;
    this.chaos = new Chaos(new SeededRandom(seed + 1));
    this.endpoints = new Endpoints(clock, random);
    for (const endpoint of options.endpoints) this.endpoints.add(endpoint);
    this.events = new EventLog(clock, random, (event) => {
      this.deliverer.accept(event);
    });
    this.deliverer = new Deliverer(this.endpoints, this.chaos, random, (id) => this.events.get(id), options.delivery);
    this.idempotency = new IdempotencyKeys(clock);
    this.engine = createStripeEngine({ clock, events: this.events, publicUrl, seed });
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

  close(): void {
    this.deliverer.close();
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
