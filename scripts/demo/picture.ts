import type { Balance, FeatureAccess, Invoice, Subscription } from './kassa-api';
import type { Person, World } from './world';

/** What Kassa says about one customer, and the books, at one moment. */
export interface Picture {
  readonly subscription: Subscription | null;
  /** By feature; only what is granted. */
  readonly access: Readonly<Record<string, FeatureAccess>>;
  /** Newest first. */
  readonly invoices: readonly Invoice[];
  readonly balances: readonly Balance[];
}

export async function takePicture(world: World, person: Person): Promise<Picture> {
  const api = world.as(person);
  const [subscription, access, invoices, balances] = await Promise.all([
    api.subscription(),
    api.access(),
    api.invoices(),
    world.balances(),
  ]);
  const granted = Object.entries(access).filter(([, feature]) => feature.granted);
  return { subscription, access: Object.fromEntries(granted), invoices, balances };
}

/** A picture in the terms in which a step says beforehand what it will be; all amounts in cents. */
export interface Expected {
  /** Plan and status; null without a subscription. */
  readonly state: string | null;
  readonly periodEnd?: string | null;
  readonly trialEnd?: string | null;
  readonly graceUntil?: string | null;
  /** When it was canceled, and whether it goes on to the end of the period. */
  readonly canceledAt?: string | null;
  readonly cancelAtPeriodEnd?: boolean;
  /** The limits of what may be used, by feature; null is without limit. */
  readonly access: Readonly<Record<string, number | null>>;
  readonly accessUntil: string | null;
  /** Newest first: status, due, paid. */
  readonly invoices: readonly (readonly [status: string, due: number, paid: number])[];
  /** Every account that does not stand at zero. */
  readonly balances: Readonly<Record<string, number>>;
}

export function observe({ subscription, access, invoices, balances }: Picture): Required<Expected> {
  const untils = [...new Set(Object.values(access).map(({ until }) => until))];
  return {
    state: subscription && `${subscription.plan.code} ${subscription.status}`,
    periodEnd: subscription?.currentPeriodEnd ?? null,
    trialEnd: subscription?.trialEndsAt ?? null,
    graceUntil: subscription?.graceUntil ?? null,
    canceledAt: subscription?.canceledAt ?? null,
    cancelAtPeriodEnd: subscription?.cancelAtPeriodEnd ?? false,
    access: Object.fromEntries(Object.entries(access).map(([key, { limit }]) => [key, limit])),
    accessUntil: untils.length === 0 ? null : untils.join(', '),
    invoices: invoices.map(({ status, amountDue, amountPaid }) => [status, amountDue, amountPaid]),
    balances: Object.fromEntries(balances.map(({ account, currency, amount }) => [`${account} ${currency}`, amount])),
  };
}

const DEFAULTS = { periodEnd: null, trialEnd: null, graceUntil: null, canceledAt: null, cancelAtPeriodEnd: false };

export interface Comparison {
  /** How many figures, dates and words were compared. */
  readonly compared: number;
  /** One sentence for each that differs. */
  readonly differences: readonly string[];
}

/** What is not named in `expected` is expected to be null, or false. */
export function compare(expected: Expected, picture: Picture): Comparison {
  const wanted = Object.entries({ ...DEFAULTS, ...expected });
  const actual: Readonly<Record<string, unknown>> = { ...observe(picture) };
  const differences = wanted
    .filter(([name, value]) => canonical(value) !== canonical(actual[name]))
    .map(([name, value]) => `${name} should be ${canonical(value)} and is ${canonical(actual[name])}`);
  return { compared: wanted.reduce((sum, [, value]) => sum + size(value), 0), differences };
}

/** JSON with the keys in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function size(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Math.max(
    1,
    Object.values(value).reduce((sum: number, inner) => sum + size(inner), 0),
  );
}
