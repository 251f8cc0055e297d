import { Injectable, Logger } from '@nestjs/common';
import {
  AppStoreServerAPIClient,
  Environment,
  GetTransactionHistoryVersion,
  type HistoryResponse,
  type NotificationHistoryRequest,
  type NotificationHistoryResponse,
  type StatusResponse,
} from '@apple/app-store-server-library';
import type { AppError } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import { AppConfig, type AppleConfig } from '../../platform/config';
import { isShortWait, ProviderCalls } from '../provider-calls';
import { appleNotConfigured, AppleRateLimited, isOutage, toAppError } from './apple-errors';
import { readPrivateKey } from './apple-keys';
import type { AppleEnvironment } from './apple-wire';

const HOSTS = {
  Production: 'https://api.storekit.apple.com',
  Sandbox: 'https://api.storekit-sandbox.apple.com',
} as const;

type FetchAnswer = Awaited<ReturnType<AppStoreServerAPIClient['makeFetchRequest']>>;

/** Apple's own client, which signs its token anew for each request, over our own transport. */
class ServerApi extends AppStoreServerAPIClient {
  constructor(
    { api, bundleId }: { api: NonNullable<AppleConfig['api']>; bundleId: string },
    environment: Environment,
    private readonly base: string,
    private readonly timeoutMs: number,
  ) {
    super(readPrivateKey(api.privateKey), api.keyId, api.issuerId, bundleId, environment);
  }

  protected override async makeFetchRequest(
    path: string,
    query: URLSearchParams,
    method: string,
    body: string | Buffer | undefined,
    headers: Record<string, string>,
  ): Promise<FetchAnswer> {
    const answer = await fetch(`${this.base}${path}?${query.toString()}`, {
      ...{ method, headers, redirect: 'error', signal: AbortSignal.timeout(this.timeoutMs) },
      ...(typeof body === 'string' && { body }),
    });
    if (answer.status === 429) {
      const at = Number(answer.headers.get('retry-after') ?? NaN);
      throw new AppleRateLimited(Number.isFinite(at) ? at : null);
    }
    // The library was written for node-fetch; of an answer it uses `ok`, `status` and `json()`, which are the same.
    return answer as unknown as FetchAnswer;
  }
}

/** The App Store Server API with our own time-outs, retries and circuit breaker. Everything here only reads. */
@Injectable()
export class AppleClient {
  private readonly logger = new Logger(AppleClient.name);
  private readonly apis: ReadonlyMap<AppleEnvironment, ServerApi>;
  private readonly calls: ProviderCalls;
  /** Those that count here, Production first. */
  readonly environments: readonly AppleEnvironment[];

  /** @throws Error, one sentence, for a private key that is none. */
  constructor(
    config: AppConfig,
    private readonly clock: Clock,
  ) {
    this.environments = [...(config.apple?.environments ?? [])].sort();
    this.apis = config.apple ? createApis(config.apple, config.providerTimeoutMs) : new Map();
    const askedSeconds = (error: unknown): number =>
      error instanceof AppleRateLimited ? error.secondsFrom(clock.wall().getTime()) : 0;
    this.calls = new ProviderCalls({
      ...{ name: 'Apple', isOutage, askedSeconds },
      isWorthRetrying: (error) =>
        error instanceof AppleRateLimited ? isShortWait(askedSeconds(error)) : isOutage(error),
    });
  }

  /** Whether it can be asked at all: without a key, receipts are verified and nothing is read. */
  get isOn(): boolean {
    return this.apis.size > 0;
  }

  /** The latest signed form of a transaction. @throws PROVIDER_OBJECT_NOT_FOUND and as `call`. */
  async transaction(environment: AppleEnvironment, transactionId: string): Promise<string | undefined> {
    const answer = await this.call(environment, (api) => api.getTransactionInfo(transactionId));
    return answer.signedTransactionInfo;
  }

  /** Every subscription of the customer whose transaction it is. @throws as `transaction`. */
  statuses(environment: AppleEnvironment, transactionId: string): Promise<StatusResponse> {
    return this.call(environment, (api) => api.getAllSubscriptionStatuses(transactionId));
  }

  /** Twenty of the customer's transactions, oldest first. @param revision of the answer before. @throws as `transaction`. */
  history(environment: AppleEnvironment, transactionId: string, revision: string | null): Promise<HistoryResponse> {
    const { V2 } = GetTransactionHistoryVersion;
    return this.call(environment, (api) => api.getTransactionHistory(transactionId, revision, {}, V2));
  }

  /** Twenty notifications of the last 180 days, oldest first. @param token of the answer before. @throws as `call`. */
  notifications(
    environment: AppleEnvironment,
    request: NotificationHistoryRequest,
    token: string | null,
  ): Promise<NotificationHistoryResponse> {
    return this.call(environment, (api) => api.getNotificationHistory(token, request));
  }

  /**
   * Runs one request; it is repeated where that may help, for it changes nothing.
   * @throws AppError: PROVIDER_NOT_CONFIGURED, PROVIDER_BUSY, PROVIDER_ERROR, PROVIDER_REFUSED.
   */
  private async call<T>(environment: AppleEnvironment, request: (api: ServerApi) => Promise<T>): Promise<T> {
    const api = this.apis.get(environment);
    if (!api) throw appleNotConfigured();
    return await this.calls.run(
      () => request(api),
      (error) => this.translate(error),
    );
  }

  private translate(error: unknown): AppError {
    const translated = toAppError(error, this.clock.wall().getTime());
    // Not to have something is an answer.
    if (translated.kind !== 'not_found') {
      this.logger.warn(`Apple call failed: ${translated.code} (${translated.message})`);
    }
    return translated;
  }
}

function createApis(config: AppleConfig, timeoutMs: number): Map<AppleEnvironment, ServerApi> {
  const { api, bundleId, apiBase } = config;
  if (!api) return new Map();
  const names = { Production: Environment.PRODUCTION, Sandbox: Environment.SANDBOX };
  return new Map(
    config.environments.map((name) => {
      const base = apiBase ?? HOSTS[name];
      return [name, new ServerApi({ api, bundleId }, names[name], base, timeoutMs)];
    }),
  );
}
