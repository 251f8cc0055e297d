import { Logger } from '@nestjs/common';
import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  retry,
  wrap,
  type CircuitBreakerPolicy,
  type IBackoff,
  type IBackoffFactory,
  type IPolicy,
  type IRetryBackoffContext,
} from 'cockatiel';
import { unavailable, type AppError } from '../shared/app-error';
import { jitter } from '../platform/queue';

const MAX_RETRIES = 2;
const MAX_WAIT_MS = 3_000;
const BREAK_AFTER_FAILURES = 5;
const HALF_OPEN_AFTER_MS = 5_000;

/** What is a provider's own about how its calls fail. */
export interface CallRules {
  /** As people call it. */
  readonly name: string;
  /** Whether it fails as a whole, and not this request: so many in a row open the circuit. */
  readonly isOutage: (error: Error) => boolean;
  readonly isWorthRetrying: (error: Error) => boolean;
  /** Seconds the provider asked us to wait; 0 where it did not. */
  readonly askedSeconds: (error: unknown) => number;
}

/** A longer wait is the caller's to make: he is answered 503 with Retry-After. */
export function isShortWait(seconds: number): boolean {
  return seconds * 1000 <= MAX_WAIT_MS;
}

/** How every provider is called: a few retries, and a circuit that opens while nothing comes back. */
export class ProviderCalls {
  private readonly logger = new Logger(ProviderCalls.name);
  private readonly policy: IPolicy;
  private readonly breaker: CircuitBreakerPolicy;

  constructor(private readonly rules: CallRules) {
    this.breaker = circuitBreaker(handleWhen(rules.isOutage), {
      halfOpenAfter: HALF_OPEN_AFTER_MS,
      breaker: new ConsecutiveBreaker(BREAK_AFTER_FAILURES),
    });
    this.breaker.onBreak(() => {
      this.logger.warn(`${rules.name} keeps failing; calls are refused at once until it answers again`);
    });
    const worth = (error: Error): boolean => !(error instanceof BrokenCircuitError) && rules.isWorthRetrying(error);
    this.policy = wrap(
      retry(handleWhen(worth), { maxAttempts: MAX_RETRIES, backoff: new Backoff(rules.askedSeconds) }),
      this.breaker,
    );
  }

  /** Whether calls are let through. */
  get isClosed(): boolean {
    return this.breaker.state === CircuitState.Closed;
  }

  /**
   * Runs one request, and repeats it where that may help.
   * @throws PROVIDER_BUSY while the circuit is open, else what `translate` makes of the failure.
   */
  async run<T>(request: () => Promise<T>, translate: (error: unknown) => AppError): Promise<T> {
    try {
      return await this.policy.execute(request);
    } catch (error) {
      throw error instanceof BrokenCircuitError ? this.busy(error) : translate(error);
    }
  }

  busy(cause?: unknown): AppError {
    const message = `${this.rules.name} is not answering; try again shortly`;
    return unavailable('PROVIDER_BUSY', message, HALF_OPEN_AFTER_MS / 1000, cause);
  }
}

/** What the provider asked for, else 200 ms doubled, with jitter. */
class Backoff implements IBackoffFactory<IRetryBackoffContext<unknown>> {
  constructor(private readonly askedSeconds: CallRules['askedSeconds']) {}

  next(context: IRetryBackoffContext<unknown>): IBackoff<IRetryBackoffContext<unknown>> {
    const asked = 'error' in context.result ? this.askedSeconds(context.result.error) : 0;
    const own = 100 * 2 ** context.attempt * (0.5 + jitter() / 2);
    return { duration: Math.max(own, asked * 1000), next: (following) => this.next(following) };
  }
}
