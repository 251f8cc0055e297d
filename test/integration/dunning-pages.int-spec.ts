import { DunningJob, type DunningRun } from '../../src/modules/retry';
import { startBench, type Bench } from '../support/bench';
import { CATALOG_ROWS, insertOf, ROW_FACTORIES } from '../support/rows';
import { unique } from '../support/row-values';
import { mostRowsAtOnce } from '../support/rows-held';

const PAST_DUE = 120;
const PAGE = 20;
const HOUR_MS = 3_600_000;

let bench: Bench;

async function insert(table: string, changes: Record<string, unknown>): Promise<void> {
  const row = ROW_FACTORIES[table]?.({ customerId: 'cust_0' }) ?? {};
  const { text, values } = insertOf(table, row, changes);
  await bench.rows(text, values);
}

/** A subscription whose renewal was declined an hour ago, and which nobody has told of. */
async function pastDue(n: number): Promise<void> {
  const failedAt = new Date(Date.now() - HOUR_MS);
  const [customer, subscription] = [`cust_${n}`, `sub_at_stripe_${n}`];
  await insert('customers', { id: customer, user_id: `user-${n}` });
  await insert('subscriptions', { customer_id: customer, provider_id: subscription, status: 'past_due' });
  await insert('invoices', {
    ...{ customer_id: customer, provider_subscription_id: subscription, billing_reason: 'subscription_cycle' },
    ...{ first_failed_at: failedAt, created_at: failedAt, attempt_count: 1 },
  });
}

const count = async (sql: string): Promise<number> =>
  (await bench.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`))[0]?.n ?? -1;

beforeAll(async () => {
  // Stripe collects: what is looked at here is how many cases are in hand, and needs no provider.
  bench = await startBench({ RETRY_OWNER: 'stripe' });
  for (const [table, row] of CATALOG_ROWS) {
    const { text, values } = insertOf(table, row);
    await bench.rows(`${text} ON CONFLICT DO NOTHING`, values);
  }
  for (let n = 1; n <= PAST_DUE; n += 1) await pastDue(n);
}, 60_000);
afterAll(() => bench.close());

describe('the dunning job over more past-due subscriptions than fit a page', () => {
  it('has a page of them in hand, goes on where it was killed, and says how far it is', async () => {
    const reports: DunningRun[] = [];
    let killed = 0;
    const most = await mostRowsAtOnce(async () => {
      const job = bench.get(DunningJob);
      const dies = (run: DunningRun): void => {
        if (run.opened >= PAST_DUE / 2) throw new Error('killed');
      };
      await expect(job.run(dies, PAGE)).rejects.toThrow('killed');
      killed = await count('dunning_cases');
      await expect(
        job.run((run) => {
          if (run.cases >= PAST_DUE / 2) throw new Error('killed again');
        }, PAGE),
      ).rejects.toThrow('killed again');
      await job.run((run) => reports.push(run), PAGE);
    });
    expect(killed).toBe(Math.ceil(PAST_DUE / 2 / PAGE) * PAGE);
    expect(most).toBe(PAGE);
    expect(reports.length).toBeGreaterThanOrEqual(PAST_DUE / 2 / PAGE - 1);
    expect(await count('dunning_cases WHERE status = $$open$$')).toBe(PAST_DUE);
    for (const told of ['dunning.case_opened', 'dunning.reminder_due'])
      expect(await count(`outbox_events WHERE type = '${told}'`)).toBe(PAST_DUE);
    expect(await count('dunning_reminders')).toBe(PAST_DUE);
    expect(await bench.get(DunningJob).run()).toMatchObject({ opened: 0, cases: 0, reminders: 0 });
  });

  it('and of the attempts that are due, each once', async () => {
    const cases = await bench.rows<Record<'id' | 'invoice_id' | 'customer_id', string>>(
      'SELECT id, invoice_id, customer_id FROM dunning_cases',
    );
    for (const { id, invoice_id, customer_id } of cases)
      await insert('payment_recovery_attempts', { case_id: id, invoice_id, customer_id, request_key: unique('key') });
    const reports: number[] = [];
    let run: DunningRun | undefined;
    const most = await mostRowsAtOnce(async () => {
      run = await bench.get(DunningJob).run(({ attempts }) => reports.push(attempts), PAGE);
    });
    expect(most).toBe(PAGE);
    // Stripe collects them: nothing is charged, and each is settled so.
    expect(run).toMatchObject({ opened: 0, attempts: PAST_DUE, cases: PAST_DUE });
    expect(new Set(reports)).toContain(PAGE);
    const settled = `payment_recovery_attempts WHERE status = 'skipped' AND last_error_type = 'watching'`;
    expect(await count(settled)).toBe(PAST_DUE);
  });
});
