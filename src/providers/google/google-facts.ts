import { aggregateOf } from '../../shared/aggregate';
import type {
  Fact,
  InvoiceLine,
  InvoicePayload,
  PurchasePayload,
  StoreSale,
  SubscriptionPayload,
  SubscriptionStatus,
} from '../../shared/facts';
import { WHOLE_PIECE } from '../../shared/piece';
import { customerOfAccountToken } from '../account-token';
import { periodOf } from '../store-period';
import type { GoogleOrder, GoogleProduct, GoogleSubscription } from './google-client';
import { unreadable } from './google-errors';
import { minorUnitsOf } from './google-money';

/** Who said it and when: what every fact of it carries. */
export interface Said {
  occurredAt: Date;
  sourceId: string;
}

/** What a purchase belongs to, as it is known before it is read. */
export interface Chain {
  /** The first token of all that replaced one another: what everything is told under. */
  root: string;
  /** When the first of them began; null where nobody knows. */
  since: string | null;
  /** Another purchase stands in its place. */
  replaced: boolean;
}

type LineItem = NonNullable<GoogleSubscription['lineItems']>[number];
type Base = Pick<Fact, 'provider' | 'aggregate' | 'occurredAt' | 'sourceId' | 'before'> & {
  provider: 'google';
  before: null;
};

const STATE = 'SUBSCRIPTION_STATE_';
/** Nothing has been paid, so nothing runs. */
const UNPAID = new Set(['PENDING', 'PENDING_PURCHASE_CANCELED']);
/** A renewal's order: `GPA.1234-5678-9012-34567..0` is the first of that purchase. */
const RENEWAL = /^(.+)\.\.(\d{1,4})$/;
/** States of an order that nobody has paid. */
export const UNCHARGED: ReadonlySet<string> = new Set(['PENDING', 'CANCELED', 'STATE_UNSPECIFIED']);

export function googleAggregate(rootToken: string): string {
  return aggregateOf('google', rootToken);
}

function baseOf(root: string, { occurredAt, sourceId }: Said): Base {
  return { provider: 'google', aggregate: googleAggregate(root), occurredAt, sourceId, before: null };
}

/** Our customer that the purchase was made for, as the app said when it was made; null where it did not say. */
export function ownerOf({ externalAccountIdentifiers, outOfAppPurchaseContext }: GoogleSubscription): string | null {
  const said = [externalAccountIdentifiers, outOfAppPurchaseContext?.expiredExternalAccountIdentifiers];
  for (const one of said) {
    const owner = customerOfAccountToken(one?.obfuscatedExternalAccountId);
    if (owner !== null) return owner;
  }
  return null;
}

export function ownerOfProduct({ obfuscatedExternalAccountId }: GoogleProduct): string | null {
  return customerOfAccountToken(obfuscatedExternalAccountId);
}

/** What is owned of it, and not what a deferred change will bring. @throws SCHEMA_VALIDATION for a purchase of nothing. */
export function itemOf({ lineItems }: GoogleSubscription): LineItem {
  const items = lineItems ?? [];
  const owned = items.filter(({ latestSuccessfulOrderId }) => isGiven(latestSuccessfulOrderId));
  const among = owned.length > 0 ? owned : items;
  const item = among.toSorted((a, b) => timeOf(b.expiryTime) - timeOf(a.expiryTime))[0];
  if (!item) throw unreadable('subscription');
  return item;
}

/** As our catalog names it: `product:base-plan`. @throws SCHEMA_VALIDATION */
export function productRefOf({ productId, offerDetails }: LineItem): string {
  const plan = offerDetails?.basePlanId;
  if (!productId || !plan) throw unreadable('subscription', { productId: productId ?? null });
  return `${productId}:${plan}`;
}

/** Google's own id of what a `product:base-plan` is of. */
export function productIdOf(productRef: string): string {
  return productRef.split(':')[0] ?? productRef;
}

export function isAcknowledged(state: string | null | undefined): boolean {
  return state === 'ACKNOWLEDGEMENT_STATE_ACKNOWLEDGED';
}

/** The orders up to this one that must have been before it, newest first: a lost notification left them untold. */
export function earlierOrders(orderId: string): string[] {
  const [, first, n] = RENEWAL.exec(orderId) ?? [];
  if (first === undefined) return [];
  return [...Array.from({ length: Number(n) }, (_, i) => `${first}..${Number(n) - 1 - i}`), first];
}

/** What a subscription's purchase tells: itself, and how things stand where it is the one that counts. */
export function subscriptionFacts(
  token: string,
  one: GoogleSubscription,
  order: GoogleOrder | null,
  chain: Chain,
  said: Said,
): Fact[] {
  const item = itemOf(one);
  const state = stateOf(one);
  const ended = state === 'EXPIRED' || state === 'PENDING_PURCHASE_CANCELED';
  const payload: PurchasePayload = {
    ...{ kind: 'subscription', productRef: productRefOf(item), state: `${STATE}${state}`, ended },
    completedAt: UNPAID.has(state) ? null : isoOf(one.startTime),
    acknowledged: isAcknowledged(one.acknowledgementState),
    replacesRef: one.linkedPurchaseToken ?? null,
  };
  const base = baseOf(chain.root, said);
  const purchase: Fact = { ...base, objectType: 'purchase', objectId: token, kind: 'purchase.snapshot', payload };
  const isReplaced = chain.replaced || isGiven(one.canceledStateContext?.replacementCancellation);
  if (isReplaced || UNPAID.has(state)) return [purchase];
  const standing = standingOf(one, item, state, order, chain);
  const subscription = { objectType: 'subscription', objectId: chain.root, kind: 'subscription.snapshot' } as const;
  return [purchase, { ...base, ...subscription, payload: standing }];
}

/** @throws SCHEMA_VALIDATION where it lacks what every one has. */
function stateOf({ subscriptionState }: GoogleSubscription): string {
  const state = subscriptionState?.startsWith(STATE) ? subscriptionState.slice(STATE.length) : '';
  if (!STATUSES.has(state)) throw unreadable('subscription', { state: subscriptionState ?? null });
  return state;
}

const STATUSES: ReadonlyMap<string, SubscriptionStatus> = new Map([
  ['PENDING', 'incomplete'],
  ['PENDING_PURCHASE_CANCELED', 'incomplete_expired'],
  ['ACTIVE', 'active'],
  // Until its period ends.
  ['CANCELED', 'active'],
  ['IN_GRACE_PERIOD', 'past_due'],
  ['ON_HOLD', 'past_due'],
  ['PAUSED', 'paused'],
  ['EXPIRED', 'canceled'],
]);

function standingOf(
  one: GoogleSubscription,
  item: LineItem,
  state: string,
  order: GoogleOrder | null,
  { root, since }: Chain,
): SubscriptionPayload {
  const expiry = timeOf(item.expiryTime);
  const trial = isGiven(item.offerPhase?.freeTrial);
  const status = STATUSES.get(state) ?? 'incomplete';
  const paid = periodOfOrder(order) ?? { start: timeOf(one.startTime), end: expiry };
  // While Google waits for the money the expiry tells how long it waits, and the order what was paid for.
  const end = Math.max(paid.start, status === 'past_due' ? Math.min(paid.end, expiry) : expiry);
  const cancels = state === 'CANCELED';
  const ended = state === 'EXPIRED' ? isoMs(expiry) : null;
  const changedAt = changeOf(one, state, order, { end: Math.min(paid.end, end), expiry });
  return {
    ...{ customerRef: root, ownerId: ownerOf(one), intentId: null },
    status: status === 'active' && trial ? 'trialing' : status,
    providerStatus: state.toLowerCase(),
    ...{ priceRef: productRefOf(item), priceId: null, quantity: 1 },
    ...termsOf(item, order),
    ...periodOf(paid.start, paid.end),
    currentPeriodStart: isoMs(paid.start),
    currentPeriodEnd: isoMs(end),
    trialEndsAt: trial ? isoMs(end) : null,
    cancelAtPeriodEnd: cancels,
    cancelAt: cancels ? isoMs(end) : null,
    ...{ canceledAt: ended, endedAt: ended },
    createdAt: since ?? isoMs(timeOf(one.startTime)),
    latestInvoiceRef: item.latestSuccessfulOrderId ?? null,
    // On hold nothing is granted: access ends with what was paid for.
    ...(status === 'past_due' && { graceUntil: isoMs(state === 'ON_HOLD' ? end : expiry) }),
    ...(changedAt !== null && { changedAt }),
  };
}

/**
 * Since when it stands so: a reading is told when we asked, which may be long after. What was paid for last made it active; it waits for
 * money, or pauses, from the end of what was paid for. That a cancellation was taken back has no time of its own. ISO 8601; null where
 * Google does not say.
 */
function changeOf(
  { canceledStateContext }: GoogleSubscription,
  state: string,
  order: GoogleOrder | null,
  { end, expiry }: { end: number; expiry: number },
): string | null {
  switch (state) {
    case 'ACTIVE':
      return isoOf(order?.createTime);
    case 'CANCELED':
      return isoOf(canceledStateContext?.userInitiatedCancellation?.cancelTime);
    case 'EXPIRED':
      return isoMs(expiry);
    default:
      return isoMs(end);
  }
}

/** What a period costs once it is paid for. @throws SCHEMA_VALIDATION */
function termsOf(
  { autoRenewingPlan }: LineItem,
  order: GoogleOrder | null,
): Pick<SubscriptionPayload, 'unitAmount' | 'currency'> {
  const money = autoRenewingPlan?.recurringPrice ?? order?.total;
  if (!money) throw unreadable('subscription', { lacks: 'price' });
  const { amount, currency } = minorUnitsOf(money);
  return { unitAmount: amount, currency };
}

/** What a one-time purchase tells of itself. @throws SCHEMA_VALIDATION */
export function productFacts(token: string, one: GoogleProduct, said: Said): Fact[] {
  const state = one.purchaseStateContext?.purchaseState ?? '';
  const acknowledged = isAcknowledged(one.acknowledgementState);
  const returned = returnedOf(one);
  const payload: PurchasePayload = {
    ...{ kind: 'product', productRef: productOf(one), state, acknowledged, replacesRef: null },
    // Once it is acknowledged only a refund is to come, and those are listed.
    ended: state === 'CANCELLED' || (state === 'PURCHASED' && acknowledged),
    completedAt: state === 'PURCHASED' ? isoOf(one.purchaseCompletionTime) : null,
    ...(returned > 0 && { returned }),
  };
  return [{ ...baseOf(token, said), objectType: 'purchase', objectId: token, kind: 'purchase.snapshot', payload }];
}

/**
 * How much of it is not the customer's any more, in parts of a `WHOLE_PIECE`. Money may be given back without it: only what Google
 * itself takes away counts.
 */
export function returnedOf({ purchaseStateContext, productLineItem }: GoogleProduct): number {
  const { quantity, refundableQuantity } = productLineItem?.[0]?.productOfferDetails ?? {};
  const bought = quantity ?? 1;
  const left = purchaseStateContext?.purchaseState === 'CANCELLED' ? 0 : (refundableQuantity ?? bought);
  return Math.max(0, bought - left) * WHOLE_PIECE;
}

/** @throws SCHEMA_VALIDATION */
export function productOf({ productLineItem }: GoogleProduct): string {
  const productId = productLineItem?.[0]?.productId;
  if (!productId) throw unreadable('purchase', { lacks: 'product' });
  return productId;
}

/** Whose an order's money is, and what it was for. */
export interface OrderOf {
  root: string;
  ownerId: string | null;
  /** Of a subscription, and not of what is bought once. */
  renews: boolean;
  /** It took the place of another purchase. */
  replaces: boolean;
  /** A tester's: it is granted, and nobody pays. */
  test: boolean;
  /** Of what is bought once, as of its line. */
  returned: number;
}

/**
 * The money of one order: an invoice that is paid, its payment, and what was given back. The same whenever and however often
 * it is told. None of what was never charged.
 */
export function orderFacts(order: GoogleOrder, of: OrderOf, said: Said): Fact[] {
  const { orderId, state, total } = order;
  if (!orderId || !total || !state) throw unreadable('order');
  if (UNCHARGED.has(state)) return [];
  const { amount: charged, currency } = minorUnitsOf(total);
  const amount = of.test ? 0 : charged;
  const base = { ...baseOf(of.root, said), objectId: orderId };
  const invoice = invoicePayload(order, of, amount, currency);
  const facts: Fact[] = [{ ...base, objectType: 'invoice', kind: 'invoice.snapshot', payload: invoice }];
  if (amount === 0) return facts;
  facts.push({
    ...{ ...base, objectType: 'payment', kind: 'payment.snapshot' },
    payload: {
      ...{ customerRef: of.root, amount, currency, status: 'succeeded', declineCode: null },
      method: { type: 'google_play', brand: null, last4: null },
      createdAt: invoice.createdAt,
      invoiceRef: orderId,
      sale: saleOf(order, of),
    },
  });
  facts.push(...refundFacts(order, amount, currency, { ...base, sale: saleOf(order, of) }));
  return facts;
}

function saleOf({ createTime }: GoogleOrder, { renews }: OrderOf): StoreSale {
  return { kind: renews ? 'subscription' : 'one_time', soldAt: isoMs(timeOf(createTime)), since: null };
}

function invoicePayload(order: GoogleOrder, of: OrderOf, amount: number, currency: string): InvoicePayload {
  const orderId = order.orderId ?? '';
  const at = isoMs(timeOf(order.createTime));
  const paid = periodOfOrder(order);
  const [periodStart, periodEnd] = [paid ? isoMs(paid.start) : at, paid ? isoMs(paid.end) : at];
  const first = of.replaces ? 'subscription_update' : 'subscription_create';
  const paidAt = isoOf(order.orderHistory?.processedEvent?.eventTime) ?? at;
  return {
    ...{ customerRef: of.root, subscriptionRef: of.renews ? of.root : null, ownerId: of.ownerId, number: orderId },
    status: 'paid',
    billingReason: of.renews ? (RENEWAL.test(orderId) ? 'subscription_cycle' : first) : 'purchase',
    currency,
    // Google sells, and owes what taxes there are: to us they are part of the price.
    ...{ total: amount, tax: 0, amountDue: amount, amountPaid: amount, amountRemaining: 0 },
    ...{ startingBalance: 0, endingBalance: 0, paidOutOfBand: false, attemptCount: 1, nextAttemptAt: null },
    ...{ hostedUrl: null, pdfUrl: null, periodStart, periodEnd, createdAt: at, finalizedAt: paidAt, paidAt },
    lines: linesOf(order, of, amount, { currency, periodStart, periodEnd }),
  };
}

function linesOf(
  { orderId, lineItems }: GoogleOrder,
  { renews, test, returned }: OrderOf,
  total: number,
  common: Pick<InvoiceLine, 'currency' | 'periodStart' | 'periodEnd'>,
): InvoiceLine[] {
  const items = lineItems ?? [];
  return items.map((item, i) => {
    const { productId, subscriptionDetails, oneTimePurchaseDetails } = item;
    const plan = renews ? subscriptionDetails?.basePlanId : null;
    const said = item.total && !test ? minorUnitsOf(item.total).amount : 0;
    return {
      ...{ ref: items.length === 1 ? (orderId ?? '') : `${orderId ?? ''}/${i}`, description: null, ...common },
      amount: items.length === 1 ? total : said,
      quantity: oneTimePurchaseDetails?.quantity ?? 1,
      priceRef: productId ? (plan ? `${productId}:${plan}` : productId) : null,
      ...{ proration: false, tax: 0 },
      ...(i === 0 && returned > 0 && { returned }),
    };
  });
}

/** Google gives back in parts, and then what is left. */
function refundFacts(
  { orderId, orderHistory }: GoogleOrder,
  paid: number,
  currency: string,
  { sale, ...base }: Base & { objectId: string; sale: StoreSale },
): Fact[] {
  const refund = (id: string, amount: number, at: string, reason: string): Fact => ({
    ...{ ...base, objectType: 'refund', objectId: id, kind: 'refund.snapshot' },
    payload: {
      ...{ paymentRef: orderId ?? '', intentId: null, amount, currency, status: 'succeeded', reason },
      ...{ failureReason: null, movementRef: null, sale, createdAt: at },
    },
  });
  let left = paid;
  const facts: Fact[] = [];
  for (const part of orderHistory?.partialRefundEvents ?? []) {
    const [begun, at] = [isoOf(part.createTime), isoOf(part.processTime)];
    const amount = part.refundDetails?.total ? minorUnitsOf(part.refundDetails.total).amount : 0;
    if (begun === null || at === null || amount <= 0) continue;
    left -= amount;
    facts.push(refund(partialRefundId(orderId ?? '', begun), amount, at, 'other'));
  }
  const at = isoOf(orderHistory?.refundEvent?.eventTime);
  const reason = orderHistory?.refundEvent?.refundReason === 'CHARGEBACK' ? 'chargeback' : 'other';
  if (at !== null && left > 0) facts.push(refund(orderId ?? '', left, at, reason));
  return facts;
}

/** Google numbers no partial refunds: by when it was asked for, ISO 8601. A colon would end it in the key of its posting. */
export function partialRefundId(orderId: string, begun: string): string {
  return `${orderId}/${Date.parse(begun)}`;
}

/** The order that a refund is of. */
export function orderOfRefund(refundId: string): string {
  return refundId.split('/')[0] ?? refundId;
}

function periodOfOrder(order: GoogleOrder | null): { start: number; end: number } | null {
  const details = order?.lineItems?.find(({ subscriptionDetails }) => subscriptionDetails)?.subscriptionDetails;
  if (!details?.servicePeriodStartTime || !details.servicePeriodEndTime) return null;
  return { start: timeOf(details.servicePeriodStartTime), end: timeOf(details.servicePeriodEndTime) };
}

/** Milliseconds. @throws SCHEMA_VALIDATION for what is no time. */
function timeOf(text: string | null | undefined): number {
  const ms = Date.parse(text ?? '');
  if (Number.isNaN(ms)) throw unreadable('time', { text: text ?? null });
  return ms;
}

function isoOf(text: string | null | undefined): string | null {
  return isGiven(text) ? isoMs(timeOf(text)) : null;
}

/** Google leaves out what is not so, or writes null; what is there may be an empty object. */
export function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

function isoMs(ms: number): string {
  return new Date(ms).toISOString();
}
