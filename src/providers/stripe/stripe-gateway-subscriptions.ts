import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { business, isAppError } from '../../shared/app-error';
import type { InvoiceTax } from '../../shared/facts';
import { fromStripeAmount } from '../../shared/money-stripe';
import type { ReadResult } from '../provider.port';
import { StripeClient } from './stripe-client';
import { isMissingMethod, noPaymentMethod } from './stripe-errors';
import { METADATA, toInvoiceTaxes } from './stripe-objects';
import { subscriptionSnapshot } from './stripe-reader';

export type StripeProration = 'always_invoice' | 'create_prorations' | 'none';

/** New terms for a subscription with one flat-priced item. */
export interface PriceChange {
  subscriptionRef: string;
  priceRef: string;
  quantity: number;
  proration: StripeProration;
  /** Unix seconds: the moment the rest of the period is counted from. */
  prorationDate: number;
  /** Stripe Tax computes it from now on; false leaves it as it is. */
  automaticTax: boolean;
}

export interface PreviewLine {
  description: string;
  /** Minor units of the preview's currency; negative for a credit. */
  amount: bigint;
}

/** What a change costs, in minor units. */
export interface PricePreview {
  currency: string;
  amountDueNow: bigint;
  /** Of the invoice that is due now, else of the next one. */
  lines: PreviewLine[];
  /** On that invoice: those on top of the lines are not in their amounts. */
  taxes: InvoiceTax[];
  /** Of the next regular invoice, after the customer's credit. Zero where none will come. */
  nextInvoiceAmount: bigint;
}

/** A subscription after a call of ours, for the facts. */
export interface ChangedSubscription {
  providerId: string;
  snapshot: ReadResult;
}

/** What became of a change: whose it was, and how the subscription stands. */
export interface SubscriptionStanding extends ChangedSubscription {
  changeId: string | null;
  status: string;
  cancelAtPeriodEnd: boolean;
  trialEnd: number | null;
  /** Its invoices stay drafts. */
  isCollectionStopped: boolean;
}

/** Calls that change a subscription which exists. */
@Injectable()
export class StripeSubscriptionGateway {
  constructor(private readonly client: StripeClient) {}

  /**
   * What `changePrice` would cost, by Stripe itself. Two questions: what is due at once, and, under the new terms without
   * any proration, what comes next; the credit the first leaves is taken off the second, as Stripe will.
   */
  async previewPrice(change: PriceChange): Promise<PricePreview> {
    const subscription = await this.client.call((sdk) => sdk.subscriptions.retrieve(change.subscriptionRef));
    const currency = subscription.currency;
    const minor = (amount: number): bigint => fromStripeAmount(amount, currency).amount;
    const first = await this.preview(subscription, change, change.proration);
    if (!first) {
      return { currency: currency.toUpperCase(), amountDueNow: 0n, lines: [], taxes: [], nextInvoiceAmount: 0n };
    }
    const lines = first.lines.data.map(({ description, amount }) => ({
      description: description ?? '',
      amount: minor(amount),
    }));
    const shown = { currency: currency.toUpperCase(), lines, taxes: toInvoiceTaxes(first.total_taxes ?? [], currency) };
    if (!isDueNow(first, subscription)) {
      return { ...shown, amountDueNow: 0n, nextInvoiceAmount: minor(first.amount_due) };
    }
    const ends = subscription.cancel_at_period_end;
    const next = ends ? null : await this.preview(subscription, change, 'none');
    const balance = first.starting_balance + first.total - first.amount_due;
    const nextAmount = next ? Math.max(0, regularTotal(next) + balance) : 0;
    return { ...shown, amountDueNow: minor(first.amount_due), nextInvoiceAmount: minor(nextAmount) };
  }

  /**
   * All or nothing: `error_if_incomplete` refuses a change that cannot be paid and leaves the subscription as it was. The
   * alternative, a pending update, would leave an open invoice and a change that applies itself up to 23 hours later.
   * @throws PAYMENT_FAILED; PAYMENT_METHOD_REQUIRED without anything to charge.
   */
  async changePrice(change: PriceChange, intentId: string, key: string): Promise<ChangedSubscription> {
    const current = await this.client.call((sdk) => sdk.subscriptions.retrieve(change.subscriptionRef));
    const params: Stripe.SubscriptionUpdateParams = {
      items: [changedItem(current, change)],
      proration_behavior: change.proration,
      proration_date: withinPeriod(change.prorationDate, current),
      payment_behavior: 'error_if_incomplete',
      ...(change.automaticTax ? { automatic_tax: { enabled: true } } : {}),
      metadata: { [METADATA.changeId]: intentId },
    };
    return this.answered(change.subscriptionRef, intentId, (sdk) =>
      sdk.subscriptions.update(change.subscriptionRef, params, { idempotencyKey: key }),
    );
  }

  /** Stops invoices and periods. The unused rest of the period becomes a credit on the invoice that resumes it. */
  async pause(subscriptionRef: string, intentId: string, key: string): Promise<ChangedSubscription> {
    return this.answered(subscriptionRef, intentId, (sdk) =>
      sdk.subscriptions.pause(
        subscriptionRef,
        { bill_for: { unused_time_from: { type: 'now' } }, invoicing_behavior: 'pending_invoice_item' },
        { idempotencyKey: key },
      ),
    );
  }

  /** A new period begins now and is invoiced at once; a payment that fails leaves it past due. */
  async resume(subscriptionRef: string, intentId: string, key: string): Promise<ChangedSubscription> {
    return this.answered(subscriptionRef, intentId, (sdk) =>
      sdk.subscriptions.resume(subscriptionRef, { billing_cycle_anchor: { type: 'now' } }, { idempotencyKey: key }),
    );
  }

  /** Takes a cancellation at the period's end back. */
  async keep(subscriptionRef: string, intentId: string, key: string): Promise<ChangedSubscription> {
    return this.answered(subscriptionRef, intentId, (sdk) =>
      sdk.subscriptions.update(subscriptionRef, { cancel_at_period_end: false }, { idempotencyKey: key }),
    );
  }

  async cancelAtPeriodEnd(subscriptionRef: string, intentId: string, key: string): Promise<ChangedSubscription> {
    return this.answered(subscriptionRef, intentId, (sdk) =>
      sdk.subscriptions.update(subscriptionRef, { cancel_at_period_end: true }, { idempotencyKey: key }),
    );
  }

  /** At once, and without giving the rest of the period back. @param callId the intent's id, or what the call is known by. */
  async cancel(subscriptionRef: string, callId: string, key: string): Promise<ChangedSubscription> {
    return this.answered(subscriptionRef, callId, (sdk) =>
      sdk.subscriptions.cancel(subscriptionRef, {}, { idempotencyKey: key }),
    );
  }

  /** From now on its invoices stay drafts; what is open stays open. Stripe lets nobody set `unpaid` by hand: this comes next to it. */
  async stopCollection(subscriptionRef: string, intentId: string, key: string): Promise<ChangedSubscription> {
    return this.answered(subscriptionRef, intentId, (sdk) =>
      sdk.subscriptions.update(
        subscriptionRef,
        { pause_collection: { behavior: 'keep_as_draft' } },
        { idempotencyKey: key },
      ),
    );
  }

  /** Its invoices are collected again; drafts of the time between stay drafts. */
  async resumeCollection(subscriptionRef: string, intentId: string, key: string): Promise<ChangedSubscription> {
    return this.answered(subscriptionRef, intentId, (sdk) =>
      sdk.subscriptions.update(subscriptionRef, { pause_collection: '' }, { idempotencyKey: key }),
    );
  }

  /** @param trialEnd Unix seconds. Billing starts then; nothing is prorated. */
  async extendTrial(
    subscriptionRef: string,
    trialEnd: number,
    intentId: string,
    key: string,
  ): Promise<ChangedSubscription> {
    const params = {
      trial_end: trialEnd,
      proration_behavior: 'none',
      metadata: { [METADATA.changeId]: intentId },
    } as const;
    return this.answered(subscriptionRef, intentId, (sdk) =>
      sdk.subscriptions.update(subscriptionRef, params, { idempotencyKey: key }),
    );
  }

  /** How it stands, to learn what became of a change whose answer was lost. */
  async standing(subscriptionRef: string, intentId: string): Promise<SubscriptionStanding> {
    const subscription = await this.client.call((sdk) => sdk.subscriptions.retrieve(subscriptionRef));
    return {
      ...changed(subscription, intentId),
      changeId: subscription.metadata[METADATA.changeId] ?? null,
      status: subscription.status,
      cancelAtPeriodEnd: subscription.cancel_at_period_end,
      trialEnd: subscription.trial_end,
      isCollectionStopped: subscription.pause_collection?.behavior === 'keep_as_draft',
    };
  }

  /** Null where nothing will be invoiced. */
  private async preview(
    subscription: Stripe.Subscription,
    change: PriceChange,
    proration: StripeProration,
  ): Promise<Stripe.Invoice | null> {
    try {
      return await this.client.call((sdk) =>
        sdk.invoices.createPreview({
          subscription: change.subscriptionRef,
          ...(change.automaticTax ? { automatic_tax: { enabled: true } } : {}),
          subscription_details: {
            items: [changedItem(subscription, change)],
            proration_behavior: proration,
            ...(proration === 'none' ? {} : { proration_date: withinPeriod(change.prorationDate, subscription) }),
          },
        }),
      );
    } catch (error) {
      if (isAppError(error) && error.details['stripeCode'] === 'invoice_upcoming_none') return null;
      throw error;
    }
  }

  /** Under a replayed key the answer is as old as the first call, so the subscription is read as it is now. */
  private async answered(
    subscriptionRef: string,
    intentId: string,
    request: (sdk: Stripe) => Promise<Stripe.Response<Stripe.Subscription>>,
  ): Promise<ChangedSubscription> {
    const answer = await this.client.call(request).catch((error: unknown) => {
      throw isMissingMethod(error) ? noPaymentMethod() : error;
    });
    if (answer.lastResponse.headers['idempotent-replayed'] !== 'true') return changed(answer, intentId);
    return changed(await this.client.call((sdk) => sdk.subscriptions.retrieve(subscriptionRef)), intentId);
  }
}

function changed(subscription: Stripe.Response<Stripe.Subscription>, intentId: string): ChangedSubscription {
  return { providerId: subscription.id, snapshot: subscriptionSnapshot(subscription, `answer:${intentId}`) };
}

function licensedItem(subscription: Stripe.Subscription): Stripe.SubscriptionItem {
  const item = subscription.items.data.find(({ price }) => price.recurring?.usage_type !== 'metered');
  if (!item) throw business('PROVIDER_REFUSED', 'The subscription has nothing whose price could change');
  return item;
}

/** Stripe takes no price that is off the shelf, but leaves it to who has it: a price that stays is not named. */
function changedItem(
  subscription: Stripe.Subscription,
  { priceRef, quantity }: PriceChange,
): { id: string; price?: string; quantity: number } {
  const { id, price } = licensedItem(subscription);
  return { id, quantity, ...(price.id === priceRef ? {} : { price: priceRef }) };
}

/** Our clock and Stripe's differ by seconds, which at a period's edge is another period. */
function withinPeriod(at: number, subscription: Stripe.Subscription): number {
  const { current_period_start: start, current_period_end: end } = licensedItem(subscription);
  return Math.min(Math.max(at, start), end);
}

/** Without what has been waiting from changes before: that goes onto the invoice that is due now. */
function regularTotal(invoice: Stripe.Invoice): number {
  const waiting = invoice.lines.data.filter((line) => {
    const item = line.parent?.subscription_item_details ?? line.parent?.invoice_item_details;
    return item?.proration ?? false;
  });
  return waiting.reduce((sum, line) => sum - netOf(line), invoice.total);
}

function netOf({ amount, discount_amounts: discounts, taxes }: Stripe.InvoiceLineItem): number {
  const off = (discounts ?? []).reduce((sum, discount) => sum + discount.amount, 0);
  const exclusive = (taxes ?? []).filter(({ tax_behavior: behavior }) => behavior === 'exclusive');
  return exclusive.reduce((sum, tax) => sum + tax.amount, amount - off);
}

/** The invoice of the coming period bills it; one for a change that takes effect now bills nothing that lies beyond. */
function isDueNow(invoice: Stripe.Invoice, subscription: Stripe.Subscription): boolean {
  const end = licensedItem(subscription).current_period_end;
  return invoice.lines.data.length > 0 && invoice.lines.data.every(({ period }) => period.start < end);
}
