import { Injectable, Logger } from '@nestjs/common';
import type { androidpublisher_v3 as Api } from '@googleapis/androidpublisher';
import type { AppError } from '../../shared/app-error';
import { isAppError } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import { AppConfig } from '../../platform/config';
import { isShortWait, ProviderCalls } from '../provider-calls';
import { GoogleAccess } from './google-access';
import { googleNotConfigured, isOutage, isRateLimit, statusOf, toAppError, waitSeconds } from './google-errors';

export type GoogleSubscription = Api.Schema$SubscriptionPurchaseV2;
export type GoogleProduct = Api.Schema$ProductPurchaseV2;
export type GoogleOrder = Api.Schema$Order;
export type GoogleMoney = Api.Schema$Money;
export type GoogleVoided = Api.Schema$VoidedPurchase;

/** What Google answered, and when, by its own clock, to the second. */
export interface Answered<T> {
  value: T;
  at: Date;
}

interface Options {
  readonly headers: Record<string, string>;
  readonly timeout: number;
  readonly retry: false;
  readonly fetchImplementation: typeof fetch;
}
interface Response<T> {
  data: T;
  /** Plain, unlike those of a failure: the SDK turns them into what they were before there was fetch. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
}
type Request<T> = (api: Api.Androidpublisher, options: Options) => Promise<Response<T>>;

/**
 * Nobody has such a purchase, it has ended too long ago (60 days), or it is of another app. 400 is Google's word for text that
 * is none of its tokens.
 */
const GONE = [400, 404, 410];
const BOTH_KINDS = 1;
/** As many orders Google gives at once. */
const ORDERS = 1000;

/** The Google Play Developer API with our own time-outs, retries and circuit breaker. */
@Injectable()
export class GoogleClient {
  private readonly logger = new Logger(GoogleClient.name);
  private readonly packageName: string;
  private readonly timeoutMs: number;
  private readonly access: GoogleAccess | null;
  private readonly apiBase: string | undefined;
  private api: Promise<Api.Androidpublisher> | null = null;
  private readonly calls = new ProviderCalls({
    ...{ name: 'Google', isOutage, askedSeconds: waitSeconds },
    isWorthRetrying: (error) =>
      isRateLimit(error) ? isShortWait(waitSeconds(error)) : isOutage(error) || statusOf(error) === 401,
  });

  /** @throws Error, one sentence, for credentials that are none. */
  constructor(
    { google, providerTimeoutMs }: AppConfig,
    private readonly clock: Clock,
  ) {
    this.packageName = google?.packageName ?? '';
    this.timeoutMs = providerTimeoutMs;
    this.apiBase = google?.apiBase;
    const file = google?.credentialsFile;
    this.access = file === undefined ? null : new GoogleAccess(file, clock, this.timeoutMs);
  }

  /** Whether it can be asked at all. */
  get isOn(): boolean {
    return this.access !== null;
  }

  /** A subscription as it stands; null where Google has no such purchase of this app. @throws as `call`. */
  subscription(token: string): Promise<Answered<GoogleSubscription> | null> {
    const { packageName } = this;
    return this.find((api, options) => api.purchases.subscriptionsv2.get({ packageName, token }, options));
  }

  /** A one-time purchase as it stands; null as above. @throws as `call`. */
  product(token: string): Promise<Answered<GoogleProduct> | null> {
    const { packageName } = this;
    return this.find((api, options) => api.purchases.productsv2.getproductpurchasev2({ packageName, token }, options));
  }

  /** What was charged and given back under an order; null where Google has none of this id. @throws as `call`. */
  order(orderId: string): Promise<Answered<GoogleOrder> | null> {
    const { packageName } = this;
    return this.find((api, options) => api.orders.get({ packageName, orderId }, options));
  }

  /** Those of these orders that Google has. @throws as `call`. */
  async orders(orderIds: readonly string[]): Promise<GoogleOrder[]> {
    const { packageName } = this;
    const found: GoogleOrder[] = [];
    for (let at = 0; at < orderIds.length; at += ORDERS) {
      const ids = orderIds.slice(at, at + ORDERS);
      const answer = await this.find((api, options) => api.orders.batchget({ packageName, orderIds: ids }, options));
      found.push(...(answer ? (answer.value.orders ?? []) : await this.eachOf(ids)));
    }
    return found;
  }

  /** One order that Google does not have fails a request for many. */
  private async eachOf(orderIds: readonly string[]): Promise<GoogleOrder[]> {
    const found: GoogleOrder[] = [];
    for (const id of orderIds) {
      const answer = await this.order(id);
      if (answer) found.push(answer.value);
    }
    return found;
  }

  /**
   * What was given back in that time, of the last 30 days. @param range its end null for now: Google refuses a moment that its own
   * clock has not reached. @param token of the page before. @throws as `call`.
   */
  async voided(
    range: { since: Date; until: Date | null },
    token: string | null,
  ): Promise<{ items: readonly GoogleVoided[]; next: string | null }> {
    const { packageName } = this;
    const { since, until } = range;
    const times = { startTime: String(since.getTime()), ...(until && { endTime: String(until.getTime()) }) };
    const page = token === null ? times : { token };
    const asked = { packageName, type: BOTH_KINDS, includeQuantityBasedPartialRefund: true, ...page };
    const { value } = await this.call((api, options) => api.purchases.voidedpurchases.list(asked, options), []);
    return { items: value.voidedPurchases ?? [], next: value.tokenPagination?.nextPageToken ?? null };
  }

  /**
   * Tells Google that what was bought is granted: else it gives the money back after three days. Twice is once.
   * @param productId as Google has it, without a base plan. @throws as `call`, and PROVIDER_REFUSED.
   */
  async acknowledge(kind: 'subscription' | 'product', productId: string, token: string): Promise<void> {
    const { packageName } = this;
    await this.call(
      (api, options) =>
        kind === 'subscription'
          ? api.purchases.subscriptions.acknowledge({ packageName, subscriptionId: productId, token }, options)
          : api.purchases.products.acknowledge({ packageName, productId, token }, options),
      [404, 410],
    );
  }

  /** Tells Google that it is used up, so that it can be bought again; it is acknowledged by that. @throws as `acknowledge`. */
  async consume(productId: string, token: string): Promise<void> {
    const { packageName } = this;
    await this.call(
      (api, options) => api.purchases.products.consume({ packageName, productId, token }, options),
      [404, 410],
    );
  }

  private async find<T>(request: Request<T>): Promise<Answered<T> | null> {
    try {
      return await this.call(request);
    } catch (error) {
      if (isAppError(error) && error.kind === 'not_found') return null;
      throw error;
    }
  }

  /**
   * Runs one request; it is repeated where that may help, for every one of them may be.
   * @throws AppError: PROVIDER_NOT_CONFIGURED, PROVIDER_BUSY, PROVIDER_ERROR, PROVIDER_OBJECT_NOT_FOUND, PROVIDER_REFUSED.
   */
  private async call<T>(request: Request<T>, gone: readonly number[] = GONE): Promise<Answered<T>> {
    const { access } = this;
    if (!access) throw googleNotConfigured();
    return await this.calls.run(
      () => this.once(access, request),
      (error) => this.translate(error, gone),
    );
  }

  private async once<T>(access: GoogleAccess, request: Request<T>): Promise<Answered<T>> {
    const headers = { authorization: `Bearer ${await access.bearer()}` };
    try {
      const own = { timeout: this.timeoutMs, retry: false, fetchImplementation: fetch } as const;
      const answer = await request(await this.connect(), { headers, ...own });
      const date = Date.parse(String(answer.headers['date'] ?? ''));
      return { value: answer.data, at: Number.isNaN(date) ? this.clock.now() : new Date(date) };
    } catch (error) {
      if (statusOf(error) === 401) access.forget();
      throw error;
    }
  }

  /** Loaded with the first call: it is large, and most processes never hear of Google. */
  private connect(): Promise<Api.Androidpublisher> {
    const { apiBase: rootUrl } = this;
    this.api ??= import('@googleapis/androidpublisher').then(({ androidpublisher }) =>
      androidpublisher({ version: 'v3', ...(rootUrl !== undefined && { rootUrl }) }),
    );
    return this.api;
  }

  private translate(error: unknown, gone: readonly number[]): AppError {
    const translated = toAppError(error, gone);
    // Not to have something is an answer.
    if (translated.kind !== 'not_found') {
      this.logger.warn(`Google call failed: ${translated.code} (${translated.message})`);
    }
    return translated;
  }
}
