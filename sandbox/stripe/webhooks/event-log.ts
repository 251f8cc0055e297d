import type Stripe from 'stripe';
import type { SeededRandom } from '../../control/random';
import type { EventOrigin, EventSink, SandboxClock } from '../contract';
import { stripeSchema } from '../schema/derived-schema';

/** The request that causes events while its handler runs. */
export interface RequestContext {
  readonly id: string;
  readonly idempotencyKey: string | null;
}

export interface EventQuery {
  readonly type?: string;
  readonly types?: readonly string[];
  readonly created?:
    number | { readonly gt?: number; readonly gte?: number; readonly lt?: number; readonly lte?: number };
  readonly delivery_success?: boolean;
}

const RETENTION_SECONDS = 30 * 24 * 3600;

/** Every event since the start or the last reset, with the payload as it was when it happened. */
export class EventLog implements EventSink {
  private readonly events: Stripe.EventBase[] = [];
  private readonly byId = new Map<string, Stripe.EventBase>();
  private context: RequestContext | null = null;

  /**
   * @param onEvent called synchronously with each new event.
   */
  constructor(
    private readonly clock: SandboxClock,
    private readonly random: SeededRandom,
    private readonly onEvent: (event: Stripe.EventBase) => void,
  ) {}

  /** Runs `work` so that the events it emits name the request that caused them. */
  during<T>(context: RequestContext, work: () => T): T {
    this.context = context;
    try {
      return work();
    } finally {
      this.context = null;
    }
  }

  emit(type: Stripe.Event.Type, object: object, previousAttributes?: object, origin?: EventOrigin): void {
    const expected = stripeSchema.events[type];
    if (expected !== undefined && 'object' in object && object.object !== expected) {
      throw new Error(`${type} carries "${expected}", not "${String(object.object)}"`);
    }
    const cause = origin?.scheduled ? null : this.context;
    const event: Stripe.EventBase = {
      id: `evt_1${this.random.token(23)}`,
      object: 'event',
      api_version: stripeSchema.apiVersion,
      created: origin?.created ?? this.clock.now(),
      data: {
        object: snapshot(object),
        ...(previousAttributes ? { previous_attributes: snapshot(previousAttributes) } : {}),
      },
      livemode: false,
      pending_webhooks: 0,
      request: { id: cause?.id ?? null, idempotency_key: cause?.idempotencyKey ?? null },
      type,
    };
    this.events.push(event);
    this.byId.set(event.id, event);
    this.onEvent(event);
  }

  /** Takes over the events of an earlier run, oldest first, into an empty log. */
  restore(events: readonly Stripe.EventBase[]): void {
    for (const event of events) {
      this.events.push(event);
      this.byId.set(event.id, event);
    }
  }

  get(id: string): Stripe.EventBase | undefined {
    return this.byId.get(id);
  }

  /** All events, oldest first. */
  all(): readonly Stripe.EventBase[] {
    return this.events;
  }

  /** What `GET /v1/events` shows: the last 30 days, newest first. */
  query(query: EventQuery): Stripe.EventBase[] {
    const oldest = this.clock.now() - RETENTION_SECONDS;
    const types = query.types ?? (query.type === undefined ? undefined : [query.type]);
    return this.events
      .filter(
        (event) =>
          event.created >= oldest &&
          (types?.some((type) => matchesType(type, event.type)) ?? true) &&
          within(event.created, query.created) &&
          (query.delivery_success === undefined || query.delivery_success === (event.pending_webhooks === 0)),
      )
      .reverse();
  }
}

/** Stripe's type filters: `invoice.paid`, `invoice.*`, `*`. */
export function matchesType(pattern: string, type: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;
}

function within(created: number, range: EventQuery['created']): boolean {
  if (range === undefined) return true;
  if (typeof range === 'number') return created === range;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range;
  return created > gt && created >= gte && created < lt && created <= lte;
}

function snapshot(object: object): object {
  return JSON.parse(JSON.stringify(object)) as object;
}
