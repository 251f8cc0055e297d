import { setTimeout as delay } from 'node:timers/promises';
import { count, money } from './format';
import type { Promised } from './promise';
import type { World } from './world';

const JUNE = { provider: 'wise', from: '2027-06-01T00:00:00Z', to: '2027-07-01T00:00:00Z' };
const POLL_MS = 50;
const TIMEOUT_MS = 15_000;

interface Run {
  readonly id: string;
  readonly status: string;
  readonly counts: { readonly providerLines: number; readonly bookLines: number; readonly breaks: number } | null;
}

/** As finance asks for it at the end of a month. */
async function reconcileJune(world: World): Promise<Run> {
  const finance = world.as('erin');
  const headers = { 'idempotency-key': 'june-with-wise' };
  const { id } = await finance.call<Run>('/reconciliation/runs', { json: JUNE, headers });
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const run = await finance.call<Run>(`/reconciliation/runs/${id}`);
    if (run.counts !== null || run.status === 'failed' || Date.now() > deadline) return run;
    await delay(POLL_MS);
  }
}

export const PROMISES_OF_WISE: readonly Promised[] = [
  {
    text: 'wise.clearing is what Wise holds for us',
    check: async (world) => {
      const balances = await world.balances();
      const ours = balances
        .filter(({ account }) => account === 'wise.clearing' || account === 'payouts.wise.reserved')
        .reduce((sum, { amount }) => sum + amount, 0);
      const fees = balances.find(({ account }) => account === 'fees.wise')?.amount ?? 0;
      const { balances: held } = await world.stripe.control<{ balances: { amount: number; currency: string }[] }>(
        'GET',
        'wise/book',
      );
      const theirs = held.find(({ currency }) => currency === 'USD')?.amount ?? 0;
      return {
        seen: `${money(ours, 'USD')} after ${money(fees, 'USD')} of fees`,
        wrong: ours === theirs ? [] : [`Wise holds ${money(theirs, 'USD')}`],
      };
    },
  },
  {
    text: "June in Wise's statement is June in the books",
    check: async (world) => {
      const { status, counts } = await reconcileJune(world);
      const { providerLines, bookLines, breaks } = counts ?? { providerLines: 0, bookLines: 0, breaks: 0 };
      return {
        seen: `${count(providerLines, 'line')} there, ${bookLines} here, ${count(breaks, 'difference')}`,
        wrong: [
          ...(status === 'finished' ? [] : [`the comparison is ${status}`]),
          ...(providerLines > 0 && providerLines === bookLines && breaks === 0 ? [] : ['they should be the same']),
        ],
      };
    },
  },
  {
    text: 'nobody approved what he prepared',
    check: async ({ database }) => {
      const paid = await database.rows<{ id: string; alone: boolean }>(
        `SELECT id, approved_by IS NULL OR approved_by = prepared_by OR second_approved_by IN (prepared_by, approved_by) AS alone
         FROM payouts WHERE decision = 'approved'`,
      );
      return {
        seen: `${count(paid.length, 'payout')}, each by two people or three`,
        wrong: [
          ...(paid.length === 0 ? ['there is nothing to look at'] : []),
          ...paid.filter(({ alone }) => alone).map(({ id }) => `${id} was approved by whoever prepared it`),
        ],
      };
    },
  },
];
