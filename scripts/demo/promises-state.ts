import { count } from './format';
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
