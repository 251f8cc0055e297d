import type { Client } from 'pg';
import { CHECK, DENIED, insert, RESTRICT, startGuarded, stateOf, UNIQUE, type Guarded } from '../support/guards';
import type { RowValues } from '../support/rows';

const AT = '2026-01-15T10:00:00Z';
const KEY = '6f2c1f0e-5d5b-4b7e-9f0a-0c8a3f1d2b11';
const OTHER_KEY = '6f2c1f0e-5d5b-4b7e-9f0a-0c8a3f1d2b12';
const APPROVED = { decision: 'approved', status: 'processing', approved_by: 'checker', approved_at: AT };

let guarded: Guarded;
let app: Client;
let admin: Client;

beforeAll(async () => {
  guarded = await startGuarded();
  ({ app, admin } = guarded);
  await insert(app, 'beneficiaries', { id: 'bnf_1' });
  await insert(app, 'beneficiaries', { id: 'bnf_2' });
  await insert(app, 'transfer_owners', { transfer_key: KEY, payout_id: 'po_1' });
  await insert(app, 'transfer_owners', { transfer_key: OTHER_KEY, payout_id: 'po_2' });
});
afterAll(() => guarded.close());

const payout = (client: Client, changes: RowValues = {}): Promise<RowValues> =>
  insert(client, 'payouts', { id: 'po_1', transfer_key: KEY, prepared_by: 'maker', ...changes });

/** What comes of a change to a payout that stands as given, for the service and for a superuser. */
const changed = (stand: RowValues, change: string): Promise<string[]> =>
  Promise.all(
    [app, admin].map((client) =>
      stateOf(client, async () => {
        await payout(client, stand);
        await client.query(`UPDATE payouts SET ${change}`);
      }),
    ),
  );

describe.each(['transfer_owners', 'payout_history'])('%s', (table) => {
  it.each([`UPDATE ${table} SET payout_id = 'po_3'`, `DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`])(
    'is written once: %s',
    async (sql) => {
      const work = async (client: Client): Promise<void> => {
        await payout(client);
        await insert(client, 'payout_history');
        await client.query(sql);
      };
      expect(await stateOf(app, () => work(app))).toBe(DENIED);
      expect(await stateOf(admin, () => work(admin))).toBe(RESTRICT);
    },
  );
});

describe('a payout', () => {
  it.each([
    "beneficiary_id = 'bnf_2'",
    `transfer_key = '${OTHER_KEY}'`,
    "prepared_by = 'somebody'",
    "prepared_at = '2026-01-16'",
    "target_currency = 'GBP'",
    'target_amount = target_amount + 1',
    "source_currency = 'GBP'",
    "reference = 'Invoice 2'",
    "customer_id = 'cus_2'",
    "request_key = 'user:x:y'",
    "id = 'po_9'",
  ])('goes to whom and for what it was prepared: %s', async (change) => {
    expect(await changed({}, change)).toEqual([RESTRICT, RESTRICT]);
  });

  it.each(['source_amount = 200', 'fee = 2', 'rate = 0.92', "quote_ref = 'q_2'"])(
    'costs what was approved, and may be quoted anew only before: %s',
    async (change) => {
      expect(await changed({}, change)).toEqual(['accepted', 'accepted']);
      expect(await changed(APPROVED, change)).toEqual([RESTRICT, RESTRICT]);
    },
  );

  it.each([
    ["approved_by = 'somebody'", APPROVED],
    ['approved_by = NULL, approved_at = NULL', APPROVED],
    ["second_approved_by = 'somebody'", { ...APPROVED, second_approved_by: 'second', second_approved_at: AT }],
    ["transfer_ref = '2'", { ...APPROVED, transfer_ref: '1' }],
    ['transfer_ref = NULL', { ...APPROVED, transfer_ref: '1' }],
    ["decision = 'queued', status = 'queued'", APPROVED],
    ["decision = 'rejected', status = 'rejected', ended_by = 'x'", APPROVED],
    ["decision = 'approved', status = 'processing'", { ...APPROVED, decision: 'refused', status: 'failed' }],
    [
      "decision = 'queued', status = 'queued', ended_by = NULL",
      { decision: 'canceled', status: 'canceled', ended_by: 'maker' },
    ],
  ])('does not go back on what was decided: %s', async (change, stand) => {
    expect(await changed(stand, change)).toEqual([RESTRICT, RESTRICT]);
  });

  it('is approved by somebody else, and a second time by a third one', async () => {
    const second = (by: string): RowValues => ({ ...APPROVED, second_approved_by: by, second_approved_at: AT });
    const stands = [{ ...APPROVED, approved_by: 'maker' }, second('maker'), second('checker'), second('second')];
    const states: string[] = [];
    for (const stand of stands) states.push(await stateOf(admin, () => payout(admin, stand)));
    expect(states).toEqual([CHECK, CHECK, CHECK, 'accepted']);
  });

  it.each<[string, RowValues]>([
    ['key', { id: 'po_9' }],
    ['id', { transfer_key: OTHER_KEY }],
    ['request', { id: 'po_2', transfer_key: OTHER_KEY, request_key: 'same' }],
    ['transfer', { ...APPROVED, id: 'po_2', transfer_key: OTHER_KEY, transfer_ref: 'same' }],
  ])('is the only one of its %s', async (_what, changes) => {
    const work = async (): Promise<void> => {
      await payout(admin, { ...changes, id: 'po_1', transfer_key: KEY });
      await payout(admin, changes);
    };
    expect(await stateOf(admin, work)).toBe(UNIQUE);
  });

  it('is not let go by the service', async () => {
    expect(await stateOf(app, () => app.query('DELETE FROM payouts'))).toBe(DENIED);
    expect(await stateOf(app, () => app.query('DELETE FROM transfers'))).toBe(DENIED);
  });
});
