import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { AppConfig } from '../../config';
import { FallbackThrottlerStorage } from './fallback.storage';

export const MINUTE_MS = 60_000;
/** The limit every request counts for. */
export const GENERAL = 'default';

export type CountedRequest = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Pure: the key under which requests of somebody are counted for a limit. */
export function limitKey(limit: string, tracker: string): string {
  return `kassa:limit:${limit}:${tracker}`;
}

/** Counts a request for the general limit as the guard does, for what is answered before any guard. */
@Injectable()
export class RequestCounter {
  constructor(
    private readonly config: AppConfig,
    private readonly storage: FallbackThrottlerStorage,
  ) {}

  get limit(): number {
    return this.config.http.rateLimitPerMinute;
  }

  count(tracker: string): Promise<CountedRequest> {
    return this.storage.increment(limitKey(GENERAL, tracker), MINUTE_MS, this.limit, MINUTE_MS, GENERAL);
  }
}
