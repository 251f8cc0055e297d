import { parseCurrency, type Currency } from '../../../shared/currency';
import type { MoneyJson } from '../../../shared/money';
import type { StoredDomainEvent } from '../../../platform/outbox';
import type { AnyTemplate, Template } from '../domain/template';
import type { Declared, ValuesOf } from '../domain/variables';

/** Why somebody is told. */
export interface Cause {
  /** Same key, same customer: one message by each channel, however often its event comes. */
  readonly key: string;
  /** The invoice it is about; the list shows its link as long as it is open. */
  readonly invoiceId: string | null;
  /** Ids and figures that cannot be read later; no personal data. */
  readonly figures: Readonly<Record<string, string | number | boolean | null>>;
}

export interface SubscriptionFacts {
  readonly plan: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: Currency;
  readonly currentPeriodEnd: Date;
  readonly trialEndsAt: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly graceUntil: Date | null;
}

export interface InvoiceFacts {
  readonly status: string;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly currency: Currency;
  /** What it was for; null for an invoice without a subscription. */
  readonly plan: string | null;
}

export interface ChangeFacts {
  readonly type: string;
  readonly toPlanId: string;
  /** How many steps of this type to this plan there were by then, it included. */
  readonly ordinal: number;
  readonly fromStatus: string | null;
  readonly at: Date;
}

/** What a message may read when an event comes, and anew when it is sent. */
export interface Look {
  subscription(id: string): Promise<SubscriptionFacts | null>;
  invoice(id: string): Promise<InvoiceFacts | null>;
  /** Steps of a subscription's history since then, oldest first. */
  changes(subscriptionId: string, since: Date): Promise<ChangeFacts[]>;
}

/** A message at the moment it is sent. */
export interface Sending {
  readonly figures: Cause['figures'];
  readonly invoiceId: string | null;
  /** Business time. */
  readonly now: Date;
  /** The invoice's page at the provider, read just now; null where the provider has none. */
  readonly payUrl: string | null;
  /** The page of the app where the subscription is managed; null where the installation names none. */
  readonly appUrl: string | null;
}

/** One kind of message: what it says, when somebody is told, and what fills it. */
export interface Message<D extends Declared = Declared> {
  readonly template: Template<D>;
  /** Types of domain events. */
  readonly on: readonly string[];
  /** Its invoice's page is read from the provider before it is sent; nobody is told where the invoice is settled by then. */
  readonly asksForPayment?: true;
  /** None where nobody has to be told. */
  readonly causes: (event: StoredDomainEvent, look: Look) => Promise<Cause[]>;
  /** Null where it is no longer true, so that nobody is told. */
  readonly values: (sending: Sending, look: Look) => Promise<ValuesOf<D> | null>;
}

/** A message whose variables are all anybody knows of it. */
export interface AnyMessage extends Omit<Message, 'template' | 'values'> {
  readonly template: AnyTemplate;
  readonly values: (sending: Sending, look: Look) => Promise<Readonly<Record<string, unknown>> | null>;
}

const DAY_MS = 86_400_000;

/** Whole days until then, a day begun counted whole; 0 where it is past. */
export function daysUntil(then: Date, now: Date): number {
  return Math.max(0, Math.ceil((then.getTime() - now.getTime()) / DAY_MS));
}

/** Of figures that hold an amount and its currency, as events do. @throws UNKNOWN_CURRENCY */
export function moneyFigures({ amount, currency }: Cause['figures']): MoneyJson {
  return { amount: Number(amount), currency: parseCurrency(String(currency)) };
}

/** An event is told about for this long: what a backfill brings up from further back is history. */
export const NEWS_FOR_MS = 7 * DAY_MS;
