import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { Cache } from '../../platform/cache';
import type { Subscription } from './subscriptions.repository';

/** How long a quote is honoured, in business time. */
const HONOURED_SECONDS = 600;

/** What a quote is for: from where to where. Anything else is priced anew. */
interface QuotedChange {
  priceRef: string;
  quantity: number;
}

/**
 * The moment that a customer's latest preview was counted from. A change that follows it soon is counted from the same
 * moment, and so costs exactly what was quoted. Forgotten quotes are no harm: the change is then counted from now.
 */
@Injectable()
export class PlanQuotes {
  constructor(
    private readonly cache: Cache,
    private readonly clock: Clock,
  ) {}

  /** @param prorationDate Unix seconds. */
  keep(subscription: Subscription, change: QuotedChange, prorationDate: number): Promise<void> {
    const quote = { prorationDate, basis: basisOf(subscription, change) };
    return this.cache.set(keyOf(subscription), quote, HONOURED_SECONDS);
  }

  /** Unix seconds to count the change from: those of a fitting quote, else now. */
  async prorationDate(subscription: Subscription, change: QuotedChange): Promise<number> {
    const now = this.now();
    const quote = (await this.cache.get(keyOf(subscription))) as { prorationDate: number; basis: string } | null;
    if (quote?.basis !== basisOf(subscription, change)) return now;
    const age = now - quote.prorationDate;
    return age >= 0 && age <= HONOURED_SECONDS ? quote.prorationDate : now;
  }

  now(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

function keyOf({ id }: Subscription): string {
  return `plan-quote:${id}`;
}

function basisOf({ priceId, quantity, currentPeriodStart, status }: Subscription, change: QuotedChange): string {
  return [priceId, quantity, status, currentPeriodStart.toISOString(), change.priceRef, change.quantity].join('|');
}
