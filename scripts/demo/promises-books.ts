import { money } from './format';
import type { Promised } from './promise';
import type { World } from './world';

async function balanceOf(world: World, wanted: string): Promise<number> {
  return (await world.balances()).find(({ account }) => account === wanted)?.amount ?? 0;
}

export const PROMISES_OF_BOOKS: readonly Promised[] = [
  {
    text: 'the books sum to zero, each transaction too',
    check: async ({ database }) => {
      const sums = await database.rows<{ currency: string; sum: string }>(
        'SELECT currency, sum(amount)::text AS sum FROM journal_entries GROUP BY 1 ORDER BY currency DESC',
      );
      const [all] = await database.rows<{ n: number }>(
        'SELECT count(DISTINCT transaction_id)::int AS n FROM journal_entries',
      );
      const askew = await database.rows<{ id: string }>(
        `SELECT transaction_id AS id FROM journal_entries GROUP BY transaction_id, currency HAVING sum(amount) <> 0`,
      );
      return {
        seen: `${sums.map(({ currency, sum }) => money(Number(sum), currency)).join(', ')} over ${all?.n ?? 0} transactions`,
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
    text: 'stripe.clearing is what Stripe holds for us',
    check: async (world) => {
      const amount = await balanceOf(world, 'stripe.clearing');
      const { data } = await world.stripe.api<{ data: { net: number; fee: number }[] }>(
        '/balance_transactions?limit=100',
      );
      const [net, fees] = [data.map((line) => line.net), data.map((line) => line.fee)].map((amounts) =>
        amounts.reduce((sum, part) => sum + part, 0),
      );
      const booked = await balanceOf(world, 'fees.stripe');
      return {
        seen: `${money(amount, 'USD')} after ${money(booked, 'USD')} of fees`,
        wrong: [
          ...(amount === net ? [] : [`Stripe holds ${money(net ?? 0, 'USD')}`]),
          ...(booked === fees ? [] : [`Stripe has kept ${money(fees ?? 0, 'USD')}`]),
        ],
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
