import { ReconciliationFlow } from '../../src/modules/reconciliation';
import { Buyers } from '../support/buyers';
import { seedOf, times, within } from '../support/deep';
import { startHouse, type House } from '../support/house';
import { fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { dice } from '../support/shuffle';
import { asUser } from '../support/tokens';
import { until } from '../support/until';

const START = new Date('2026-01-15T10:00:00Z');
/** All that the deep run has; a few in every other. */
const CUSTOMERS = Math.min(200, times(4));
const MONTHS = times(3) > 12 ? 12 : 3;
const REFUNDED = 0.08;
const DISPUTED = 0.05;

interface Side {
  lines: number;
  net: number;
}

describe('a year of customers', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: { ROLE: 'all' } });
  }, 60_000);
  afterAll(() => house.close());

  const next = dice(seedOf());
  const call = (path: string, body: unknown): Promise<Answer> =>
    fetchAnswer(`${house.app.url}/v1${path}`, jsonPost(body, asUser('fin', 'finance')));
  const newestPayment = async (user: string): Promise<{ id: string; providerId: string; amount: number }> => {
    const { body } = await house.as(user, 'GET', '/billing/payments?limit=1');
    return (body['data'] as { id: string; providerId: string; amount: number }[])[0]!;
  };
  /** What may happen to a customer's last payment in a month. */
  const live = async (user: string): Promise<void> => {
    const luck = next();
    if (luck >= REFUNDED + DISPUTED) return;
    const payment = await newestPayment(user);
    if (luck < REFUNDED) {
      const amount = next() < 0.5 ? {} : { amount: Math.max(1, Math.floor(payment.amount * next())) };
      // What was refunded or disputed before may not be refunded again: then nothing happens.
      await call('/billing/refunds', { paymentId: payment.id, reason: 'requested_by_customer', ...amount });
      return;
    }
    const disputed = await fetch(`${house.box.sandbox.url}/sandbox/disputes`, {
      ...jsonPost({ paymentIntent: payment.providerId }, {}),
    });
    if (!disputed.ok) return;
    const { id } = (await disputed.json()) as { id: string };
    for (const status of ['won', 'lost', 'won'].slice(0, Math.floor(next() * 4))) {
      await house.box.control('POST', `disputes/${id}`, { status });
    }
  };

  it(
    'with refunds, disputes and payouts reconciles without a break',
    async () => {
      await house.box.control('PUT', 'settings', { payouts: 'daily' });
      const buyers = new Buyers(house);
      const users = Array.from({ length: CUSTOMERS }, (_, i) => `year-${i}`);
      for (const user of users) await buyers.subscribe(user);
      let now = START;
      for (let month = 1; month <= MONTHS; month += 1) {
        for (const user of users) await live(user);
        const [payout] = (await house.box.stripe.payouts.list({ limit: 1, status: 'paid' })).data;
        if (payout && next() < 0.3) await house.box.control('POST', `payouts/${payout.id}/fail`, {});
        now = new Date(Date.UTC(2026, month, 15, 10));
        // With hundreds of renewals at once the house's own patience ends before they do.
        const isSettled = (work: Promise<void>) =>
          work.then(
            () => true,
            () => false,
          );
        if (await isSettled(house.advance(now))) continue;
        await until('the month is settled', () => isSettled(house.settle()), within(10_000));
      }
      const window = {
        provider: 'stripe',
        from: START.toISOString(),
        to: new Date(now.getTime() - 1_000).toISOString(),
      };
      const { body: begun } = await call('/reconciliation/runs', window);
      const id = begun['id'] as string;
      const flow = house.app.app.get(ReconciliationFlow, { strict: false });
      await until('the run has ended', async () => {
        await flow.work(id);
        const [run] = await house.rows<{ status: string }>('SELECT status FROM reconciliation_runs WHERE id = $1', [
          id,
        ]);
        return run?.status !== 'running';
      });
      const breaks = await house.rows('SELECT type, key, expected, actual FROM reconciliation_breaks');
      expect(breaks).toEqual([]);
      const [run] = await house.rows<{
        status: string;
        counts: { providerLines: number; bookLines: number };
        totals: { provider: Side; books: Side }[];
      }>('SELECT status, counts, totals FROM reconciliation_runs WHERE id = $1', [id]);
      expect(run).toMatchObject({ status: 'finished', counts: { bookLines: run!.counts.providerLines } });
      expect(run!.counts.providerLines).toBeGreaterThan(CUSTOMERS * MONTHS);
      for (const { provider, books } of run!.totals) expect(books).toEqual(provider);
    },
    within(120_000),
  );
});
