import type Stripe from 'stripe';
import type { SeededRandom } from '../../control/random';
import type { SandboxClock } from '../contract';
import { matchesType } from './event-log';

/** A webhook endpoint with its signing secrets, newest first. */
export interface Endpoint {
  readonly id: string;
  url: string;
  enabledEvents: readonly string[];
  readonly apiVersion: string | null;
  description: string | null;
  metadata: Stripe.Metadata;
  status: 'enabled' | 'disabled';
  readonly created: number;
  /** The newest never expires: null. */
  secrets: { readonly value: string; readonly expiresAtMs: number | null }[];
}

export interface EndpointInput {
  readonly url: string;
  readonly secret?: string;
  readonly enabledEvents?: readonly string[];
  readonly apiVersion?: string | null;
  readonly description?: string;
  readonly metadata?: Stripe.Metadata;
}

/** Endpoints as they are kept between two runs. */
export interface EndpointsState {
  readonly all: readonly Endpoint[];
  /** Ids of those given at the start. */
  readonly given: readonly string[];
}

export class Endpoints {
  private readonly byId = new Map<string, Endpoint>();
  private given: string[] = [];

  constructor(
    private readonly clock: SandboxClock,
    private readonly random: SeededRandom,
  ) {}

  add(input: EndpointInput): Endpoint {
    const endpoint: Endpoint = {
      id: `we_1${this.random.token(23)}`,
      url: input.url,
      enabledEvents: input.enabledEvents ?? ['*'],
      apiVersion: input.apiVersion ?? null,
      description: input.description ?? null,
      metadata: input.metadata ?? {},
      status: 'enabled',
      created: this.clock.now(),
      secrets: [{ value: input.secret ?? this.newSecret(), expiresAtMs: null }],
    };
    this.byId.set(endpoint.id, endpoint);
    return endpoint;
  }

  /** Adds the endpoints the sandbox is started with. */
  give(inputs: readonly EndpointInput[]): void {
    this.given = inputs.map((input) => this.add(input).id);
  }

  save(): EndpointsState {
    return { all: this.list(), given: this.given };
  }

  /**
   * Takes over the endpoints of an earlier run into an empty list. Those given at its start follow what is given now,
   * one by one: the receiver may have moved to another port, and what is pending for it is to arrive there.
   */
  restore({ all, given }: EndpointsState, inputs: readonly EndpointInput[]): void {
    for (const endpoint of all) this.byId.set(endpoint.id, endpoint);
    const kept = given.filter((id) => this.byId.has(id));
    for (const id of kept.slice(inputs.length)) this.remove(id);
    this.given = inputs.map((input, index) => {
      const endpoint = this.byId.get(kept[index] ?? '');
      if (!endpoint) return this.add(input).id;
      endpoint.url = input.url;
      const { secret } = input;
      if (secret !== undefined && secret !== endpoint.secrets[0]?.value) {
        endpoint.secrets = [{ value: secret, expiresAtMs: null }];
      }
      return endpoint.id;
    });
  }

  get(id: string): Endpoint | undefined {
    return this.byId.get(id);
  }

  list(): readonly Endpoint[] {
    return [...this.byId.values()];
  }

  remove(id: string): boolean {
    return this.byId.delete(id);
  }

  /** The endpoints that want events of this type. */
  listening(type: string): Endpoint[] {
    return this.list().filter((e) => e.status === 'enabled' && e.enabledEvents.some((p) => matchesType(p, type)));
  }

  /**
   * Gives the endpoint a new secret; the former signs along until it expires, as after Stripe's "roll secret".
   * @param overlapSeconds real seconds for which both sign.
   * @returns the new secret.
   */
  rotate(endpoint: Endpoint, overlapSeconds: number, secret = this.newSecret()): string {
    const expiresAtMs = Date.now() + overlapSeconds * 1000;
    const former = endpoint.secrets.map((s) => ({
      ...s,
      expiresAtMs: Math.min(s.expiresAtMs ?? expiresAtMs, expiresAtMs),
    }));
    endpoint.secrets = [{ value: secret, expiresAtMs: null }, ...former];
    return secret;
  }

  private newSecret(): string {
    return `whsec_${this.random.token(32)}`;
  }
}

/** The secrets that sign at this moment of real time. */
export function activeSecrets(endpoint: Endpoint, nowMs: number): string[] {
  return endpoint.secrets
    .filter((secret) => secret.expiresAtMs === null || secret.expiresAtMs > nowMs)
    .map((secret) => secret.value);
}
