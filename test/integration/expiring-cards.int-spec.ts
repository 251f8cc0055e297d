import { Client } from 'pg';
import { CardExpiryNoticesRepository } from '../../src/modules/billing/payment-methods/card-expiry-notices.repository';
import { ExpiringCards } from '../../src/modules/billing/payment-methods/expiring-cards.service';
import { ClockOffsetService } from '../../src/platform/clock';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { startBench, type Bench } from '../support/bench';
import { CATALOG_ROWS, insertOf, ROW_FACTORIES, type RowValues } from '../support/rows';
import { testServers, withDatabase } from '../support/services';

const DENIED = '42501';
const RESTRICT = '23001';
/** Mid-month: cards of June are due, those of July are not. */
const NOW = new Date('2026-06-15T12:00:00Z');
const JUNE = { year: 2026, month: 6 };

let bench: Bench;
/** Another process on the same database. */
let other: Bench;
let people = 0;

beforeAll(async () => {
  bench = await startBench();
  other = await startBench({}, bench.database);
  for (const one of [bench, other]) {
    await one.get(ClockOffsetService).move(Math.round((NOW.getTime() - Date.now()) / 1000));
  }
  for (const [table, row] of CATALOG_ROWS) {
    if (table === 'plans' || table === 'prices')
      await bench.rows(insertOf(table, row).text, insertOf(table, row).values);
  }
}, 60_000);
afterAll(async () => {
  await other.close();
  await bench.close();
});

async function add(table: string, customerId: string, changes: RowValues): Promise<void> {
  const { text, values } = insertOf(table, ROW_FACTORIES[table]?.({ customerId }) ?? {}, changes);
  await bench.rows(text, values);
}

interface Person {
  /** Of his one card. */
  card?: RowValues;
  subscription?: RowValues | null;
  /** What he is charged to by default: it, or another; null where nobody has told. */
  account?: 'it' | RowValues | null;
  more?: RowValues;
}

/** Somebody whose one card is good to the end of June, and is what his subscription is charged to. @returns the card. */
async function person({ card, subscription, account = null, more }: Person = {}): Promise<string> {
  people += 1;
  const customerId = `cust_${String(people)}`;
  const id = `pm_${String(people).padStart(5, '0')}`;
  await add('customers', customerId, {});
  await add('payment_methods', customerId, { id, provider_id: `ref_${id}`, exp_year: 2026, exp_month: 6, ...card });
  if (more) await add('payment_methods', customerId, more);
  const standard = account === 'it' ? { provider_method_id: refOf(id) } : account;
  if (standard) await add('provider_customers', customerId, standard);
  if (subscription !== null) {
    await add('subscriptions', customerId, { provider_method_id: `ref_${id}`, ...subscription });
  }
  return id;
}
const refOf = (id: string): string => `ref_${id}`;
const sweep = (of: Bench = bench): Promise<number> => of.get(ExpiringCards).sweep();
const told = async (id: string): Promise<number> => {
  const events = await bench.rows(
    "SELECT FROM outbox_events WHERE type = 'payment_method.expiring' AND object_id = $1",
    [id],
  );
  const notices = await bench.rows('SELECT FROM card_expiry_notices WHERE payment_method_id = $1', [id]);
  expect(events).toHaveLength(notices.length);
  return notices.length;
};
const renewed = (id: string, expYear: number): Promise<unknown> =>
  bench.rows('UPDATE payment_methods SET exp_year = $2 WHERE id = $1', [id, expYear]);

describe('who is told that a card expires', () => {
  const elsewhere = { provider_method_id: 'ref_elsewhere' };
  const unnamed = { provider_method_id: null };

  it.each<[string, Person, number]>([
    ['whose subscription is charged to it', {}, 1],
    ['who is on trial', { subscription: { status: 'trialing' } }, 1],
    ['who is behind', { subscription: { status: 'past_due' } }, 1],
    ['who has not paid for the first time', { subscription: { status: 'incomplete' } }, 0],
    ['who has paused', { subscription: { status: 'paused' } }, 0],
    ['whose subscription is over', { subscription: { status: 'canceled' } }, 0],
    ['who leaves at the end of the period', { subscription: { cancel_at_period_end: true } }, 0],
    ['who leaves on a day of this period', { subscription: { cancel_at: '2026-01-01T00:00:00Z' } }, 0],
    ['who leaves after another renewal', { subscription: { cancel_at: '2026-09-01T00:00:00Z' } }, 1],
    ['who has bought nothing', { subscription: null }, 0],
    ['whose subscription is of a store', { subscription: { provider: 'apple', ...unnamed } }, 0],
    ['whose subscription is charged to another', { subscription: elsewhere }, 0],
    [
      'whose subscription is charged to another, though it is his default',
      { subscription: elsewhere, account: 'it' },
      0,
    ],
    ['who is charged to another by default', { subscription: unnamed, account: elsewhere }, 0],
    ['who is charged to it by default', { subscription: unnamed, account: 'it', more: {} }, 1],
    ['who has no other', { subscription: unnamed }, 1],
    ['who has no other, and no default', { subscription: unnamed, account: unnamed }, 1],
    ['who has another', { subscription: unnamed, more: {} }, 0],
    ['who had another', { subscription: unnamed, more: { status: 'detached' } }, 1],
    ['whose card is good for a month more', { card: { exp_month: 7 } }, 0],
    ['whose card has expired', { card: { exp_month: 5 } }, 0],
    ['whose card is detached', { card: { status: 'detached' } }, 0],
    ['who pays from an account', { card: { type: 'us_bank_account', exp_year: null, exp_month: null } }, 0],
  ])('%s', async (_who, him, times) => {
    const id = await person(him);
    await sweep();
    expect(await told(id)).toBe(times);
  });
});

describe('a notice', () => {
  it('is given once, by however many processes at once, over however many pages', async () => {
    const cards = [];
    for (let n = 0; n < 450; n += 1) cards.push(await person());
    await Promise.all([sweep(), sweep(other), sweep(), sweep(other)]);
    // Who did not get the turn leaves the rest to the next pass.
    await sweep();
    await Promise.all([sweep(), sweep(other)]);
    const rows = await bench.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM outbox_events WHERE type = 'payment_method.expiring' AND object_id = ANY ($1) GROUP BY object_id`,
      [cards],
    );
    expect(rows.map(({ n }) => n)).toEqual(cards.map(() => 1));
  }, 60_000);

  it('is given by two who look at the same page at once only once', async () => {
    const id = await person();
    const page = { after: '', limit: 1_000, at: NOW };
    const take = (of: Bench) => (tx: Tx) =>
      of.get(CardExpiryNoticesRepository).takeNext(tx, { first: JUNE, last: JUNE }, page);
    const both = await Promise.all([bench, other].map((one) => one.get(UnitOfWork).service(take(one))));
    expect(both.flatMap(({ told: cards }) => cards).filter((card) => card.id === id)).toHaveLength(1);
  });

  it('whose process dies before the commit is given by the next one, with its event', async () => {
    const id = await person();
    const crash = new Error('killed');
    const dying = bench.get(UnitOfWork).service(async (tx) => {
      const page = { after: '', limit: 1_000, at: NOW };
      const { told: cards } = await bench
        .get(CardExpiryNoticesRepository)
        .takeNext(tx, { first: JUNE, last: JUNE }, page);
      expect(cards.map((card) => card.id)).toContain(id);
      throw crash;
    });
    await expect(dying).rejects.toBe(crash);
    expect(await told(id)).toBe(0);
    await sweep(other);
    expect(await told(id)).toBe(1);
  });

  it('is given again for a new date, and not for one that comes back', async () => {
    const id = await person();
    await sweep();
    await renewed(id, 2030);
    await sweep();
    expect(await told(id)).toBe(1);
    await renewed(id, 2026);
    await sweep();
    expect(await told(id)).toBe(1);
    await bench.rows('UPDATE payment_methods SET exp_month = 7 WHERE id = $1', [id]);
    await bench.get(ClockOffsetService).move(Math.round((Date.parse('2026-07-15T00:00:00Z') - Date.now()) / 1000));
    await sweep();
    expect(await told(id)).toBe(2);
  });

  it.each([
    "UPDATE card_expiry_notices SET at = 'now'",
    'DELETE FROM card_expiry_notices',
    'TRUNCATE card_expiry_notices',
  ])('is never taken back: %s', async (change) => {
    await expect(bench.rows(change)).rejects.toMatchObject({ code: DENIED });
    const name = new URL(bench.database.appUrl).pathname.slice(1);
    const admin = new Client({ connectionString: withDatabase(testServers().adminUrl, name) });
    await admin.connect();
    try {
      await expect(admin.query(change)).rejects.toMatchObject({ code: RESTRICT });
    } finally {
      await admin.end();
    }
  });
});
