import type { SandboxClock } from '../contract';
import { StripeSandboxError } from '../contract';

/** An answer as it was first given. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: object;
  readonly requestId: string;
}

export interface Entry {
  readonly fingerprint: string;
  readonly startedAt: number;
  answer?: StoredAnswer;
}

/** Answers as they are kept between two runs, oldest first. */
export type IdempotencyState = readonly (readonly [string, Entry & { readonly answer: StoredAnswer }])[];

const KEPT_SECONDS = 24 * 3600;
const MAX_KEY_LENGTH = 255;

/**
 * Stripe's idempotency keys: the first answer of a request that began to execute is the answer for 24 h (of the
 * sandbox's time), errors included. https://docs.stripe.com/api/idempotent_requests
 */
export class IdempotencyKeys {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly clock: SandboxClock) {}

  /**
   * @param fingerprint method, path and parameters of the request.
   * @returns the stored answer to replay, or undefined when the caller is now the one who executes; it then must
   * call `finish` or `abandon`.
   * @throws StripeSandboxError 400 for the same key with other parameters, 409 while the first request still runs.
   */
  begin(key: string, fingerprint: string): StoredAnswer | undefined {
    if (key.length > MAX_KEY_LENGTH) {
      throw new StripeSandboxError(400, {
        type: 'idempotency_error',
        message: `Idempotency keys can be at most ${MAX_KEY_LENGTH} characters long.`,
      });
    }
    const entry = this.entries.get(key);
    if (entry && entry.startedAt > this.clock.now() - KEPT_SECONDS) return reuse(key, entry, fingerprint);
    // Insertion order is age: what has expired stands in front.
    this.entries.delete(key);
    this.entries.set(key, { fingerprint, startedAt: this.clock.now() });
    this.dropExpired();
    return undefined;
  }

  finish(key: string, answer: StoredAnswer): void {
    const entry = this.entries.get(key);
    if (entry) entry.answer = answer;
  }

  /** Forgets a request that did not begin to execute. */
  abandon(key: string): void {
    this.entries.delete(key);
  }

  /** What has no answer yet has not been executed, and is forgotten. */
  save(): IdempotencyState {
    return [...this.entries].flatMap(([key, entry]) =>
      entry.answer === undefined ? [] : [[key, { ...entry, answer: entry.answer }] as const],
    );
  }

  /** Fills an empty table. */
  restore(state: IdempotencyState): void {
    for (const [key, entry] of state) this.entries.set(key, { ...entry });
  }

  private dropExpired(): void {
    for (const [key, entry] of this.entries) {
      if (entry.startedAt > this.clock.now() - KEPT_SECONDS) return;
      this.entries.delete(key);
    }
  }
}

function reuse(key: string, entry: Entry, fingerprint: string): StoredAnswer {
  if (entry.fingerprint !== fingerprint) {
    throw new StripeSandboxError(400, {
      type: 'idempotency_error',
      message:
        'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
        `Try using a key other than '${key}' if you meant to execute a different request.`,
    });
  }
  if (!entry.answer) {
    throw new StripeSandboxError(409, {
      type: 'idempotency_error',
      code: 'idempotency_key_in_use',
      message:
        'There is currently another in-progress request using this Idempotent Key (that probably means you submitted ' +
        `twice, and the other request is still going through): ${key}. Please try again later.`,
    });
  }
  return entry.answer;
}
