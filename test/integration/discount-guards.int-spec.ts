import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { CATALOG_ROWS, insertOf, ROW_FACTORIES, type RowValues } from '../support/rows';
import { testServers, withDatabase } from '../support/services';

const RESTRICT = '23001';
const UNIQUE = '23505';
const DENIED = '42501';

let database: TestDatabase;
/** The service, as the application connects. */
let app: Client;
/** A superuser: past every grant and every policy, so that only triggers and checks stand in the way. */
let admin: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  app = new Client({ connectionString: database.appUrl, options: '-c role=kassa_service' });
  const name = new URL(database.appUrl).pathname.slice(1);
  admin = new Client({ connectionString: withDatabase(testServers().adminUrl, name) });
  for (const client of [app, admin]) await client.connect();
  for (const [table, row] of CATALOG_ROWS) await app.query(insertOf(table, row));
  await insert(app, 'customers', { id: 'cus_1' });
});
afterAll(async () => {
  await app.end();
  await admin.end();
  await database.drop();
});

async function insert(client: Client, table: string, changes: RowValues = {}): Promise<RowValues> {
  const row = { ...ROW_FACTORIES[table]?.({ customerId: 'cus_1' }), ...changes };
  await client.query(insertOf(table, row));
  return row;
}

/** SQLSTATE of the refusal, or 'accepted'. Leaves nothing behind. */
async function stateOf(client: Client, work: () => Promise<unknown>): Promise<string> {
  await client.query('BEGIN');
  try {
    await work();
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await client.query('ROLLBACK');
  }
}

describe('a discount', () => {
  it.each([
    "id = 'x'",
    "code = 'X'",
    'percent_off = 50',
    "percent_off = NULL, amount_off = 5, currency = 'USD'",
    "duration = 'forever'",
    "duration = 'repeating', duration_months = 3",
    'first_time_only = true',
  ])('gives what it gives for good: %s', async (change) => {
    for (const client of [app, admin]) {
      expect(await stateOf(client, () => client.query(`UPDATE discounts SET ${change}`))).toBe(RESTRICT);
    }
  });

  it('may be had longer, oftener or no more', async () => {
    const change = "UPDATE discounts SET active = false, expires_at = now(), max_redemptions = 1, name = 'X'";
    expect(await stateOf(app, () => app.query(change))).toBe('accepted');
  });

  it.each(["UPDATE discount_plans SET plan_id = 'x'", 'DELETE FROM discount_plans', 'TRUNCATE discount_plans'])(
    'is for what it is for: %s',
    async (change) => {
      expect(await stateOf(app, () => app.query(change))).toBe(DENIED);
      expect(await stateOf(admin, () => admin.query(change))).toBe(RESTRICT);
    },
  );

  it.each(['discounts', 'discount_redemptions'])('is kept, and so is who had it: %s', async (table) => {
    expect(await stateOf(app, () => app.query(`DELETE FROM ${table}`))).toBe(DENIED);
  });

  it('has a code of its own', async () => {
    const [, row] = CATALOG_ROWS.find(([table]) => table === 'discounts') ?? [];
    expect(await stateOf(app, () => app.query(insertOf('discounts', row ?? {}, { id: 'disc_2' })))).toBe(UNIQUE);
  });
});

describe('a redemption', () => {
  const redeem = async (intentId: unknown, changes: RowValues = {}): Promise<void> => {
    await insert(app, 'discount_redemptions', { ...changes, intent_id: intentId });
  };

  it('is one per purchase', async () => {
    const work = async (): Promise<void> => {
      const { id } = await insert(app, 'provider_intents');
      for (let n = 0; n < 2; n++) await redeem(id, { state: 'released', settled_at: 'now' });
    };
    expect(await stateOf(app, work)).toBe(UNIQUE);
  });

  it.each([
    ['once at a time', {}, UNIQUE],
    ['again when the former is over', { state: 'released', settled_at: 'now' }, 'accepted'],
  ])('is held by a customer %s', async (_what, former, state) => {
    const work = async (): Promise<void> => {
      await redeem((await insert(app, 'provider_intents'))['id'], former);
      await redeem((await insert(app, 'provider_intents'))['id']);
    };
    expect(await stateOf(app, work)).toBe(state);
  });
});
