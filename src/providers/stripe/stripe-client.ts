import { Injectable, Logger } from '@nestjs/common';
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
import Stripe from 'stripe';
import { unavailable, type AppError } from '../../shared/app-error';
import { AppConfig } from '../../platform/config';
import { jitter } from '../../platform/queue';
import { retryAfterSeconds, toAppError } from './stripe-errors';
import { STRIPE_API_VERSION } from './stripe-version';

const REQUEST_TIMEOUT_MS = 8_000;
const GLANCE_TIMEOUT_MS = 2_000;
const MAX_RETRIES = 2;
/** A longer wait than this is the caller's to make: he is answered 503 with Retry-After. */
const MAX_WAIT_MS = 3_000;
const BREAK_AFTER_FAILURES = 5;
const HALF_OPEN_AFTER_MS = 5_000;

/** The SDK with our own time-outs, retries (429 and Retry-After included, which the SDK ignores) and circuit breaker. */
@Injectable()
export class StripeClient {
  private readonly logger = new Logger(StripeClient.name);
  private readonly sdk: Stripe | null;
  private readonly policy: IPolicy;
  private readonly breaker: CircuitBreakerPolicy;
  /** True when our key is a live one. Null where Stripe is off. */
  readonly livemode: boolean | null;

  constructor(config: AppConfig) {
    this.sdk = config.stripe ? createSdk(config.stripe) : null;
    this.livemode = config.stripe ? /^(sk|rk)_live_/.test(config.stripe.secretKey) : null;
    const breaker = circuitBreaker(handleWhen(isOutage), {
      halfOpenAfter: HALF_OPEN_AFTER_MS,
      breaker: new ConsecutiveBreaker(BREAK_AFTER_FAILURES),
    });
    breaker.onBreak(() => {
      this.logger.warn('Stripe keeps failing; calls are refused at once until it answers again');
    });
    this.breaker = breaker;
    this.policy = wrap(
      retry(handleWhen(isWorthRetrying), { maxAttempts: MAX_RETRIES, backoff: new Backoff() }),
      breaker,
    );
  }

  /**
   * Runs one request. A request that creates or charges must pass an idempotency key of its own: it is repeated here.
   * @throws AppError: PROVIDER_NOT_CONFIGURED, PROVIDER_BUSY, PROVIDER_ERROR, PROVIDER_REFUSED, PAYMENT_FAILED, ...
   */
  async call<T>(request: (sdk: Stripe) => Promise<T>): Promise<T> {
    const sdk = this.configured();
    try {
      return await this.policy.execute(() => request(sdk));
    } catch (error) {
      throw this.translate(error);
    }
  }

  /**
   * One short try for what is good to know but not needed: what comes after it must find Stripe no worse. So it is not
   * repeated, and its failure does not count towards the circuit. @throws as `call`.
   */
  async glance<T>(request: (sdk: Stripe, options: Stripe.RequestOptions) => Promise<T>): Promise<T> {
    const sdk = this.configured();
    if (this.breaker.state !== CircuitState.Closed) throw busy();
    try {
      return await request(sdk, { timeout: GLANCE_TIMEOUT_MS });
    } catch (error) {
      throw this.translate(error);
    }
  }

  private configured(): Stripe {
    if (this.sdk) return this.sdk;
    throw unavailable('PROVIDER_NOT_CONFIGURED', 'Stripe is not configured on this installation');
  }

  private translate(error: unknown): AppError {
    if (error instanceof BrokenCircuitError) return busy(error);
    const translated = toAppError(error);
    this.logger.warn(`Stripe call failed: ${translated.code} (${translated.message})`);
    return translated;
  }
}

function busy(cause?: unknown): AppError {
  return unavailable('PROVIDER_BUSY', 'Stripe is not answering; try again shortly', HALF_OPEN_AFTER_MS / 1000, cause);
}

function createSdk(config: { secretKey: string; apiBase: string }): Stripe {
  const base = new URL(config.apiBase);
  const protocol = base.protocol === 'http:' ? 'http' : 'https';
  return new Stripe(config.secretKey, {
    apiVersion: STRIPE_API_VERSION,
    host: base.hostname,
    port: base.port || (protocol === 'http' ? 80 : 443),
    protocol,
    timeout: REQUEST_TIMEOUT_MS,
    // Ours below knows 429 and Retry-After, and stops when the circuit is open.
    maxNetworkRetries: 0,
    telemetry: false,
  });
}

function isOutage(error: Error): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return true;
  return error instanceof Stripe.errors.StripeConnectionError || (error.statusCode ?? 0) >= 500;
}

function isWorthRetrying(error: Error): boolean {
  if (error instanceof BrokenCircuitError) return false;
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  if (error instanceof Stripe.errors.StripeRateLimitError) {
    return (retryAfterSeconds(error) ?? 0) * 1000 <= MAX_WAIT_MS;
  }
  // Stripe replays a stored 5xx under the same key: asking again would only hear it again.
  if ((error.statusCode ?? 0) >= 500) return error.headers?.['idempotent-replayed'] !== 'true';
  return error instanceof Stripe.errors.StripeConnectionError || error.statusCode === 409;
}

/** What the provider asked for, else 200 ms doubled, with jitter. */
class Backoff implements IBackoffFactory<IRetryBackoffContext<unknown>> {
  next(context: IRetryBackoffContext<unknown>): IBackoff<IRetryBackoffContext<unknown>> {
    const error = 'error' in context.result ? context.result.error : null;
    const asked = error instanceof Stripe.errors.StripeError ? retryAfterSeconds(error) : null;
    const own = 100 * 2 ** context.attempt * (0.5 + jitter() / 2);
    const duration = Math.max(own, (asked ?? 0) * 1000);
    return { duration, next: (following) => this.next(following) };
  }
}
