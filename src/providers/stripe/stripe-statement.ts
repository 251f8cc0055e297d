import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import { HOUSE_ACCOUNT } from '../../shared/aggregate';
import type { ListPage } from '../provider.port';
import type { StatementLine } from '../../shared/statement-line';
import type { StatementSource, TellingObject } from '../statement.port';
import { StripeClient } from './stripe-client';
import { refOf } from './stripe-objects';
import { toStatementLine } from './stripe-statement-line';
import { stripeAggregate } from './stripe-translator';

/** The most Stripe gives in one answer. */
const PAGE = 100;

/** Stripe's balance transactions: every movement on our balance, told of or not. */
@Injectable()
export class StripeStatement implements StatementSource {
  readonly provider = 'stripe';
  readonly isShared = true;

  constructor(private readonly client: StripeClient) {}

  get on(): boolean {
    return this.client.livemode !== null;
  }

  async lines({ from, to }: { from: Date; to: Date }, page?: string): Promise<ListPage<StatementLine>> {
    const created = { gte: seconds(from), lt: seconds(to) };
    const after = page === undefined ? {} : { starting_after: page };
    const { data, has_more } = await this.client.call((sdk) =>
      sdk.balanceTransactions.list({ created, limit: PAGE, expand: ['data.source'], ...after }),
    );
    return { items: data.map(toStatementLine), next: has_more ? (data.at(-1)?.id ?? null) : null };
  }

  async linesOf(objectRef: string): Promise<StatementLine[]> {
    const source = objectRef.startsWith('pi_') ? await this.chargeOf(objectRef) : objectRef;
    // An invoice moves no money itself: its payments do.
    if (source === null || source.startsWith('in_')) return [];
    const found = await unlessGone(() =>
      this.client.call((sdk) => sdk.balanceTransactions.list({ source, limit: PAGE, expand: ['data.source'] })),
    );
    return (found?.data ?? []).map(toStatementLine);
  }

  async whose(line: StatementLine): Promise<string | null> {
    if (line.aggregate !== null || line.objectRef === null) return line.aggregate;
    const id = line.objectRef;
    const expand = ['payment_intent'];
    const object = await unlessGone(() =>
      this.client.call<Stripe.Refund | Stripe.Dispute | null>((sdk) => {
        if (line.kind === 'refund' || line.kind === 'refund_failure') return sdk.refunds.retrieve(id, { expand });
        if (line.kind === 'dispute' || line.kind === 'dispute_reversal') return sdk.disputes.retrieve(id, { expand });
        return Promise.resolve(null);
      }),
    );
    const intent = object?.payment_intent;
    const customer = typeof intent === 'object' ? refOf(intent?.customer) : null;
    return customer === null ? null : stripeAggregate(customer);
  }

  async telling(line: StatementLine): Promise<TellingObject[]> {
    const { objectRef } = line;
    if (objectRef === null) return [];
    if (line.kind === 'payout' || line.kind === 'payout_failure') {
      return [{ objectType: 'provider_payout', objectId: objectRef, aggregate: stripeAggregate(HOUSE_ACCOUNT) }];
    }
    const aggregate = await this.whose(line);
    if (aggregate === null) return [];
    switch (line.kind) {
      case 'refund':
      case 'refund_failure':
        return [{ objectType: 'refund', objectId: objectRef, aggregate }];
      case 'dispute':
      case 'dispute_reversal':
        return [{ objectType: 'dispute', objectId: objectRef, aggregate }];
      case 'charge':
        return line.paymentRef === null ? [] : this.tellingOfPayment(line.paymentRef, aggregate);
      case 'fee':
      case 'deposit':
      case 'other':
        return [];
    }
  }

  /** Nobody tells that an invoice was paid outside Stripe; a reading that asks for it knows. */
  async tellingOf(objectRef: string): Promise<TellingObject[]> {
    if (!objectRef.startsWith('in_')) return [];
    const invoice = await unlessGone(() => this.client.call((sdk) => sdk.invoices.retrieve(objectRef)));
    const customerRef = refOf(invoice?.customer);
    if (customerRef === null) return [];
    return [{ objectType: 'invoice', objectId: objectRef, aggregate: stripeAggregate(customerRef) }];
  }

  /** A charge is booked by its payment, whose reading shows what came in, and by the invoice that it pays. */
  private async tellingOfPayment(paymentRef: string, aggregate: string): Promise<TellingObject[]> {
    const payment = { type: 'payment_intent', payment_intent: paymentRef } as const;
    const links = await this.client.call((sdk) => sdk.invoicePayments.list({ payment, limit: PAGE }));
    const invoices = new Set(links.data.flatMap(({ invoice }) => refOf(invoice) ?? []));
    return [
      { objectType: 'payment', objectId: paymentRef, aggregate },
      ...[...invoices].map((objectId): TellingObject => ({ objectType: 'invoice', objectId, aggregate })),
    ];
  }

  private async chargeOf(paymentRef: string): Promise<string | null> {
    const intent = await unlessGone(() => this.client.call((sdk) => sdk.paymentIntents.retrieve(paymentRef)));
    return refOf(intent?.latest_charge);
  }
}

async function unlessGone<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isAppError(error) && error.kind === 'not_found') return null;
    throw error;
  }
}

function seconds(at: Date): number {
  return Math.ceil(at.getTime() / 1000);
}
