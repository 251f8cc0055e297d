import fc from 'fast-check';
import { Client } from 'pg';
import type { TimelineEntry } from '../../src/modules/admin/customers/domain/timeline-words';
import { timelineOf, TimelineRepository } from '../../src/modules/admin/customers/timeline.repository';
import { UnitOfWork } from '../../src/platform/database';
import { startBench, type Bench } from '../support/bench';
import { scansOf } from '../support/explain';
import { CATALOG_ROWS, insertOf, ROW_FACTORIES, type RowValues } from '../support/rows';

const DAY = Date.parse('2026-03-01T00:00:00Z');
/** Few moments, so that many things happen at one. */
const moment = (n: number): Date => new Date(DAY + n * 1000);

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  for (const [table, row] of CATALOG_ROWS.filter(([table]) => ['plans', 'prices', 'features'].includes(table))) {
    await insert(table, row);
  }
}, 30_000);
afterAll(() => bench.close());

async function insert(table: string, row: RowValues): Promise<void> {
  const { text, values } = insertOf(table, row);
  await bench.rows(text, values);
}

async function rowOf(table: string, customerId: string, changes: RowValues): Promise<void> {
  const row = ROW_FACTORIES[table];
  if (!row) throw new Error(`No row of ${table}`);
  await insert(table, { ...row({ customerId }), ...changes });
}

let people = 0;
/** Somebody with a subscription and an account at Stripe. */
async function somebody(): Promise<string> {
  const id = `cust_t${++people}`;
  await rowOf('customers', id, {});
  await rowOf('customer_accounts', id, { provider_id: `cus_t${people}` });
  await rowOf('subscriptions', id, { id: `sub_t${people}` });
  return id;
}

const page = (customerId: string, limit: number, last?: TimelineEntry): Promise<TimelineEntry[]> =>
  bench
    .get(UnitOfWork)
    .service((tx) =>
      bench
        .get(TimelineRepository)
        .of(tx, customerId, limit, last === undefined ? undefined : { createdAt: last.at, id: last.key }),
    );

async function pages(customerId: string, limit: number): Promise<TimelineEntry[]> {
  const all: TimelineEntry[] = [];
  for (;;) {
    const next = await page(customerId, limit, all.at(-1));
    all.push(...next);
    if (next.length < limit) return all;
  }
}

/** A posting to the customer's credit and back. */
async function posted(customerId: string, changes: RowValues): Promise<void> {
  const id = `jtx_t${++things}`;
  await bench.rows('BEGIN');
  await rowOf('journal_transactions', customerId, { ...changes, id });
  await bench.rows(
    `INSERT INTO journal_entries (transaction_id, position, account_code, amount, currency)
     VALUES ($1, 0, 'customer.credit', -700, 'USD'), ($1, 1, 'credits.granted', 700, 'USD')`,
    [id],
  );
  await bench.rows('COMMIT');
}

let things = 0;
/** What may happen, and the entries it makes. */
const HAPPENINGS: Record<string, (customerId: string, at: Date, later: Date) => Promise<string[]>> = {
  change: async (customer_id, at) => {
    const id = `chg_t${++things}`;
    await insert('subscription_changes', {
      ...{ id, subscription_id: `sub_${customer_id.slice(5)}`, customer_id, fact_id: 'f', at, position: things },
      ...{ type: 'upgraded', from_plan_id: 'plan_1', to_plan_id: 'plan_1', from_status: null, to_status: 'active' },
      source: 'webhook',
    });
    return ['subscription.upgraded'];
  },
  draft: async (customer_id) => {
    await rowOf('invoices', customer_id, { status: 'draft' });
    return [];
  },
  invoice: async (customer_id, at, later) => {
    await rowOf('invoices', customer_id, { finalized_at: at, first_failed_at: later, paid_at: later });
    return ['invoice.finalized', 'invoice.payment_failed', 'invoice.paid'];
  },
  voided: async (customerId, at) => {
    await posted(customerId, { type: 'invoice.voided', ref_id: 'inv_gone', ts: at });
    return ['invoice.voided'];
  },
  credit: async (customerId, at) => {
    await posted(customerId, { type: 'credit.granted', ref_id: 'cbtxn_1', ts: at });
    return ['credit.granted'];
  },
  refund: async (customerId, at) => {
    await rowOf('refunds', customerId, { created_at: at, status: 'succeeded' });
    return ['refund.succeeded'];
  },
  dispute: async (customerId, at) => {
    await rowOf('disputes', customerId, { created_at: at, status: 'lost' });
    return ['dispute.lost'];
  },
  note: async (customerId, at) => {
    await rowOf('credit_notes', customerId, { created_at: at, status: 'issued' });
    return ['credit_note.issued'];
  },
  payment: async (customerId, at) => {
    await rowOf('payments', customerId, { created_at: at, status: 'failed', decline_code: 'lost_card' });
    return ['payment.failed'];
  },
  ticket: async (customerId, at, later) => {
    await rowOf('payment_support_tickets', customerId, {
      ...{ created_at: at, resolved_at: later, status: 'resolved', resolution: 'manual' },
    });
    return ['ticket.opened', 'ticket.resolved'];
  },
  grant: async (customerId, at, later) => {
    await rowOf('entitlement_grants', customerId, { created_at: at, revoked_at: later });
    return ['grant.given', 'grant.revoked'];
  },
  deed: async (customerId, at) => {
    await rowOf('audit_log', customerId, { at, action: 'subscription.cancel' });
    return ['audit.subscription.cancel'];
  },
  reading: async (customerId, at) => {
    await rowOf('audit_log', customerId, { at, action: 'customer.read' });
    return [];
  },
  failure: async (customerId, at) => {
    const aggregate = `stripe:cus_${customerId.slice(5)}`;
    await rowOf('inbox_events', customerId, { occurred_at: at, aggregate, status: 'failed', handled_at: at });
    return ['event.failed'];
  },
};

const typesOf = (entries: readonly TimelineEntry[]): string[] => entries.map(({ type }) => type).sort();

describe("a customer's timeline", () => {
  it('is complete and in one order, whatever happened and however it is cut into pages', async () => {
    const other = await somebody();
    for (const happen of Object.values(HAPPENINGS)) await happen(other, moment(1), moment(2));
    const step = fc.record({
      what: fc.constantFrom(...Object.keys(HAPPENINGS)),
      at: fc.integer({ min: 0, max: 3 }),
      later: fc.integer({ min: 0, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 12 }), async (steps, limit) => {
        const customerId = await somebody();
        const expected: string[] = [];
        for (const { what, at, later } of steps) {
          expected.push(...(await HAPPENINGS[what]!(customerId, moment(at), moment(later))));
        }
        const whole = await page(customerId, 1000);
        expect(typesOf(whole)).toEqual(expected.sort());
        expect(new Set(whole.map(({ key }) => key)).size).toBe(whole.length);
        expect(whole.map(({ at }) => +at)).toEqual(whole.map(({ at }) => +at).sort((a, b) => b - a));
        expect(await pages(customerId, limit)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('does not shift what is to come when something new happens', async () => {
    const customerId = await somebody();
    for (let n = 0; n < 10; n++) await HAPPENINGS['payment']!(customerId, moment(n), moment(n));
    const whole = await page(customerId, 100);
    const first = await page(customerId, 4);
    await HAPPENINGS['grant']!(customerId, moment(50), moment(51));
    expect([...first, ...(await page(customerId, 100, first.at(-1)))]).toEqual(whole);
  });

  it('tells amounts, and the words of its sentences', async () => {
    const customerId = await somebody();
    await rowOf('invoices', customerId, { amount_paid: 2900, paid_at: moment(1), number: 'NO-1' });
    await HAPPENINGS['credit']!(customerId, moment(0), moment(0));
    expect(await page(customerId, 5)).toMatchObject([
      { type: 'invoice.paid', amount: 2900n, currency: 'USD', source: 'stripe', words: { number: 'NO-1' } },
      { type: 'credit.granted', amount: 700n, currency: 'USD', objectId: 'cbtxn_1' },
    ]);
  });

  it('costs a page, however long a life was', async () => {
    const customer = await somebody();
    const sub = `sub_${customer.slice(5)}`;
    const many = 4_000;
    const series = `FROM generate_series(1, ${many}) n`;
    const at = `timestamptz '2026-01-01Z' + n * interval '1 minute'`;
    for (const sql of [
      `INSERT INTO subscription_changes (id, subscription_id, customer_id, fact_id, at, position, type, to_plan_id, to_status, source)
       SELECT 'chg_l' || n, '${sub}', '${customer}', 'f', ${at}, n, 'recovered', 'plan_1', 'active', 'webhook' ${series}`,
      `INSERT INTO invoices (id, customer_id, provider, provider_id, status, currency, total, tax, amount_due, amount_paid,
         amount_remaining, period_start, period_end, attempt_count, lines, created_at, last_fact_id, fact_count, updated_at,
         finalized_at, paid_at, first_failed_at)
       SELECT 'inv_l' || n, '${customer}', 'stripe', 'in_l' || n, 'paid', 'USD', 1, 0, 1, 1, 0, '2026-01-01Z', '2026-01-01Z',
         0, '[]', '2026-01-01Z', 'f', 1, '2026-01-01Z', ${at}, ${at}, ${at} ${series}`,
      `INSERT INTO payments (id, customer_id, provider, provider_id, amount, currency, status, created_at, last_fact_id, fact_count, updated_at)
       SELECT 'pay_l' || n, '${customer}', 'stripe', 'pi_l' || n, 1, 'USD', 'succeeded', ${at}, 'f', 1, '2026-01-01Z' ${series}`,
      `INSERT INTO payment_support_tickets (id, type, priority, status, cause_key, summary, details, customer_id, created_at, updated_at, resolved_at, resolution)
       SELECT 'tkt_l' || n, 'other', 'low', 'resolved', 'c' || n, '', '{}', '${customer}', ${at}, ${at}, ${at}, 'manual' ${series}`,
      `INSERT INTO entitlement_grants (id, customer_id, feature_id, source, source_id, period_start, created_at, updated_at, revoked_at)
       SELECT 'grant_l' || n, '${customer}', 'feat_1', 'manual', 'm' || n, ${at}, ${at}, ${at}, ${at} ${series}`,
      `INSERT INTO audit_log (id, at, actor_type, action, object_type, object_id, customer_id)
       SELECT 'aud_l' || n, ${at}, 'user', CASE n % 2 WHEN 0 THEN 'customer.read' ELSE 'x' END, 'x', 'x', '${customer}' ${series}`,
      `INSERT INTO inbox_events (id, provider, event_id, type, livemode, occurred_at, received_at, raw_body, headers, status, handled_at, aggregate)
       SELECT 'evt_l' || n, 'stripe', 'evt_l' || n, 'x', false, ${at}, ${at}, '{}', '{}', 'failed', ${at}, 'stripe:cus_${customer.slice(5)}' ${series}`,
    ]) {
      await bench.rows(sql);
    }
    const owner = new Client({ connectionString: bench.database.ownerUrl });
    await owner.connect();
    await owner.query('ANALYZE');
    await owner.end();
    for (const after of [undefined, { createdAt: new Date('2026-01-02T00:00:00Z'), id: 'inv_l1440:paid' }]) {
      for (const { table, index, rows } of await scansOf(bench, timelineOf(customer, 21, after))) {
        expect({ table, index, many: rows > 100 }).toEqual({ table, index, many: false });
      }
    }
  }, 30_000);
});
