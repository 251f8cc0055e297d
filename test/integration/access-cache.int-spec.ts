import { EntitlementsService } from '../../src/modules/entitlements';
import { BusinessClock } from '../../src/platform/clock';
import { UnitOfWork, UserQuery } from '../../src/platform/database';
import { Outbox, OutboxRelay } from '../../src/platform/outbox';
import { Metrics } from '../../src/platform/metrics';
import { startBench, type Bench } from '../support/bench';
import { CATALOG_ROWS, insertOf, ROW_FACTORIES, type RowValues } from '../support/rows';

let bench: Bench;
let service: EntitlementsService;

const FUTURE = '2099-01-01T00:00:00Z';

async function insert(table: string, row: RowValues, changes: RowValues = {}): Promise<void> {
  const { text, values } = insertOf(table, row, changes);
  await bench.rows(text, values);
}

async function customer(name: string, grant: RowValues = { until: FUTURE, limit: 3 }): Promise<string> {
  const context = { customerId: `cust_${name}` };
  await insert('customers', ROW_FACTORIES['customers']?.(context) ?? {}, { user_id: name });
  await insert('entitlement_grants', ROW_FACTORIES['entitlement_grants']?.(context) ?? {}, grant);
  return context.customerId;
}

/** As a unit of work that changes grants tells it. */
async function tell(customerId: string): Promise<void> {
  const event = {
    type: 'entitlements.updated',
    objectType: 'subscription',
    objectId: 'sub_1',
    customerId,
    payload: {},
  };
  await bench.get(UnitOfWork).service((tx) => bench.get(Outbox).append(tx, [{ ...event, occurredAt: new Date() }]));
  await bench.get(OutboxRelay).drain();
}

const revoke = (customerId: string): Promise<unknown> =>
  bench.rows(`UPDATE entitlement_grants SET revoked_at = now() WHERE customer_id = $1`, [customerId]);

async function reads(outcome: string): Promise<number> {
  const { body } = await bench.get(Metrics).render();
  const line = new RegExp(`^kassa_cache_reads_total\\{kind="access",outcome="${outcome}"\\} (\\d+)$`, 'm').exec(body);
  return Number(line?.[1] ?? 0);
}

const isAllowed = async (userId: string): Promise<boolean> => (await service.check(userId, 'seats')).access.granted;

beforeAll(async () => {
  bench = await startBench();
  service = bench.get(EntitlementsService);
  for (const [table, row] of CATALOG_ROWS) {
    // The migration brings the house's own accounts.
    if (table !== 'ledger_accounts') await insert(table, row);
  }
});

afterAll(async () => {
  await bench.close();
});

describe('cached access', () => {
  it('is read once, and anew when the outbox has told of a change', async () => {
    const id = await customer('ada');
    await expect(isAllowed('ada')).resolves.toBe(true);
    const hits = await reads('hit');
    await expect(service.check('ada', 'seats')).resolves.toMatchObject({ access: { limit: 3n }, reason: 'granted' });
    await expect(reads('hit')).resolves.toBe(hits + 1);
    await revoke(id);
    await expect(isAllowed('ada')).resolves.toBe(true);
    await tell(id);
    await expect(service.check('ada', 'seats')).resolves.toMatchObject({ reason: 'revoked' });
  });

  it('follows the first purchase of somebody who was known to have nothing', async () => {
    await expect(service.check('new', 'seats')).resolves.toMatchObject({ reason: 'never_granted' });
    await tell(await customer('new'));
    await expect(isAllowed('new')).resolves.toBe(true);
  });

  it('ends with the grant by the business clock, wherever that is moved', async () => {
    await customer('bob', { until: new Date(Date.now() + 3_600_000).toISOString() });
    await expect(isAllowed('bob')).resolves.toBe(true);
    const clock = bench.get(BusinessClock);
    const hits = await reads('hit');
    clock.setOffset(3_601);
    await expect(service.check('bob', 'seats')).resolves.toMatchObject({ reason: 'expired' });
    clock.setOffset(0);
    await expect(isAllowed('bob')).resolves.toBe(true);
    await expect(reads('hit')).resolves.toBe(hits + 2);
  });

  it('is not kept beyond the next end of a grant', async () => {
    await customer('eve', { until: new Date(Date.now() - 1).toISOString() });
    await expect(service.check('eve', 'seats')).resolves.toMatchObject({ reason: 'expired' });
    const clock = bench.get(BusinessClock);
    // A clock set back shows what was over again, from the same entry.
    clock.setOffset(-60);
    await expect(isAllowed('eve')).resolves.toBe(true);
    clock.setOffset(0);
  });

  it('knows a feature that came into the catalog after it was cached, and none that is not there', async () => {
    await customer('dan');
    await isAllowed('dan');
    await insert('features', {
      id: 'feat_2',
      key: 'late',
      name: 'Late',
      type: 'boolean',
      position: 2,
      created_at: FUTURE,
    });
    await expect(service.check('dan', 'late')).resolves.toMatchObject({ reason: 'never_granted' });
    for (const key of ['nothing', 'constructor']) {
      await expect(service.check('dan', key)).rejects.toMatchObject({ code: 'FEATURE_NOT_FOUND' });
    }
  });
});

describe('a query as one user', () => {
  it('sees the rows of this user only, whatever it asks for, and leaves the connection as it was', async () => {
    const query = bench.get(UserQuery);
    const seen = await query.run<{ user_id: string }>('ada', 'SELECT user_id FROM customers');
    expect(seen).toEqual([{ user_id: 'ada' }]);
    await expect(query.run('ada', 'SELECT 1 FROM outbox_events')).rejects.toMatchObject({ code: '42501' });
    for (const name of [`o'brien`, `\\'; SELECT 1; --`, `' || current_user || '`]) {
      const [row] = await query.run<{ id: string }>(name, `SELECT current_setting('app.user_id') AS id`);
      expect(row?.id).toBe(name);
    }
    const roles = await Promise.all(
      Array.from({ length: 10 }, () =>
        bench.get(UnitOfWork).service(
          (tx) => tx.$queryRaw<{ role: string; id: string }[]>`
          SELECT current_user AS role, current_setting('app.user_id', true) AS id`,
        ),
      ),
    );
    for (const [row] of roles) {
      expect(row?.role).toBe('kassa_service');
      expect(row?.id ?? '').toBe('');
    }
  });
});
