import { count, money } from './format';
import type { Promised } from './promise';
import type { StripeInvoice } from './stripe-side';
import type { World } from './world';

/** Everything Stripe has, over its own API. */
async function stripeInvoices(world: World): Promise<readonly StripeInvoice[]> {
  return (await world.stripe.api<{ data: StripeInvoice[] }>('/invoices?limit=100')).data;
}

async function balanceOf(world: World, wanted: string): Promise<number> {
  return (await world.balances()).find(({ account }) => account === wanted)?.amount ?? 0;
}

export const PROMISES_OF_BOOKS: readonly Promised[] = [
  {
    text: 'the books sum to zero, each transaction too',
    check: async ({ database }) => {
      const sums = await database.rows<{ currency: string; sum: string; n: number }>(
        'SELECT currency, sum(amount)::text AS sum, count(DISTINCT transaction_id)::int AS n FROM journal_entries GROUP BY 1',
      );
      const askew = await database.rows<{ id: string }>(
        `SELECT transaction_id AS id FROM journal_entries GROUP BY transaction_id, currency HAVING sum(amount) <> 0`,
      );
      return {
        seen: sums.map(({ currency, sum, n }) => `${money(Number(sum), currency)} over ${n} transactions`).join(', '),
        wrong: [
          ...sums.filter(({ sum }) => sum !== '0').map(({ currency, sum }) => `${currency} sums to ${sum}`),
          ...(sums.length === 0 ? ['the books are empty'] : []),
          ...askew.map(({ id }) => `transaction ${id} does not sum to zero`),
        ],
      };
    },
  },
  {
    text: 'nobody owes anything: customer.receivable',
    check: async (world) => {
      const amount = await balanceOf(world, 'customer.receivable');
      return { seen: money(amount, 'USD'), wrong: amount === 0 ? [] : ['it should be $0.00'] };
    },
  },
  {
    text: 'stripe.clearing is what Stripe collected',
    check: async (world) => {
      const [amount, invoices] = [await balanceOf(world, 'stripe.clearing'), await stripeInvoices(world)];
      const paid = invoices.reduce((sum, invoice) => sum + invoice.amount_paid, 0);
      return {
        seen: `${money(amount, 'USD')} from ${count(invoices.length, 'invoice')}`,
        wrong: amount === paid ? [] : [`Stripe collected ${money(paid, 'USD')}`],
      };
    },
  },
  {
    text: 'customer.credit is what Stripe keeps for them',
    check: async (world) => {
      const amount = await balanceOf(world, 'customer.credit');
      const { data } = await world.stripe.api<{ data: { balance: number }[] }>('/customers?limit=100');
      const kept = data.reduce((sum, { balance }) => sum + balance, 0);
      return {
        seen: money(amount, 'USD'),
        wrong: amount === kept ? [] : [`Stripe keeps ${money(kept, 'USD')}`],
      };
    },
  },
];
