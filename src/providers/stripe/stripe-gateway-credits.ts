import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import type { ReadResult } from '../provider.port';
import { StripeClient } from './stripe-client';
import { iso, METADATA, minor } from './stripe-objects';
import { stripeAggregate } from './stripe-translator';

export interface CreditOrder {
  customerRef: string;
  /** Stripe's integer, in the customer's favour. */
  amount: number;
  /** As Stripe writes it, lower case. */
  currency: string;
}

/** Credit that Stripe has written down. */
export interface GivenCredit {
  providerId: string;
  createdAt: string;
  snapshot: ReadResult;
}

/** Between our clock and Stripe's. */
const CLOCK_SKEW_SECONDS = 300;

/** The customer's credit balance at Stripe, which his next invoices use up. */
@Injectable()
export class StripeCreditGateway {
  constructor(private readonly client: StripeClient) {}

  /** The one currency a customer is billed in, lower case; null before his first invoice, subscription or credit. */
  async currencyOf(customerRef: string): Promise<string | null> {
    const customer = await this.client.call((sdk) => sdk.customers.retrieve(customerRef));
    return customer.deleted ? null : (customer.currency ?? null);
  }

  async give(order: CreditOrder, owner: { customerId: string; intentId: string }, key: string): Promise<GivenCredit> {
    const { customerRef, amount, currency } = order;
    const metadata = { [METADATA.customerId]: owner.customerId, [METADATA.intentId]: owner.intentId };
    // At Stripe a balance is what the customer owes: credit is negative.
    const params = { amount: -amount, currency, metadata };
    return given(
      await this.client.call((sdk) =>
        sdk.customers.createBalanceTransaction(customerRef, params, { idempotencyKey: key }),
      ),
    );
  }

  /** By the intent in its metadata, looking back as far as `since`; null where Stripe has none. */
  async find(customerRef: string, intentId: string, since: Date): Promise<GivenCredit | null> {
    const oldest = Math.floor(since.getTime() / 1000) - CLOCK_SKEW_SECONDS;
    const found = await this.client.call(async (sdk) => {
      for await (const credit of sdk.customers.listBalanceTransactions(customerRef, { limit: 100 })) {
        if (credit.metadata?.[METADATA.intentId] === intentId) return credit;
        if (credit.created < oldest) return null;
      }
      return null;
    });
    return found && given(found);
  }
}

/** It never changes, so its own time is the fact's, whoever reads it and when. */
function given(credit: Stripe.CustomerBalanceTransaction): GivenCredit {
  const customerRef = typeof credit.customer === 'string' ? credit.customer : credit.customer.id;
  const aggregate = stripeAggregate(customerRef);
  const createdAt = iso(credit.created);
  const intentId = credit.metadata?.[METADATA.intentId] ?? null;
  const payload = {
    customerRef,
    ownerId: credit.metadata?.[METADATA.customerId] ?? null,
    intentId,
    amount: minor(-credit.amount, credit.currency),
    currency: credit.currency.toUpperCase(),
    createdAt,
  };
  return {
    providerId: credit.id,
    createdAt,
    snapshot: {
      aggregate,
      facts: [
        {
          ...{ provider: 'stripe', objectType: 'credit', objectId: credit.id, kind: 'credit.granted' },
          ...{ aggregate, occurredAt: new Date(createdAt), sourceId: `answer:${intentId ?? credit.id}` },
          payload,
          before: null,
        },
      ],
    },
  };
}
