import { invoiceFinalized, invoicePaid, LedgerService, type JournalDraft } from '../../src/modules/ledger';
import { LedgerInvariants } from '../../src/modules/reconciliation';
import { SETTLING_MS } from '../../src/modules/reconciliation/invariants/domain/violation';
import { UnitOfWork } from '../../src/platform/database';
import { startBench, type Bench } from '../support/bench';
import { insertOf, ROW_FACTORIES, type RowValues } from '../support/rows';

let bench: Bench;

const insert = async (table: string, changes: RowValues): Promise<void> => {
  const { text, values } = insertOf(table, ROW_FACTORIES[table]?.({ customerId: 'cust_1' }) ?? {}, changes);
  await bench.rows(text, values);
};
const post = (...drafts: (JournalDraft | null)[]): Promise<void> =>
  bench.get(UnitOfWork).service((tx) =>
    bench.get(LedgerService).post(
      tx,
      drafts.flatMap((draft) => draft ?? []),
    ),
  );
const ref = (id: string) => ({
  ...{ provider: 'stripe' as const, providerRef: `in_${id}`, invoiceId: `inv_${id}`, customerId: 'cust_1' },
  ...{ currency: 'USD' as const, occurredAt: new Date('2026-01-15T10:00:00Z') },
});
const finalized = (id: string): JournalDraft | null =>
  invoiceFinalized({ ...ref(id), total: 2_900n, tax: 0n, amountDue: 2_900n, startingBalance: 0n, endingBalance: 0n });
const paid = (id: string): JournalDraft | null =>
  invoicePaid({ ...ref(id), amountPaid: 2_900n, amountPaidOutOfBand: 0n });
const invoice = (id: string, status: string, amountPaid: number): Promise<void> =>
  insert('invoices', {
    ...{ id: `inv_${id}`, provider_id: `in_${id}`, status, total: 2_900, amount_due: 2_900 },
    ...{ amount_paid: amountPaid, amount_remaining: status === 'open' ? 2_900 - amountPaid : 0 },
  });

const openAlerts = (): Promise<{ cause: string }[]> =>
  bench.rows("SELECT cause_key AS cause FROM alerts WHERE kind LIKE 'ledger.%' AND resolved_at IS NULL ORDER BY 1");
const run = async (): Promise<string[]> => {
  await bench.get(LedgerInvariants).run();
  return (await openAlerts()).map(({ cause }) => cause.replace('ledger.invariant:', ''));
};
/** As if the last pass had been so long ago. */
const later = (ms: number): Promise<unknown> =>
  bench.rows(
    `UPDATE sweep_cursors SET position = (SELECT jsonb_set(position::jsonb, '{seen}', COALESCE(
       (SELECT jsonb_object_agg(key, to_timestamp(extract(epoch FROM value::timestamptz) - $1::float8 / 1000)) FROM jsonb_each_text(position::jsonb -> 'seen')),
       '{}'))::text) WHERE name = 'ledger-invariants'`,
    [ms],
  );

beforeAll(async () => {
  bench = await startBench();
  await bench.get(LedgerService).ensureAccounts();
  await insert('customers', { id: 'cust_1' });
});
afterAll(() => bench.close());

describe('what the books promise at any moment', () => {
  it('holds of sound books', async () => {
    await invoice('open', 'open', 0);
    await invoice('partly', 'open', 1_000);
    await invoice('paid', 'paid', 2_900);
    await post(finalized('open'), finalized('partly'), finalized('paid'), paid('paid'));
    expect(await run()).toEqual([]);
    expect(await bench.get(LedgerInvariants).runAll()).toEqual([]);
  });

  it('is an alarm at once where an invoice is paid and its payment is not booked, until it is', async () => {
    await invoice('lost', 'paid', 2_900);
    await post(finalized('lost'));
    expect(await run()).toEqual(['paid_once:inv_lost']);
    expect(await run()).toEqual(['paid_once:inv_lost']);
    await post(paid('lost'));
    expect(await run()).toEqual([]);
  });

  it('is an alarm where receivables are not what is open, once that has lasted', async () => {
    await post(finalized('stranger'));
    expect(await run()).toEqual([]);
    await later(SETTLING_MS / 2);
    expect(await run()).toEqual([]);
    await later(SETTLING_MS / 2);
    expect(await run()).toEqual(['receivable:USD']);
    expect(await bench.get(LedgerInvariants).look()).toMatchObject([{ invariant: 'receivable', subject: 'USD' }]);
    await invoice('stranger', 'open', 0);
    expect(await run()).toEqual([]);
  });

  it('is looked at by one process at a time', async () => {
    const passes = await Promise.all(Array.from({ length: 5 }, () => bench.get(LedgerInvariants).run()));
    expect(passes.filter((found) => found !== null).length).toBeGreaterThan(0);
    expect(await openAlerts()).toEqual([]);
  });
});
