import { ReconciliationFlow } from '../../src/modules/reconciliation';
import { Books } from './books';
import type { House } from './house';
import { until } from './until';

/** A run as the API shows it. */
export interface ReconciledRun {
  id: string;
  counts: { providerLines: number; bookLines: number; foreign: number; breaks: number; unresolved: number };
  totals: { currency: string; provider: object; books: object }[];
}

/** Has a window compared with the provider's own account, to the end of it, and what that asks for read. */
export async function reconcile(
  house: House,
  provider: 'apple' | 'google' | 'stripe' | 'wise',
  from: Date,
  to: Date,
): Promise<ReconciledRun> {
  const books = new Books(house);
  const range = { from: from.toISOString(), to: to.toISOString() };
  const begun = await books.call('POST', '/reconciliation/runs', { provider, ...range });
  expect(begun).toMatchObject({ status: 202 });
  const id = begun.body['id'] as string;
  const show = async (): Promise<Readonly<Record<string, unknown>>> =>
    (await books.call('GET', `/reconciliation/runs/${id}`)).body;
  await until('the run has ended', async () => {
    await house.app.app.get(ReconciliationFlow, { strict: false }).work(id);
    return (await show())['status'] !== 'running';
  });
  await house.settle();
  const run = await show();
  expect(run).toMatchObject({ status: 'finished', error: null });
  return run as unknown as ReconciledRun;
}
