import type { SeededRandom } from './random';

/** Which requests or events a rule takes, and how often. */
interface RuleBase {
  /** Share of the matching cases, 0 to 1; default 1. */
  readonly rate?: number;
  /** How many cases it takes before it is used up; default without end. */
  readonly times?: number;
}

/**
 * A fault of the API.
 * - `error_429`: refused before execution, with `Retry-After`; not stored under the idempotency key.
 * - `error_500`: fails before execution; stored under the idempotency key, as Stripe stores its 500s.
 * - `error_500_after`: executed, and then answered (and stored) as 500.
 * - `lose_answer`: executed and stored, but the connection is cut before the answer.
 * - `latency`: waits before execution, the idempotency key being held meanwhile.
 * - `late_answer`: executed, and answered only after `latencyMs`: webhooks of it may be there before.
 */
export interface ApiRule extends RuleBase {
  readonly fault: 'error_429' | 'error_500' | 'error_500_after' | 'lose_answer' | 'latency' | 'late_answer';
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Beginning of the request's path, e.g. `/v1/subscriptions`. */
  readonly pathPrefix?: string;
  readonly latencyMs?: number;
  readonly retryAfterSeconds?: number;
}

/**
 * A fault of webhook delivery; one event may meet several rules.
 * - `duplicate`: delivered `copies` more times.
 * - `reorder`: held back, and released shuffled with the others held back.
 * - `delay`: the first attempt waits `delayMs`.
 * - `drop`: never delivered; only `GET /v1/events` knows of it.
 * - `old_api_version`: rendered as an endpoint of an API version of 2020 would get it.
 */
export interface WebhookRule extends RuleBase {
  readonly fault: 'duplicate' | 'reorder' | 'delay' | 'drop' | 'old_api_version';
  /** Event types; default all. */
  readonly types?: readonly string[];
  readonly copies?: number;
  readonly delayMs?: number;
}

export interface ChaosPlan {
  /** Every API connection is cut without an answer. */
  readonly down: boolean;
  readonly api: readonly ApiRule[];
  readonly webhooks: readonly WebhookRule[];
}

export interface ApiFaults {
  readonly latencyMs: number;
  readonly answerMs: number;
  readonly fault: Exclude<ApiRule['fault'], 'latency' | 'late_answer'> | null;
  readonly retryAfterSeconds: number;
}

export interface DeliveryFaults {
  readonly drop: boolean;
  readonly reorder: boolean;
  readonly oldApiVersion: boolean;
  readonly copies: number;
  readonly delayMs: number;
}

/** A plan on its way, as it is kept between two runs. */
export interface ChaosState {
  readonly plan: ChaosPlan;
  /** How often each rule has struck, those of the API first. */
  readonly uses: readonly number[];
  readonly random: number;
}

const CALM: ChaosPlan = { down: false, api: [], webhooks: [] };

/** Faults on demand: a plan of rules and the seeded dice that decide where a rule has a rate below 1. */
export class Chaos {
  private current: ChaosPlan = CALM;
  private uses = new Map<RuleBase, number>();

  constructor(private readonly random: SeededRandom) {}

  get plan(): ChaosPlan {
    return this.current;
  }

  /** Replaces the plan; what is left out is calm. */
  set(plan: Partial<ChaosPlan>): void {
    this.current = { ...CALM, ...plan };
    this.uses = new Map();
  }

  save(): ChaosState {
    const { api, webhooks } = this.current;
    const uses = [...api, ...webhooks].map((rule) => this.uses.get(rule) ?? 0);
    return { plan: this.current, uses, random: this.random.save() };
  }

  /** Goes on with a plan; the dice come with the constructor. */
  restore({ plan, uses }: ChaosState): void {
    this.current = plan;
    this.uses = new Map([...plan.api, ...plan.webhooks].map((rule, index) => [rule, uses[index] ?? 0]));
  }

  forRequest(method: string, path: string): ApiFaults {
    let [latencyMs, answerMs] = [0, 0];
    let hit: { fault: ApiFaults['fault']; retryAfterSeconds?: number } | undefined;
    for (const rule of this.current.api) {
      const { fault, retryAfterSeconds } = rule;
      const matches = (rule.method ?? method) === method && path.startsWith(rule.pathPrefix ?? '/');
      // One request meets one fault; a rule that comes too late keeps its turn for the next.
      const isWait = fault === 'latency' || fault === 'late_answer';
      if (!matches || (!isWait && hit) || !this.strikes(rule)) continue;
      if (fault === 'latency') latencyMs += rule.latencyMs ?? 1000;
      else if (fault === 'late_answer') answerMs += rule.latencyMs ?? 1000;
      else hit = { fault, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
    }
    return { latencyMs, answerMs, fault: hit?.fault ?? null, retryAfterSeconds: hit?.retryAfterSeconds ?? 1 };
  }

  forEvent(type: string): DeliveryFaults {
    const hits = this.current.webhooks.filter((rule) => (rule.types?.includes(type) ?? true) && this.strikes(rule));
    const has = (fault: WebhookRule['fault']): boolean => hits.some((rule) => rule.fault === fault);
    const sum = (fault: WebhookRule['fault'], value: (rule: WebhookRule) => number): number =>
      hits.reduce((total, rule) => total + (rule.fault === fault ? value(rule) : 0), 0);
    return {
      drop: has('drop'),
      reorder: has('reorder'),
      oldApiVersion: has('old_api_version'),
      copies: sum('duplicate', (rule) => rule.copies ?? 1),
      delayMs: sum('delay', (rule) => rule.delayMs ?? 1000),
    };
  }

  private strikes(rule: RuleBase): boolean {
    const used = this.uses.get(rule) ?? 0;
    if (used >= (rule.times ?? Infinity) || !this.random.chance(rule.rate ?? 1)) return false;
    this.uses.set(rule, used + 1);
    return true;
  }
}
