/** What a change of a subscription comes to, worked out without touching anything: updates and previews share it. */
import type Stripe from 'stripe';
import { nextBoundary, type Period } from './calendar';
import type { SandboxContext } from './context';
import { integer, invalidRequest, refuseUnsupported, required } from './errors';
import type { DiscountTerms } from './discounting';
import { netOfDiscounts } from './discounts';
import type { LineDraft } from './line-draft';
import { periodLine, prorationLine } from './lines';
import { mergeMetadata } from './metadata';
import { buildItem, intervalOf, periodEnd, setItemPrice, usablePrice } from './subscription-object';
import { assertConsistent } from './subscriptions';
import type { ItemObject, SubscriptionObject } from './wire';

export interface ChangeRequest {
  readonly items?: readonly Stripe.SubscriptionUpdateParams.Item[];
  readonly prorationBehavior: string;
  readonly prorationDate: number | null;
  readonly trialEnd: 'now' | number | null;
  readonly anchorNow: boolean;
  /** The discounts from the change on. */
  readonly discounts: readonly DiscountTerms[];
}

export interface PlannedChange {
  readonly items: ItemObject[];
  readonly anchor: number;
  readonly trialStart: number | null;
  readonly trialEnd: number | null;
  readonly status: SubscriptionObject['status'];
  readonly lines: LineDraft[];
  /** Billed at once, with the next invoice, or there is nothing to bill. */
  readonly billing: 'now' | 'later' | 'nothing';
}

function changedItem(ctx: SandboxContext, item: ItemObject, input: Stripe.SubscriptionUpdateParams.Item): ItemObject {
  const next = structuredClone(item);
  if (input.price !== undefined) setItemPrice(next, usablePrice(ctx, input.price, 'items[0][price]'));
  if (input.quantity !== undefined) next.quantity = integer(input.quantity, 'items[0][quantity]', 0);
  next.metadata = mergeMetadata(next.metadata, input.metadata);
  return next;
}

/** The items after the change; periods still as they were. */
function nextItems(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  inputs: readonly Stripe.SubscriptionUpdateParams.Item[],
): ItemObject[] {
  const items = sub.items.data.map((item) => structuredClone(item));
  inputs.forEach((input, index) => {
    refuseUnsupported(input, ['price_data', 'discounts', 'tax_rates', 'billing_thresholds', 'plan', 'current_trial']);
    const at = items.findIndex((item) => item.id === input.id);
    const current = items[at];
    if (input.id !== undefined && current === undefined) {
      throw invalidRequest(`Invalid subscription item ID: ${input.id}`, `items[${index}][id]`, 'resource_missing');
    }
    if (current === undefined) {
      const param = `items[${index}][price]`;
      const price = usablePrice(ctx, required(input.price, param), param);
      const template = sub.items.data[0];
      const period = { start: template?.current_period_start ?? ctx.now(), end: periodEnd(sub) };
      const metadata = mergeMetadata({}, input.metadata);
      const quantity = integer(input.quantity ?? 1, `items[${index}][quantity]`, 0);
      items.push(buildItem(ctx, sub.id, { price, quantity, metadata }, period));
    } else if (input.deleted === true) items.splice(at, 1);
    else items[at] = changedItem(ctx, current, input);
  });
  if (items.length === 0) throw invalidRequest('A subscription must have at least one active plan.', 'items');
  assertConsistent(items);
  if (items[0]?.price.currency !== sub.currency) {
    throw invalidRequest('The currency of a subscription cannot change.', 'items');
  }
  return items;
}

const amount = (items: readonly ItemObject[]): number =>
  items.reduce((total, item) => total + item.price.unit_amount * item.quantity, 0);

const interval = (items: readonly ItemObject[]): string =>
  JSON.stringify(items[0] === undefined ? null : intervalOf(items[0].price));

const periodOf = (item: ItemObject): Period => ({ start: item.current_period_start, end: item.current_period_end });

function setPeriod(items: readonly ItemObject[], period: Period): void {
  for (const item of items) {
    item.current_period_start = period.start;
    item.current_period_end = period.end;
  }
}

/** The unused rest of everything the subscription was on, given back. */
function credits(ctx: SandboxContext, sub: SubscriptionObject, items: readonly ItemObject[], at: number): LineDraft[] {
  return items
    .map((item) => prorationLine(ctx, sub, 'credit', item, periodOf(item), at))
    .filter((line) => line !== null);
}

/** Credit of the old and charge of the new terms, for items whose terms differ. */
function swapLines(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  next: readonly ItemObject[],
  at: number,
  discounts: readonly DiscountTerms[],
): LineDraft[] {
  const same = (a: ItemObject, b: ItemObject | undefined): boolean =>
    b !== undefined && a.price.id === b.price.id && a.quantity === b.quantity;
  const old = sub.items.data;
  const left = old.filter(
    (item) =>
      !same(
        item,
        next.find((other) => other.id === item.id),
      ),
  );
  const come = next.filter(
    (item) =>
      !same(
        item,
        old.find((other) => other.id === item.id),
      ),
  );
  const nets = netOfDiscounts(next, discounts);
  const charges = come.map((item) => prorationLine(ctx, sub, 'charge', item, periodOf(item), at, nets.get(item.id)));
  return [...credits(ctx, sub, left, at), ...charges.filter((line) => line !== null)];
}

function restart(ctx: SandboxContext, sub: SubscriptionObject, items: ItemObject[]): LineDraft[] {
  const first = items[0];
  const now = ctx.now();
  if (first === undefined) return [];
  const period = { start: now, end: nextBoundary(now, intervalOf(first.price), now) };
  setPeriod(items, period);
  return items.map((item) => periodLine(ctx, sub, item, period));
}

function withTrial(
  ctx: SandboxContext,
  sub: SubscriptionObject,
  items: ItemObject[],
  request: ChangeRequest,
  trialEnd: number,
): PlannedChange {
  const now = ctx.now();
  if (trialEnd <= now) {
    throw invalidRequest('Invalid timestamp: must be an integer Unix timestamp in the future.', 'trial_end');
  }
  const already = sub.status === 'trialing';
  const prorates = !already && request.prorationBehavior !== 'none';
  const lines = prorates ? credits(ctx, sub, sub.items.data, request.prorationDate ?? now) : [];
  setPeriod(items, { start: already ? (items[0]?.current_period_start ?? now) : now, end: trialEnd });
  return {
    items,
    anchor: trialEnd,
    trialStart: already ? sub.trial_start : now,
    trialEnd,
    status: 'trialing',
    lines,
    billing: billingOf(lines, request.prorationBehavior),
  };
}

function billingOf(lines: readonly LineDraft[], behavior: string): PlannedChange['billing'] {
  if (lines.length === 0) return 'nothing';
  return behavior === 'always_invoice' ? 'now' : 'later';
}

function assertProrationDate(sub: SubscriptionObject, date: number | null): void {
  const first = sub.items.data[0];
  if (date === null || first === undefined) return;
  if (date < first.current_period_start || date > first.current_period_end) {
    throw invalidRequest('`proration_date` must be within the current period.', 'proration_date');
  }
}

/**
 * Works a change out. The cycle starts anew when asked to, when the interval changes, when a free subscription starts to
 * cost something, and when a trial is ended now; that is billed at once, as Stripe does. Otherwise the rest of the
 * period is prorated as asked.
 */
export function planChange(ctx: SandboxContext, sub: SubscriptionObject, request: ChangeRequest): PlannedChange {
  assertProrationDate(sub, request.prorationDate);
  const now = ctx.now();
  const old = sub.items.data;
  const items = nextItems(ctx, sub, request.items ?? []);
  const trialing = sub.status === 'trialing';
  if (typeof request.trialEnd === 'number') return withTrial(ctx, sub, items, request, request.trialEnd);
  const endsTrial = trialing && request.trialEnd === 'now';
  const kept = { anchor: sub.billing_cycle_anchor, trialStart: sub.trial_start, trialEnd: sub.trial_end };
  if (trialing && !endsTrial) {
    return { ...kept, items, status: sub.status, lines: [], billing: 'nothing' };
  }
  const restarts =
    endsTrial || request.anchorNow || interval(old) !== interval(items) || (amount(old) === 0 && amount(items) > 0);
  if (restarts) {
    const refunds =
      endsTrial || request.prorationBehavior === 'none' ? [] : credits(ctx, sub, old, request.prorationDate ?? now);
    const lines = [...refunds, ...restart(ctx, sub, items)];
    const status = endsTrial ? 'active' : sub.status;
    const trialEnd = endsTrial ? now : sub.trial_end;
    return { items, anchor: now, trialStart: sub.trial_start, trialEnd, status, lines, billing: 'now' };
  }
  const prorates = request.prorationBehavior !== 'none';
  const lines = prorates ? swapLines(ctx, sub, items, request.prorationDate ?? now, request.discounts) : [];
  return { ...kept, items, status: sub.status, lines, billing: billingOf(lines, request.prorationBehavior) };
}

/** Puts a planned change into a subscription object. */
export function applyChange(sub: SubscriptionObject, change: PlannedChange): void {
  sub.items.data = change.items;
  sub.billing_cycle_anchor = change.anchor;
  sub.trial_start = change.trialStart;
  sub.trial_end = change.trialEnd;
  sub.status = change.status;
  if (sub.cancel_at_period_end) sub.cancel_at = periodEnd(sub);
}
