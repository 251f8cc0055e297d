import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { JwtStrategy } from '../auth/jwt.strategy';
import { AppConfig } from '../../config';
import { addressOf } from '../rate-limit/address';
import { RequestCounter, type CountedRequest } from '../rate-limit/request-counter';

/** A question that is asked far more often than its answer changes. */
export interface HotRead {
  /** Without the version: `/entitlements/check`. */
  readonly path: string;
  readonly for: 'user' | 'everybody';
  /**
   * The whole answer as JSON, where it is at hand; undefined sends the request the usual way. Never throws: it answers what
   * the route itself would, or nothing.
   * @param query as it stands in the address, without the question mark.
   */
  answer(query: string, userId: string): Promise<string | undefined>;
}

export interface HotAnswer {
  json: string;
  counted: CountedRequest;
}

/**
 * Answers hot reads before the framework's guards, pipes and request scopes, which cost several times what the answer does. Only
 * what is certain is answered here: a token found good a moment ago, a limit not reached, a cached value. All else goes on
 * to the route, which has the same answer and every refusal.
 */
@Injectable()
export class HotReads {
  private readonly reads = new Map<string, HotRead>();

  constructor(
    private readonly config: AppConfig,
    private readonly jwt: JwtStrategy,
    private readonly counter: RequestCounter,
  ) {}

  /** Called once per read at start-up. */
  register(read: HotRead): void {
    for (const prefix of ['', '/v1']) this.reads.set(prefix + read.path, read);
  }

  /** Whether the request may be answered here; pure and quick, because every request is asked. */
  find({ method, url, headers }: FastifyRequest): { read: HotRead; query: string } | undefined {
    if (method !== 'GET') return undefined;
    const end = url.indexOf('?');
    const read = this.reads.get(end === -1 ? url : url.slice(0, end));
    // Other origins get their headers on the usual way.
    if (!read || (headers.origin !== undefined && this.config.http.corsOrigins.length > 0)) return undefined;
    return { read, query: end === -1 ? '' : url.slice(end + 1) };
  }

  /** Undefined where the request has to go the usual way; it is marked as counted then, if it was. */
  async answer(
    request: FastifyRequest,
    { read, query }: { read: HotRead; query: string },
  ): Promise<HotAnswer | undefined> {
    const userId = read.for === 'user' ? this.jwt.known(request)?.user.id : '';
    if (userId === undefined) return undefined;
    const tracker = read.for === 'user' ? `user:${userId}` : `address:${addressOf(request)}`;
    const [counted, json] = await Promise.all([this.counter.count(tracker), read.answer(query, userId)]);
    if (counted.isBlocked) return undefined;
    request.counted = counted;
    return json === undefined ? undefined : { json, counted };
  }
}
