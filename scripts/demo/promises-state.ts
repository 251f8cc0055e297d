import { centsOf, type AppleTransaction, type PlaySubscription } from './actions-stores';
import { count, money } from './format';
import type { Invoice, Subscription } from './kassa-api';
import type { Promised } from './promise';
import type { StripeInvoice, StripeSubscription } from './stripe-side';
import { PEOPLE, type World } from './world';

const iso = (seconds: number | null): string | null =>
  seconds === null ? null : new Date(seconds * 1000).toISOString();

async function subscriptionDifferences(world: World, ours: Subscription): Promise<string[]> {
  const theirs = await world.stripe.api<StripeSubscription>(`/subscriptions/${ours.providerId}`);
  const item = theirs.items.data[0];
  const pairs: [string, unknown, unknown][] = [
    ['status', ours.status, theirs.status],
    ['period end', ours.currentPeriodEnd, iso(item?.current_period_end ?? null)],
    ['cancelAtPeriodEnd', ours.cancelAtPeriodEnd, theirs.cancel_at_period_end],
    ['canceledAt', ours.canceledAt, iso(theirs.canceled_at)],
    ['amount', ours.amount, (item?.price.unit_amount ?? 0) * (item?.quantity ?? 1)],
  ];
  return pairs
    .filter(([, mine, stripes]) => mine !== stripes)
    .map(([name, mine, stripes]) => `${ours.providerId} ${name}: ${String(mine)}, at Stripe ${String(stripes)}`);
}

async function invoiceDifferences(world: World, ours: Invoice): Promise<string[]> {
  const theirs = await world.stripe.api<StripeInvoice>(`/invoices/${ours.providerId}`);
  const text = (status: string, due: number, paid: number): string => `${status}, due ${due}, paid ${paid}`;
  const [mine, stripes] = [
    text(ours.status, ours.amountDue, ours.amountPaid),
    text(theirs.status, theirs.amount_due, theirs.amount_paid),
  ];
  return mine === stripes ? [] : [`${ours.providerId}: ${mine}, at Stripe ${stripes}`];
}

interface PlayOrder {
  /** Thousandths. */
  readonly total: number;
  readonly state: string;
}

/** What Kassa has and what the store says, each in a few words. */
function storeDifference(what: string, ours: readonly unknown[], theirs: readonly unknown[]): string[] {
  const [mine, stores] = [ours.map(String).join(', '), theirs.map(String).join(', ')];
  return mine === stores ? [] : [`${what}: ${mine}, at the store ${stores}`];
}

async function appStoreDifferences(world: World, sold: number): Promise<string[]> {
  const ours = await world.as('carol').subscription();
  const { data } = await world.stripe.control<{ data: AppleTransaction[] }>('GET', 'apple/transactions');
  const kept = data.filter(({ revocationDate }) => revocationDate === undefined);
  const last = data.at(-1);
  const ended = last?.revocationDate ?? null;
  return [
    ...storeDifference(
      'the App Store, subscription',
      [ours?.providerId, ours?.currentPeriodEnd, ours?.canceledAt],
      [last?.originalTransactionId, iso((last?.expiresDate ?? 0) / 1000), iso(ended === null ? null : ended / 1000)],
    ),
    ...storeDifference('the App Store, cents sold', [sold], [kept.reduce((sum, { price }) => sum + centsOf(price), 0)]),
  ];
}

async function playDifferences(world: World, sold: number): Promise<string[]> {
  const ours = await world.as('dan').subscription();
  const { data } = await world.stripe.control<{ data: PlaySubscription[] }>('GET', 'google/subscriptions');
  const orders = await world.stripe.control<{ data: PlayOrder[] }>('GET', 'google/orders');
  const [theirs] = data;
  const kept = orders.data.filter(({ state }) => state === 'PROCESSED');
  return [
    ...storeDifference(
      'Google Play, subscription',
      [ours?.providerId, ours?.currentPeriodEnd, ours?.amount, ours?.status],
      [theirs?.token, iso((theirs?.periodEnd ?? 0) / 1000), centsOf(theirs?.price ?? 0), theirs?.state.toLowerCase()],
    ),
    ...storeDifference('Google Play, cents sold', [sold], [kept.reduce((sum, { total }) => sum + centsOf(total), 0)]),
  ];
}

/** Rows of Ada's that a customer must not see. */
const TABLES = ['customers', 'subscriptions', 'invoices', 'payments', 'entitlement_grants'];

export const PROMISES_OF_STATE: readonly Promised[] = [
  {
    text: 'Kassa and Stripe agree to the cent and second',
    check: async (world) => {
      const subscriptions: Subscription[] = [];
      const invoices: Invoice[] = [];
      for (const person of ['ada', 'bob'] as const) {
        const subscription = await world.as(person).subscription();
        if (subscription) subscriptions.push(subscription);
        invoices.push(...(await world.as(person).invoices()));
      }
      const wrong = [
        ...(await Promise.all(subscriptions.map((ours) => subscriptionDifferences(world, ours)))),
        ...(await Promise.all(invoices.map((ours) => invoiceDifferences(world, ours)))),
      ].flat();
      return { seen: `${count(subscriptions.length, 'subscription')}, ${count(invoices.length, 'invoice')}`, wrong };
    },
  },
  {
    text: 'Kassa and both stores agree, the books too',
    check: async (world) => {
      const balances = await world.balances();
      // What the store will pay, and its share.
      const soldIn = (store: string): number =>
        balances
          .filter(({ account }) => account === `${store}.clearing` || account === `fees.${store}`)
          .reduce((sum, { amount }) => sum + amount, 0);
      const [apple, google] = [soldIn('apple'), soldIn('google')];
      return {
        seen: `${money(apple, 'USD')} at Apple, ${money(google, 'USD')} at Google`,
        wrong: [...(await appStoreDifferences(world, apple)), ...(await playDifferences(world, google))],
      };
    },
  },
  {
    text: "Bob sees nothing of Ada's, even with SQL",
    check: async ({ database }) => {
      const [ada] = await database.rows<{ id: string }>(`SELECT id FROM customers WHERE user_id = 'ada'`);
      const wrong: string[] = [];
      let own = 0;
      for (const table of TABLES) {
        const owner = table === 'customers' ? 'id' : 'customer_id';
        const seen = await database.rowsAsUser<{ owner: string }>(
          PEOPLE.bob.userId,
          `SELECT ${owner} AS owner FROM ${table}`,
        );
        own += seen.length;
        if (seen.some(({ owner: id }) => id === ada?.id)) wrong.push(`${table} shows him rows of hers`);
      }
      if (ada === undefined || own === 0) wrong.push('there is nothing to compare');
      return { seen: `${count(own, 'row')} of his own, 0 of hers`, wrong };
    },
  },
];
