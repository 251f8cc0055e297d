import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { provider, type AppError } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import { AppConfig, type WiseConfig } from '../../platform/config';
import { isShortWait, ProviderCalls } from '../provider-calls';
import { isOutage, isRateLimit, toAppError, waitSeconds, WiseFailure, wiseNotConfigured } from './wise-errors';

/** What Wise answered, and when, by its own clock, to the second. */
export interface Answered<T> {
  value: T;
  at: Date;
}

export interface WiseRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the API's base, every part of it fit for a path. */
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: object;
  headers?: Readonly<Record<string, string>>;
  /** Whether the same request again does no more than one does: only then is it repeated after an unknown outcome. */
  repeatable: boolean;
  /** Echoed by Wise, and known to its support; else one of its own. */
  correlationId?: string;
}

/** Wise's REST API with our own time-outs, retries and circuit breaker. */
@Injectable()
export class WiseClient {
  private readonly logger = new Logger(WiseClient.name);
  private readonly wise: WiseConfig | undefined;
  private readonly base: string;
  private readonly timeoutMs: number;
  private readonly calls = new ProviderCalls({
    ...{ name: 'Wise', isOutage, askedSeconds: waitSeconds },
    isWorthRetrying: (error) =>
      isRateLimit(error)
        ? isShortWait(waitSeconds(error))
        : isOutage(error) && error instanceof WiseFailure && error.repeatable,
  });

  constructor(
    { wise, providerTimeoutMs }: AppConfig,
    private readonly clock: Clock,
  ) {
    this.wise = wise;
    this.base = (wise?.apiBase ?? '').replace(/\/+$/, '');
    this.timeoutMs = providerTimeoutMs;
  }

  /** Whether it can be asked at all. */
  get isOn(): boolean {
    return this.wise !== undefined;
  }

  /** The profile that pays. @throws PROVIDER_NOT_CONFIGURED. */
  get profileId(): string {
    if (!this.wise) throw wiseNotConfigured();
    return this.wise.profileId;
  }

  /**
   * Runs one request.
   * @param read what its answer says; null for an empty one
   * @param refusal what this request's own failures are called; null for what they are called everywhere
   * @throws AppError as `toAppError`, PROVIDER_NOT_CONFIGURED, and what `read` throws.
   */
  async call<T>(
    request: WiseRequest,
    read: (body: unknown) => T,
    refusal: (failure: WiseFailure) => AppError | null = () => null,
  ): Promise<Answered<T>> {
    const { wise } = this;
    if (!wise) throw wiseNotConfigured();
    const correlationId = request.correlationId ?? randomUUID();
    const answer = await this.calls.run(
      () => this.once(wise.apiToken, request, correlationId),
      (error) => {
        const own = error instanceof WiseFailure ? refusal(error) : null;
        return own ?? this.translate(error, request, correlationId);
      },
    );
    return { value: read(answer.value), at: answer.at };
  }

  /** When Wise gave an answer that is no success. */
  momentOf(failure: unknown): Date {
    return this.secondOf(failure instanceof WiseFailure ? failure.date : null);
  }

  private async once(token: string, request: WiseRequest, correlationId: string): Promise<Answered<unknown>> {
    const { repeatable, method, body } = request;
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`${this.base}${request.path}${queryOf(request)}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          'x-external-correlation-id': correlationId,
          ...(body && { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(body && { body: JSON.stringify(body) }),
        ...{ redirect: 'error', signal: AbortSignal.timeout(this.timeoutMs) },
      });
      text = await answer.text();
    } catch (cause) {
      throw new WiseFailure({ repeatable, cause });
    }
    const { status, headers } = answer;
    const told = parse(text);
    if (!answer.ok) throw new WiseFailure({ repeatable, status, headers, body: told });
    // As a proxy's own page: whether Wise has acted, nobody knows.
    if (told === undefined) throw provider('PROVIDER_UNREADABLE', 'Wise answered with something that is no JSON');
    return { value: told, at: this.secondOf(headers.get('date')) };
  }

  private secondOf(header: string | null): Date {
    const date = Date.parse(header ?? '');
    return new Date(Number.isNaN(date) ? Math.floor(this.clock.now().getTime() / 1000) * 1000 : date);
  }

  private translate(error: unknown, { method, path }: WiseRequest, correlationId: string): AppError {
    const translated = toAppError(error);
    // Not to have something is an answer.
    if (translated.kind !== 'not_found') {
      const codes = error instanceof WiseFailure ? error.codes : [];
      this.logger.warn(
        { method, path, correlationId, codes },
        `Wise call failed: ${translated.code} (${translated.message})`,
      );
    }
    return translated;
  }
}

function queryOf({ query }: WiseRequest): string {
  return query ? `?${new URLSearchParams(query).toString()}` : '';
}

/** Null for an empty body, undefined for one that is no JSON. */
function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
