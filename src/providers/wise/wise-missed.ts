import { Injectable } from '@nestjs/common';
import type { ListedEvent, ListPage } from '../provider.port';
import { WiseAccount } from './wise-account';
import { readDelivery, rereadBody } from './wise-delivery';
import { toVerifiedEvent } from './wise-webhook';

/** A transfer waits two weeks for its money, and a bank may send it back weeks after it was paid. */
const LIFE_MS = 60 * 86_400_000;

/**
 * Wise lists no events. What may have been missed is looked for where it would show: every transfer that was made then, or not long
 * before, is read again, through the inbox as if Wise had told of it. Other people's are left out.
 */
@Injectable()
export class WiseMissed {
  constructor(private readonly account: WiseAccount) {}

  /** One reading for each transfer and each `until`: what was read since then has seen all there was to see. */
  async undelivered({ since, until }: { since: Date; until: Date }, page?: string): Promise<ListPage<ListedEvent>> {
    const made = { since: new Date(since.getTime() - LIFE_MS), until };
    const { refs, next } = await this.account.transfersMade(made, Number(page ?? 0));
    const items = refs.map((transferRef) => {
      const rawBody = rereadBody(transferRef, until);
      return { ...toVerifiedEvent(readDelivery(rawBody)), rawBody };
    });
    return { items, next: next === null ? null : String(next) };
  }
}
