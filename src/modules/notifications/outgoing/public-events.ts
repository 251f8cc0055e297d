import { BILLING_EVENTS } from '../../billing';
import { RETRY_EVENTS } from '../../retry';
import type { StoredDomainEvent } from '../../../platform/outbox';
import { PAYOUT_EVENTS } from '../../payouts';
import { TOLD_EVENTS } from '../notifications.events';
import type { PublicEvent } from './domain/message-body';
import { OUTGOING_EVENTS } from './outgoing.events';

/** A figure as it is told; what a payload holds besides is not for others. */
type Figure = string | number | boolean | null | readonly string[];

export interface EventType {
  readonly description: string;
  /** What it can be about; left out: what its type begins with. */
  readonly about?: readonly string[];
  /** What is told, with an example of each: names of the domain event's payload, beside the object's and the customer's id. */
  readonly figures: Readonly<Record<string, Figure>>;
}

/** Of every event about a declined renewal. */
const CASE = { invoiceId: 'inv_01kb2x7m0e8v6q3yt1z5c9r4aw', subscriptionId: 'sub_01kb2x7kzq3yt1z5c9r4aw8v6e' };

const ABOUT_CASE = ['dunning_case'];
/** Of every end of a payout: what the beneficiary gets. */
const PAYOUT = { amount: 12_500, currency: 'EUR', formerStatus: 'processing' };
const SHARE = { amount: 5_000, currency: 'USD', dueAt: '2026-12-01T10:00:00.000Z' };

/**
 * What the customer's own backend may be told, by type. A promise to others: a type is never renamed, a field never changes
 * its meaning; both may be added. Ids and figures only: whose they are is read at `GET /admin/customers/:id`.
 */
export const EVENT_TYPES: Readonly<Record<string, EventType>> = {
  [BILLING_EVENTS.subscriptionUpdated]: {
    description: 'A subscription began, changed or ended. `formerStatus` is null when it is new',
    figures: { status: 'active', formerStatus: 'trialing' },
  },
  [BILLING_EVENTS.entitlementsUpdated]: {
    about: ['subscription', 'invoice', 'purchase_transfer'],
    description: 'What a customer may use has changed: ask `GET /entitlements/users/:userId`',
    figures: {},
  },
  [BILLING_EVENTS.invoicePaid]: {
    description: 'An invoice was paid',
    figures: { amount: 2900, currency: 'USD' },
  },
  [BILLING_EVENTS.paymentFailed]: {
    about: ['invoice'],
    description: 'An attempt to collect an invoice failed',
    figures: { amount: 2900, currency: 'USD', attempt: 1 },
  },
  [BILLING_EVENTS.refundUpdated]: {
    description: 'A refund was made, or its state changed',
    figures: { provider: 'stripe', paymentRef: 'pi_3Nx', amount: 2900, currency: 'USD', status: 'succeeded' },
  },
  [BILLING_EVENTS.disputeUpdated]: {
    description: 'A payment is disputed, or the dispute went on',
    figures: {
      ...{ provider: 'stripe', paymentRef: 'pi_3Nx', amount: 2900, currency: 'USD' },
      ...{
        status: 'needs_response',
        formerStatus: null,
        reason: 'fraudulent',
        evidenceDueBy: '2026-12-01T23:59:59.000Z',
      },
    },
  },
  [BILLING_EVENTS.paymentMethodUpdated]: {
    description: 'A payment method was attached, changed or detached',
    figures: { provider: 'stripe', type: 'card', change: 'attached', expMonth: 12, expYear: 2027 },
  },
  [BILLING_EVENTS.paymentMethodExpiring]: {
    description: 'A card that is used expires soon; told once for each date on it',
    figures: { provider: 'stripe', expMonth: 12, expYear: 2026, expiresAt: '2027-01-01T00:00:00.000Z' },
  },
  [BILLING_EVENTS.trialEnding]: {
    about: ['subscription'],
    description: 'A trial turns into a paid time in three days',
    figures: { trialEndsAt: '2026-12-01T10:00:00.000Z' },
  },
  [RETRY_EVENTS.caseOpened]: {
    about: ABOUT_CASE,
    description: 'A renewal was declined: access stays until `graceUntil`',
    figures: { ...CASE, openedAt: '2026-12-01T10:00:00.000Z', graceUntil: '2026-12-08T10:00:00.000Z' },
  },
  [RETRY_EVENTS.attempted]: {
    about: ABOUT_CASE,
    description: 'A declined renewal was tried again',
    figures: { ...CASE, number: 1, outcome: 'failed', declineCode: 'insufficient_funds' },
  },
  [RETRY_EVENTS.actionRequired]: {
    about: ABOUT_CASE,
    description: 'The bank wants the customer himself to confirm the payment',
    figures: { ...CASE, declineCode: 'authentication_required', graceUntil: '2026-12-08T10:00:00.000Z' },
  },
  [RETRY_EVENTS.methodRequired]: {
    about: ABOUT_CASE,
    description: 'The payment method will not be tried again: another one is needed',
    figures: { ...CASE, declineCode: 'stolen_card', graceUntil: '2026-12-08T10:00:00.000Z' },
  },
  [RETRY_EVENTS.recovered]: {
    about: ABOUT_CASE,
    description: 'A declined renewal was paid after all',
    figures: { ...CASE, paidAt: '2026-12-03T10:00:00.000Z' },
  },
  [RETRY_EVENTS.exhausted]: {
    about: ABOUT_CASE,
    description: 'A declined renewal was not paid in time: access has ended',
    figures: { ...CASE, graceUntil: '2026-12-08T10:00:00.000Z', endAction: 'cancel', endInvoice: 'void' },
  },
  [RETRY_EVENTS.closed]: {
    about: ABOUT_CASE,
    description: 'A declined renewal was closed without being paid: voided, canceled or paused',
    figures: { ...CASE, reason: 'voided' },
  },
  [PAYOUT_EVENTS.paid]: {
    description: 'A payout was paid. `customerId` is the customer who is paid, and null for others',
    figures: { ...PAYOUT, status: 'paid' },
  },
  [PAYOUT_EVENTS.failed]: {
    description: 'A payout could not be made',
    figures: { ...PAYOUT, status: 'failed', failureCode: 'account_closed' },
  },
  [PAYOUT_EVENTS.bounced]: {
    description: 'A payout was paid, and the bank sent it back',
    figures: { ...PAYOUT, status: 'bounced', formerStatus: 'paid', failureCode: 'account_closed' },
  },
  [TOLD_EVENTS.usageThreshold]: {
    description: 'A customer has used 80 or 100 % of what his plan includes',
    figures: {
      ...{ meter: 'api', threshold: 80, used: 8_000, limit: 10_000 },
      ...{ periodStart: '2026-11-15T10:00:00.000Z', periodEnd: '2026-12-15T10:00:00.000Z' },
    },
  },
  [TOLD_EVENTS.contributionDue]: {
    about: ['contribution'],
    description: 'A contribution to a pod will be collected soon',
    figures: SHARE,
  },
  [TOLD_EVENTS.contributionFailed]: {
    about: ['contribution'],
    description: 'A contribution to a pod could not be collected',
    figures: SHARE,
  },
  [OUTGOING_EVENTS.endpointDisabled]: {
    description: 'An endpoint is told of nothing any more: `operator`, `gone` (it answered 410) or `failing`',
    figures: { reason: 'failing' },
  },
};

/** The type of the message that an operator sends to try an endpoint; no endpoint subscribes to it. */
export const TEST_TYPE = 'webhook.test';
export const ALL_TYPES = '*';

/** Only what is promised of an event, whatever its payload holds. */
export function toPublicEvent(event: StoredDomainEvent): PublicEvent | null {
  const known = EVENT_TYPES[event.type];
  if (!known) return null;
  const figures = Object.keys(known.figures).map((name) => [name, toFigure(event.payload[name])] as const);
  return {
    type: event.type,
    objectType: event.objectType,
    objectId: event.objectId,
    data: { customerId: event.customerId, ...Object.fromEntries(figures) },
    occurredAt: event.occurredAt,
  };
}

function toFigure(value: unknown): Figure {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? value : null;
}
