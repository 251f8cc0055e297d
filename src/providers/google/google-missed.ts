import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config';
import { UnitOfWork } from '../../platform/database';
import { Clock } from '../../shared/clock';
import type { ListedEvent, ListPage } from '../provider.port';
import { GoogleClient, type GoogleVoided } from './google-client';
import { GooglePurchases } from './google-purchases.repository';
import { toVerifiedEvent } from './google-webhook';
import { isOrderId, isPurchaseToken, pushBody, readPush } from './google-wire';

/** A little less than Google's 30 days: its clock is not ours. */
const LISTED_MS = 30 * 86_400_000 - 60_000;
/** What is not longer ago may not be over yet by Google's clock. */
const JUST_NOW_MS = 60_000;
const PAGE = 200;
const VOIDED = 'voided';
const OPEN = 'open';

/**
 * Nobody can ask Pub/Sub what it pushed in vain. What may have been missed is looked for where it would show: money that was
 * given back is listed, and every purchase that more is to come of is read again. Both go through the inbox as if they had been
 * pushed.
 */
@Injectable()
export class GoogleMissed {
  private readonly packageName: string;

  constructor(
    { google }: AppConfig,
    private readonly client: GoogleClient,
    private readonly unitOfWork: UnitOfWork,
    private readonly purchases: GooglePurchases,
    private readonly clock: Clock,
  ) {
    this.packageName = google?.packageName ?? '';
  }

  /** @param page `voided:<Google's token>`, then `open:<the last purchase token>`. */
  async undelivered(range: { since: Date; until: Date }, page?: string): Promise<ListPage<ListedEvent>> {
    const [step = VOIDED, place = ''] = page === undefined ? [] : page.split(/:(.*)/s);
    return step === OPEN ? this.open(range.until, place) : this.voided(range, place === '' ? null : place);
  }

  private async voided(
    { since, until }: { since: Date; until: Date },
    token: string | null,
  ): Promise<ListPage<ListedEvent>> {
    const { items, next } = await this.voidedIn({ since, until }, token);
    const events = items.flatMap((one) => this.voidedEvent(one) ?? []);
    return { items: events, next: next === null ? `${OPEN}:` : `${VOIDED}:${next}` };
  }

  /** What was given back in that time, as far as Google lists it. @param token of the page before. @throws what its failure is called. */
  async voidedIn(
    { since, until }: { since: Date; until: Date },
    token: string | null,
  ): Promise<{ items: readonly GoogleVoided[]; next: string | null }> {
    const now = this.clock.now().getTime();
    const first = Math.max(since.getTime(), now - LISTED_MS);
    if (first >= until.getTime()) return { items: [], next: null };
    const isOver = until.getTime() < now - JUST_NOW_MS;
    return this.client.voided({ since: new Date(first), until: isOver ? until : null }, token);
  }

  private voidedEvent({ orderId, purchaseToken, voidedTimeMillis }: GoogleVoided): ListedEvent | null {
    const at = new Date(Number(voidedTimeMillis ?? NaN));
    if (!isOrderId(orderId) || !isPurchaseToken(purchaseToken) || Number.isNaN(at.getTime())) return null;
    const subject = { voidedPurchaseNotification: { purchaseToken, orderId } };
    return this.event(`voided:${orderId}:${at.getTime()}`, at, subject);
  }

  /** One reading for each of them and each `until`: what was read since then has seen all there was to see. */
  private async open(until: Date, after: string): Promise<ListPage<ListedEvent>> {
    const tokens = await this.unitOfWork.service((tx) => this.purchases.open(tx, until, after, PAGE));
    const items = tokens.map((purchaseToken) => {
      const hash = createHash('sha256').update(purchaseToken).digest('hex');
      return this.event(`reread:${until.getTime()}:${hash}`, until, { kassaReread: { purchaseToken } });
    });
    const last = tokens.length < PAGE ? undefined : tokens.at(-1);
    return { items, next: last === undefined ? null : `${OPEN}:${last}` };
  }

  private event(id: string, at: Date, subject: Subject): ListedEvent {
    const rawBody = pushBody(id, { packageName: this.packageName, at, ...subject });
    return { ...toVerifiedEvent(readPush(rawBody)), rawBody };
  }
}

type Subject =
  | { kassaReread: { purchaseToken: string } }
  | { voidedPurchaseNotification: { purchaseToken: string; orderId: string } };
