import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import type { ListedEvent, ListPage, ObjectQuery, SeenPage } from '../provider.port';
import { StripeClient } from './stripe-client';
import { seenObject, type StripeListed } from './stripe-seen';
import { answeredAt } from './stripe-snapshots';
import { stripeCustomerOf } from './stripe-translator';
import { readListedEvent } from './stripe-webhook';

/** The most Stripe gives in one answer. */
const PAGE = 100;

/** Stripe's lists, a page at a time: one request each, however much there is. */
@Injectable()
export class StripeLists {
  constructor(private readonly client: StripeClient) {}

  async undelivered(range: { since: Date; until: Date }, page?: string): Promise<ListPage<ListedEvent>> {
    const created = { gte: seconds(range.since), lte: seconds(range.until) };
    const answer = await this.client.call((sdk) =>
      sdk.events.list({ delivery_success: false, created, limit: PAGE, ...after(page) }),
    );
    // Decimals become strings again, as they came.
    const items = answer.data.map((event) => readListedEvent(Buffer.from(JSON.stringify(event))));
    return { items, next: nextOf(answer) };
  }

  async list(query: ObjectQuery): Promise<SeenPage> {
    const answer = await this.client.call((sdk) => listOf(sdk, query));
    const at = answeredAt(answer);
    const items = answer.data.map((object) => seenObject(query.objectType, object, at));
    return { items, answeredAt: at, next: nextOf(answer) };
  }
}

type Answer<T> = Stripe.Response<Stripe.ApiList<T>>;

function listOf(sdk: Stripe, query: ObjectQuery): Promise<Answer<StripeListed>> {
  const common = {
    limit: PAGE,
    ...createdIn(query),
    ...(query.aggregate === undefined ? {} : { customer: stripeCustomerOf(query.aggregate) }),
    ...after(query.page),
  };
  switch (query.objectType) {
    case 'subscription':
      // Without a status Stripe leaves out what was canceled: the very ones whose end we may have missed.
      return sdk.subscriptions.list({ ...common, status: 'all' });
    case 'invoice':
      return sdk.invoices.list({ ...common, expand: ['data.payments'] });
    case 'payment':
      return sdk.paymentIntents.list({ ...common, expand: ['data.payment_method'] });
  }
}

function createdIn({ createdFrom, createdTo }: ObjectQuery): { created?: Stripe.RangeQueryParam } {
  const created = {
    ...(createdFrom ? { gte: seconds(createdFrom) } : {}),
    ...(createdTo ? { lte: seconds(createdTo) } : {}),
  };
  return Object.keys(created).length > 0 ? { created } : {};
}

function after(page: string | undefined): { starting_after?: string } {
  return page === undefined ? {} : { starting_after: page };
}

function nextOf({ has_more, data }: Stripe.ApiList<{ id: string }>): string | null {
  return has_more ? (data.at(-1)?.id ?? null) : null;
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
