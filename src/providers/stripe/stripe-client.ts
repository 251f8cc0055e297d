import { Injectable, Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { unavailable, type AppError } from '../../shared/app-error';
import { AppConfig } from '../../platform/config';
import { isShortWait, ProviderCalls } from '../provider-calls';
import { retryAfterSeconds, toAppError } from './stripe-errors';
import { STRIPE_API_VERSION } from './stripe-version';

const GLANCE_TIMEOUT_MS = 2_000;

/** The SDK with our own time-outs, retries (429 and Retry-After included, which the SDK ignores) and circuit breaker. */
@Injectable()
export class StripeClient {
  private readonly logger = new Logger(StripeClient.name);
  private readonly sdk: Stripe | null;
  private readonly glanceMs: number;
  private readonly calls = new ProviderCalls({
    ...{ name: 'Stripe', isOutage, isWorthRetrying },
    askedSeconds: (error) => (error instanceof Stripe.errors.StripeError ? (retryAfterSeconds(error) ?? 0) : 0),
  });
  /** True when our key is a live one. Null where Stripe is off. */
  readonly livemode: boolean | null;

  constructor(config: AppConfig) {
    this.sdk = config.stripe ? createSdk(config.stripe, config.providerTimeoutMs) : null;
    this.glanceMs = Math.min(GLANCE_TIMEOUT_MS, config.providerTimeoutMs);
    this.livemode = config.stripe ? /^(sk|rk)_live_/.test(config.stripe.secretKey) : null;
  }

  /**
   * Runs one request. A request that creates or charges must pass an idempotency key of its own: it is repeated here.
   * @throws AppError: PROVIDER_NOT_CONFIGURED, PROVIDER_BUSY, PROVIDER_ERROR, PROVIDER_REFUSED, PAYMENT_FAILED, ...
   */
  async call<T>(request: (sdk: Stripe) => Promise<T>): Promise<T> {
    const sdk = this.configured();
    return await this.calls.run(
      () => request(sdk),
      (error) => this.translate(error),
    );
  }

  /**
   * One short try for what is good to know but not needed: what comes after it must find Stripe no worse. So it is not
   * repeated, and its failure does not count towards the circuit. @throws as `call`.
   */
  async glance<T>(request: (sdk: Stripe, options: Stripe.RequestOptions) => Promise<T>): Promise<T> {
    const sdk = this.configured();
    if (!this.calls.isClosed) throw this.calls.busy();
    try {
      return await request(sdk, { timeout: this.glanceMs });
    } catch (error) {
      throw this.translate(error);
    }
  }

  private configured(): Stripe {
    if (this.sdk) return this.sdk;
    throw unavailable('PROVIDER_NOT_CONFIGURED', 'Stripe is not configured on this installation');
  }

  private translate(error: unknown): AppError {
    const translated = toAppError(error);
    this.logger.warn(`Stripe call failed: ${translated.code} (${translated.message})`);
    return translated;
  }
}

function createSdk(config: { secretKey: string; apiBase: string }, timeout: number): Stripe {
  const base = new URL(config.apiBase);
  const protocol = base.protocol === 'http:' ? 'http' : 'https';
  return new Stripe(config.secretKey, {
    apiVersion: STRIPE_API_VERSION,
    host: base.hostname,
    port: base.port || (protocol === 'http' ? 80 : 443),
    protocol,
    timeout,
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
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  if (error instanceof Stripe.errors.StripeRateLimitError) {
    return isShortWait(retryAfterSeconds(error) ?? 0);
  }
  // Stripe replays a stored 5xx under the same key: asking again would only hear it again.
  if ((error.statusCode ?? 0) >= 500) return error.headers?.['idempotent-replayed'] !== 'true';
  return error instanceof Stripe.errors.StripeConnectionError || error.statusCode === 409;
}
