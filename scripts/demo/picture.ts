import { dunningWords } from './dunning-words';
import { money } from './format';
import type { Balance, DunningCase, FeatureAccess, Invoice, Payout, Subscription } from './kassa-api';
import { isOfFinance, type Person, type World } from './world';

/** What Kassa says about one customer, and the books, at one moment. */
export interface Picture {
  readonly subscription: Subscription | null;
  /** By feature; only what is granted. */
  readonly access: Readonly<Record<string, FeatureAccess>>;
  /** Newest first. */
  readonly invoices: readonly Invoice[];
  readonly balances: readonly Balance[];
  /** Of the latest renewal that was declined. */
  readonly dunning: DunningCase | null;
  /** Titles of what he was told, newest first. */
  readonly messages: readonly string[];
  /** Newest first; null of a customer. */
  readonly payouts: readonly Payout[] | null;
}

/** Before anything has happened. */
export const BLANK: Picture = {
  ...{ subscription: null, access: {}, invoices: [], balances: [], dunning: null, messages: [], payouts: null },
};

export async function takePicture(world: World, person: Person): Promise<Picture> {
  const api = world.as(person);
  if (isOfFinance(person)) {
    const [payouts, balances] = await Promise.all([api.payouts(), world.balances()]);
    return { ...BLANK, payouts, balances };
  }
  const [subscription, access, invoices, messages, balances] = await Promise.all([
    api.subscription(),
    api.access(),
    api.invoices(),
    api.messages(),
    world.balances(),
  ]);
  const dunning = subscription && (await world.as('operator').dunning(subscription.id));
  const granted = Object.entries(access).filter(([, feature]) => feature.granted);
  return { subscription, access: Object.fromEntries(granted), invoices, balances, dunning, messages, payouts: null };
}

/** Who gets what, and how it stands. */
export function payoutWords({ amount, currency, beneficiary, status }: Payout): string {
  return `${money(amount, currency)} to ${beneficiary.name ?? 'somebody'} ${status}`;
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
  /** What has been done about the renewal that was declined. */
  readonly dunning?: string | null;
  /** Titles of what he was told, newest first. */
  readonly messages?: readonly string[];
  /** Newest first: how much, to whom, status. */
  readonly payouts?: readonly string[];
}

export function observe(picture: Picture): Required<Expected> {
  const { subscription, access, invoices, balances, dunning, messages, payouts } = picture;
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
    dunning: dunning && dunningWords(dunning),
    messages,
    payouts: (payouts ?? []).map(payoutWords),
  };
}

const DEFAULTS = {
  ...{ periodEnd: null, trialEnd: null, graceUntil: null, canceledAt: null, cancelAtPeriodEnd: false },
  dunning: null,
  messages: [],
  payouts: [],
};

export interface Comparison {
  /** How many figures, dates and words were compared. */
  readonly compared: number;
  /** One sentence for each that differs. */
  readonly differences: readonly string[];
}

/** What is not named in `expected` is expected to be null, or false. */
export function compare(expected: Expected, picture: Picture): Comparison {
  const wanted = flatten({ ...DEFAULTS, ...expected });
  const actual = flatten(observe(picture));
  const names = [...new Set([...wanted.keys(), ...actual.keys()])];
  const differences = names
    .filter((name) => wanted.get(name) !== actual.get(name))
    .map((name) => `${name} should be ${wanted.get(name) ?? 'absent'} and is ${actual.get(name) ?? 'absent'}`);
  return { compared: names.length, differences };
}

/** Every single value under the path that leads to it, as JSON: `balances / stripe.clearing USD` -> `2900`. */
function flatten(value: object, path: readonly string[] = []): Map<string, string> {
  const leaves = Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, string][] =>
    typeof inner === 'object' && inner !== null
      ? [...flatten(inner, [...path, key])]
      : [[[...path, key].join(' / '), JSON.stringify(inner)]],
  );
  return new Map(leaves);
}
