import type { Chaos } from '../control/chaos';
import type { SeededRandom } from '../control/random';

/** What a provider sends. */
export interface Sendable {
  readonly id: string;
  readonly type: string;
}

/** Where it goes. */
export interface Receiver {
  readonly id: string;
  readonly url: string;
}

/** One provider's side of its deliveries: who listens, and what goes over the wire. */
export interface Outgoing<E extends Sendable> {
  listening(type: string): readonly Receiver[];
  receiver(id: string): Receiver | undefined;
  find(eventId: string): E | undefined;
  /** Whether this endpoint gets it in a shape of long ago. */
  isOld(receiver: Receiver, asked: boolean): boolean;
  /** Called for each endpoint that an event goes to. */
  opened?(event: E): void;
  /** Called once for each endpoint that has answered 2xx. */
  arrived?(event: E): void;
  /** @param at wall time in milliseconds. */
  message(
    event: E,
    delivery: Delivery,
    at: number,
  ): { readonly headers: Record<string, string>; readonly body: string };
}

export interface Attempt {
  /** Wall time in milliseconds. */
  readonly at: number;
  /** HTTP status, or null when there was no answer. */
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
}

/**
 * One event on its way to one endpoint. `waiting`: for a delay, its turn or a retry. `failed`: all retries used up.
 * `dropped`: lost on purpose.
 */
export interface Delivery {
  readonly id: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly endpointId: string;
  readonly url: string;
  readonly oldApiVersion: boolean;
  state: 'waiting' | 'sending' | 'delivered' | 'failed' | 'dropped';
  readonly attempts: Attempt[];
}

export interface DelivererOptions {
  /** Real milliseconds between one failed attempt and the next; one more attempt than there are entries. */
  readonly retryDelaysMs: readonly number[];
  /** How long an endpoint may take to answer. */
  readonly timeoutMs: number;
  /** Deliveries under way at once; with 1 they arrive in order. */
  readonly concurrency: number;
}

export interface FlushResult {
  readonly pending: number;
  readonly delivered: number;
  readonly failed: number;
  readonly dropped: number;
}

const REORDER_WINDOW = 5;
const REORDER_WAIT_MS = 300;

/** Sends a provider's events to endpoints: signed, at least once, with retries, and with the faults that chaos asks for. */
export class Deliverer<E extends Sendable> {
  private readonly log: Delivery[] = [];
  private readonly queue: Delivery[] = [];
  private readonly timers = new Map<Delivery, { readonly timer: NodeJS.Timeout; readonly retry: boolean }>();
  /** Event and endpoint, once a delivery between them has succeeded. */
  private readonly arrived = new Set<string>();
  /** Attempts of an earlier run, which do not count towards the retries of this one. */
  private readonly earlier = new Map<Delivery, number>();
  private held: Delivery[] = [];
  private heldTimer: NodeJS.Timeout | undefined;
  private inFlight = 0;
  private waiters: (() => void)[] = [];
  private readonly stop = new AbortController();

  constructor(
    private readonly outgoing: Outgoing<E>,
    private readonly chaos: Chaos,
    private readonly random: SeededRandom,
    private readonly options: DelivererOptions,
    /** Called after every attempt. */
    private readonly onAttempt: () => void,
  ) {}

  /**
   * Takes over the deliveries of an earlier run, oldest first. What was still on its way goes out at once, with all
   * retries before it: the receiver may be starting as well.
   */
  restore(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      this.log.push(delivery);
      if (delivery.state === 'delivered') this.arrived.add(pairOf(delivery));
      if (delivery.state !== 'waiting' && delivery.state !== 'sending') continue;
      // Whether an attempt that was cut short has arrived, nobody knows: at least once.
      delivery.state = 'waiting';
      this.earlier.set(delivery, delivery.attempts.length);
      this.enqueue(delivery);
    }
  }

  /** Starts the deliveries of a new event. */
  accept(event: E): void {
    for (const endpoint of this.outgoing.listening(event.type)) {
      this.outgoing.opened?.(event);
      const faults = this.chaos.forEvent(event.type);
      const delivery = this.open(event, endpoint, faults.oldApiVersion);
      if (faults.drop) {
        delivery.state = 'dropped';
        continue;
      }
      const all = [delivery, ...Array.from({ length: faults.copies }, () => this.copyOf(delivery))];
      for (const one of all) {
        if (faults.delayMs > 0) this.later(one, faults.delayMs, false);
        else if (faults.reorder) this.hold(one);
        else this.enqueue(one);
      }
    }
  }

  /** Sends an event again, without chaos, to every endpoint that listens. @returns the new deliveries. */
  redeliver(event: E, times: number): Delivery[] {
    const endpoints = this.outgoing.listening(event.type);
    const deliveries = endpoints.flatMap((endpoint) =>
      Array.from({ length: times }, () => this.open(event, endpoint, false)),
    );
    for (const delivery of deliveries) this.enqueue(delivery);
    return deliveries;
  }

  /** All deliveries, oldest first. */
  all(): readonly Delivery[] {
    return this.log;
  }

  /**
   * Waits until every delivery has been answered with 2xx, has used up its retries or is dropped.
   * @param hurry sends what chaos delays at once; retries keep their backoff.
   * @param timeoutMs after which it resolves with what is still pending.
   */
  async flush({ hurry, timeoutMs }: { hurry: boolean; timeoutMs: number }): Promise<FlushResult> {
    this.releaseHeld();
    if (hurry) {
      const delayed = [...this.timers].filter(([, { retry }]) => !retry);
      for (const [delivery] of delayed) this.now(delivery);
    }
    if (!this.idle()) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => this.waiters.push(resolve)),
        new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs))),
      ]);
      clearTimeout(timer);
    }
    const count = (...states: Delivery['state'][]): number => this.log.filter((d) => states.includes(d.state)).length;
    return {
      pending: count('waiting', 'sending'),
      delivered: count('delivered'),
      failed: count('failed'),
      dropped: count('dropped'),
    };
  }

  /** Ends everything under way; what is pending stays pending in the log. */
  close(): void {
    this.stop.abort();
    for (const { timer } of this.timers.values()) clearTimeout(timer);
    clearTimeout(this.heldTimer);
    this.timers.clear();
    this.queue.length = 0;
    this.held = [];
    this.settle();
  }

  private open(event: E, endpoint: Receiver, oldApiVersion: boolean): Delivery {
    const delivery: Delivery = {
      id: `del_1${this.random.token(15)}`,
      eventId: event.id,
      eventType: event.type,
      endpointId: endpoint.id,
      url: endpoint.url,
      oldApiVersion: this.outgoing.isOld(endpoint, oldApiVersion),
      state: 'waiting',
      attempts: [],
    };
    this.log.push(delivery);
    return delivery;
  }

  private copyOf(delivery: Delivery): Delivery {
    const copy: Delivery = { ...delivery, id: `del_1${this.random.token(15)}`, attempts: [] };
    this.log.push(copy);
    return copy;
  }

  private hold(delivery: Delivery): void {
    this.held.push(delivery);
    if (this.held.length >= REORDER_WINDOW) this.releaseHeld();
    else
      this.heldTimer ??= setTimeout(() => {
        this.releaseHeld();
      }, REORDER_WAIT_MS);
  }

  private releaseHeld(): void {
    clearTimeout(this.heldTimer);
    this.heldTimer = undefined;
    const released = this.random.shuffle(this.held);
    // A shuffle may leave everything in its place, which is no reordering.
    const unchanged = released.length > 1 && released.every((delivery, index) => delivery === this.held[index]);
    this.held = [];
    for (const delivery of unchanged ? released.reverse() : released) this.enqueue(delivery);
  }

  private later(delivery: Delivery, ms: number, retry: boolean): void {
    const timer = setTimeout(() => {
      this.now(delivery);
    }, ms);
    this.timers.set(delivery, { timer, retry });
  }

  private now(delivery: Delivery): void {
    clearTimeout(this.timers.get(delivery)?.timer);
    this.timers.delete(delivery);
    this.enqueue(delivery);
  }

  private enqueue(delivery: Delivery): void {
    this.queue.push(delivery);
    // In a later turn, so that a handler that emits several events has finished before the first leaves.
    setImmediate(() => {
      this.pump();
    });
  }

  private pump(): void {
    while (this.inFlight < this.options.concurrency) {
      const delivery = this.queue.shift();
      if (!delivery) return;
      this.inFlight += 1;
      delivery.state = 'sending';
      void this.attempt(delivery).then((attempt) => {
        this.inFlight -= 1;
        this.conclude(delivery, attempt);
        this.pump();
        this.settle();
      });
    }
  }

  private conclude(delivery: Delivery, attempt: Attempt): void {
    // The receiver did nothing wrong.
    if (attempt.status === null && this.stop.signal.aborted) {
      delivery.state = 'waiting';
      return;
    }
    delivery.attempts.push(attempt);
    this.onAttempt();
    if (attempt.status !== null && attempt.status >= 200 && attempt.status < 300) {
      const first = !this.arrived.has(pairOf(delivery));
      this.arrived.add(pairOf(delivery));
      delivery.state = 'delivered';
      const event = this.outgoing.find(delivery.eventId);
      if (event && first) this.outgoing.arrived?.(event);
      return;
    }
    const tried = delivery.attempts.length - (this.earlier.get(delivery) ?? 0);
    const delay = this.options.retryDelaysMs[tried - 1];
    delivery.state = delay === undefined ? 'failed' : 'waiting';
    if (delay !== undefined && !this.stop.signal.aborted) this.later(delivery, delay, true);
  }

  private async attempt(delivery: Delivery): Promise<Attempt> {
    const at = Date.now();
    const done = (status: number | null, error: string | null): Attempt => ({
      at,
      status,
      error,
      durationMs: Date.now() - at,
    });
    const endpoint = this.outgoing.receiver(delivery.endpointId);
    const event = this.outgoing.find(delivery.eventId);
    if (!endpoint || !event) return done(null, 'the endpoint or the event is gone');
    try {
      const response = await fetch(endpoint.url, {
        method: 'POST',
        ...this.outgoing.message(event, delivery, at),
        redirect: 'manual',
        signal: AbortSignal.any([this.stop.signal, AbortSignal.timeout(this.options.timeoutMs)]),
      });
      await response.arrayBuffer();
      return done(response.status, null);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return done(null, cause instanceof Error ? cause.message || cause.name : String(cause));
    }
  }

  private idle(): boolean {
    return this.inFlight === 0 && this.queue.length === 0 && this.held.length === 0 && this.timers.size === 0;
  }

  private settle(): void {
    if (!this.idle() && !this.stop.signal.aborted) return;
    const waiters = this.waiters;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }
}

function pairOf({ eventId, endpointId }: Delivery): string {
  return `${eventId} ${endpointId}`;
}
