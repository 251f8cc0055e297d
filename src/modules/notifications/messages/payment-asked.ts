import { RETRY_EVENTS } from '../../retry';
import type { StoredDomainEvent } from '../../../platform/outbox';
import type { MoneyJson } from '../../../shared/money';
import { daysUntil, type Cause, type Look, type Sending } from './message';

/** What the customer has to do about a renewal that was declined. */
type Need = 'nothing' | 'new_method' | 'confirmation';

interface CasePayload {
  caseId: string;
  invoiceId: string;
  subscriptionId: string;
  graceUntil: string;
}
type ReminderPayload = CasePayload & { day: number; needs: Need };

const SAID_BY: Readonly<Record<string, Need>> = {
  [RETRY_EVENTS.actionRequired]: 'confirmation',
  [RETRY_EVENTS.methodRequired]: 'new_method',
};

/**
 * A reminder says what is needed, and so does the decline itself: that of the first day is one message with the first
 * reminder, a later one is a message of its own, unless he was told of the same on the first day.
 */
export function askCauses(event: StoredDomainEvent, need: Need): Cause[] {
  const { caseId, invoiceId, graceUntil, ...more } = event.payload as unknown as ReminderPayload;
  const needed = SAID_BY[event.type] ?? more.needs;
  if (needed !== need) return [];
  const day = SAID_BY[event.type] === undefined ? more.day : 0;
  return [{ key: `payment_asked:${need}:${caseId}:${day}`, invoiceId, figures: { graceUntil, day } }];
}

export interface AskValues {
  plan: string | null;
  amount: MoneyJson;
  graceUntil: string;
  daysLeft: number;
  lastDay: boolean;
  again: boolean;
  payUrl: string | null;
}

/** Null where the invoice is not open any more. */
export async function askValues(sending: Sending, look: Look): Promise<AskValues | null> {
  const { figures, invoiceId, now, payUrl, appUrl } = sending;
  const invoice = invoiceId === null ? null : await look.invoice(invoiceId);
  if (invoice?.status !== 'open') return null;
  const graceUntil = new Date(String(figures['graceUntil']));
  const daysLeft = daysUntil(graceUntil, now);
  return {
    plan: invoice.plan,
    amount: { amount: invoice.amountDue - invoice.amountPaid, currency: invoice.currency },
    graceUntil: graceUntil.toISOString(),
    daysLeft,
    lastDay: daysLeft === 0,
    again: figures['day'] !== 0,
    payUrl: payUrl ?? appUrl,
  };
}

export const ASK_VARIABLES = {
  plan: 'text?',
  amount: 'money',
  graceUntil: 'date',
  daysLeft: 'days',
  lastDay: 'flag',
  again: 'flag',
  payUrl: 'url?',
} as const;

/** A reminder of a debt says how much it is and where to pay. */
export const ASK_REQUIRED = ['amount', 'payUrl'] as const;

export const ASK_SAMPLE = {
  plan: 'Pro',
  amount: { amount: 2900, currency: 'USD' },
  graceUntil: '2026-02-22T10:00:00Z',
  daysLeft: 4,
  lastDay: false,
  again: false,
  payUrl: 'https://invoice.stripe.com/i/acct_1/test_1',
} as const;

/** By when, in the words of each language. */
export const ASK_UNTIL = {
  en: '{{#if lastDay}}Your access ends today.{{else}}You keep your access for {{daysLeft}}, until {{graceUntil}}.{{/if}}',
  de: '{{#if lastDay}}Dein Zugang endet heute.{{else}}Dein Zugang bleibt dir noch {{daysLeft}}, bis zum {{graceUntil}}.{{/if}}',
  es: '{{#if lastDay}}Tu acceso termina hoy.{{else}}Conservas el acceso durante {{daysLeft}}, hasta el {{graceUntil}}.{{/if}}',
} as const;
