import type { Client } from 'pg';
import { DENIED, insert, RESTRICT, startGuarded, stateOf, UNIQUE, type Guarded } from '../support/guards';
import { CATALOG_ROWS, insertOf, type RowValues } from '../support/rows';

let guarded: Guarded;
let app: Client;
let admin: Client;

beforeAll(async () => {
  guarded = await startGuarded();
  ({ app, admin } = guarded);
});
afterAll(() => guarded.close());

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
