import { createSecretKey, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { FraudDecisionsRepository, type NewDecision } from '../../src/modules/billing/fraud/fraud-decisions.repository';
import { FraudObserver } from '../../src/modules/billing/fraud/fraud-observer.service';
import {
  countQuery,
  FraudSignalsRepository,
  usualQuery,
  type Subject,
} from '../../src/modules/billing/fraud/fraud-signals.repository';
import type { AttemptFacts } from '../../src/modules/billing/fraud/domain/observations';
import { pseudonym, pseudonymKey } from '../../src/modules/billing/fraud/domain/pseudonym';
import { lookback, type FraudRule } from '../../src/modules/billing/fraud/domain/rule';
import type { Signal } from '../../src/modules/billing/fraud/domain/signals';
import { TrialFingerprintsRepository } from '../../src/modules/billing/fraud/trial-fingerprints.repository';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { startBench, type Bench } from '../support/bench';
import { scansOf } from '../support/explain';
import { insertOf, ROW_FACTORIES, type RowValues } from '../support/rows';

const NOW = new Date('2026-03-01T12:00:00Z');
const HOUR = 3_600;
const KEY = pseudonymKey(createSecretKey(randomBytes(32)));
const hash = (kind: 'address' | 'card', value: string): string => pseudonym(KEY, kind, value);
const ago = (seconds: number, ms = 0): Date => new Date(NOW.getTime() - seconds * 1000 + ms);

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

const inTx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => bench.get(UnitOfWork).service(work);

async function insert(table: string, changes: RowValues): Promise<void> {
  const customerId = String(changes['customer_id'] ?? changes['id']);
  const { text, values } = insertOf(table, ROW_FACTORIES[table]?.({ customerId }) ?? {}, changes);
  await bench.rows(text, values);
}

async function customer(name: string): Promise<string> {
  await insert('customers', { id: `cus_${name}`, user_id: name });
  await insert('customer_accounts', { customer_id: `cus_${name}`, provider_id: `cus_at_stripe_${name}` });
  return `cus_${name}`;
}

/** A decline that only the provider tells. */
const declinedInBrowser = (name: string, at: Date, payload: object = {}): Promise<void> =>
  insert('facts', {
    kind: 'payment.failed',
    object_type: 'payment',
    aggregate: `stripe:cus_at_stripe_${name}`,
    occurred_at: at,
    payload: JSON.stringify({ amount: 100, currency: 'USD', method: null, ...payload }),
  });

const decisionOf = (customerId: string, more: Partial<NewDecision> = {}): NewDecision => ({
  ...{ dedupeKey: randomBytes(8).toString('hex'), at: ago(300), customerId, action: 'subscription.create' },
  ...{ outcome: 'allow', degraded: false, reasons: [], requestId: null, amount: null, currency: null },
  ...{ ipHash: null, cardHash: null, ...more },
});
const record = (customerId: string, more: Partial<NewDecision> = {}): Promise<{ id: string }> =>
  inTx((tx) => bench.get(FraudDecisionsRepository).record(tx, decisionOf(customerId, more)));
async function attempted(
  customerId: string,
  declineCode: string | null,
  more: Partial<NewDecision> = {},
): Promise<void> {
  const { id } = await record(customerId, more);
  const outcome = declineCode === null ? 'succeeded' : 'failed';
  await inTx((tx) => bench.get(FraudDecisionsRepository).settle(tx, id, { outcome, declineCode }));
}

const ruleOf = (signal: Signal, more: Partial<FraudRule> = {}): FraudRule => ({
  ...{ key: 'k', description: 'd', signal, windowSeconds: HOUR, threshold: 1, currency: null, maxAmount: null },
  ...{ outcome: 'review', active: true, priority: 1 },
  ...more,
});
const subjectOf = (customerId: string, more: Partial<Subject> = {}): Subject => ({
  ...{ customerId, addressHashes: [], cardHashes: [] },
  ...more,
});
async function observed(rule: FraudRule, subject: Subject, facts: Partial<AttemptFacts> = {}): Promise<unknown> {
  const all = { amount: null, currency: null, cardCountry: null, billingCountry: null, requestCountry: null, ...facts };
  const seen = await inTx((tx) => bench.get(FraudObserver).observe(tx, [rule], { subject, facts: all, at: NOW }));
  return seen.get(rule.key);
}

describe('what counts', () => {
  it("is a customer's declines within the window, to the millisecond, whoever told them", async () => {
    const id = await customer('edge');
    await declinedInBrowser('edge', ago(HOUR));
    await declinedInBrowser('edge', ago(HOUR, 1));
    await declinedInBrowser('edge', ago(1));
    await insert('facts', { kind: 'setup.failed', aggregate: 'stripe:cus_at_stripe_edge', occurred_at: ago(1) });
    await insert('facts', { kind: 'payment.succeeded', aggregate: 'stripe:cus_at_stripe_edge', occurred_at: ago(1) });
    await declinedInBrowser('somebody-else', ago(1));
    expect(await observed(ruleOf('failures_of_customer'), subjectOf(id))).toBe(3);
    expect(await observed(ruleOf('failures_of_customer', { windowSeconds: HOUR + 1 }), subjectOf(id))).toBe(4);
  });

  it('counts a decline of our own call once, though the provider tells it too', async () => {
    const id = await customer('twice');
    for (let i = 1; i <= 3; i++) {
      await attempted(id, 'lost_card', { at: ago(i) });
      await declinedInBrowser('twice', ago(i));
    }
    await declinedInBrowser('twice', ago(9));
    expect(await observed(ruleOf('failures_of_customer'), subjectOf(id))).toBe(4);
  });

  it('counts an attempt nobody knows the end of as a decline, and neither a success nor a failure of ours', async () => {
    const id = await customer('crashed');
    await attempted(id, null);
    const { id: refused } = await record(id);
    const settle = (declineCode: string | null, outcome: 'failed' | 'succeeded'): Promise<void> =>
      inTx((tx) => bench.get(FraudDecisionsRepository).settle(tx, refused, { outcome, declineCode }));
    const count = (): Promise<unknown> => observed(ruleOf('failures_of_customer'), subjectOf(id));
    // Under way, and not lost yet.
    for (let i = 0; i < 20; i++) await record(id, { at: ago(120) });
    expect(await count()).toBe(1);
    await settle(null, 'failed');
    expect(await count()).toBe(0);
    // The request was repeated, and the bank declined.
    await settle('lost_card', 'failed');
    expect(await count()).toBe(1);
    await settle(null, 'succeeded');
    expect(await count()).toBe(1);
  });

  it('counts nothing of an attempt that was blocked', async () => {
    const id = await customer('blocked');
    const reasons = [{ rule: 'k', outcome: 'block' as const, observed: 1, threshold: 1 }];
    await record(id, { outcome: 'block', reasons });
    expect(await bench.rows('SELECT FROM payment_attempts WHERE customer_id = $1', [id])).toEqual([]);
    expect(await observed(ruleOf('failures_of_customer'), subjectOf(id))).toBe(0);
  });

  it('counts a card and an address over all customers, under every key in use', async () => {
    const a = await customer('a');
    const b = await customer('b');
    const [card, former, address] = [hash('card', 'fp1'), hash('card', 'fp1 before'), hash('address', '203.0.113.1')];
    await attempted(a, 'lost_card', { cardHash: card, ipHash: address });
    await attempted(b, 'lost_card', { cardHash: former, ipHash: address });
    await declinedInBrowser('b', ago(1));
    await declinedInBrowser('b', ago(2));
    await declinedInBrowser('a', ago(3));
    const both = subjectOf(a, { cardHashes: [card, former], addressHashes: [address] });
    expect(await observed(ruleOf('failures_of_card'), both)).toBe(2);
    expect(await observed(ruleOf('failures_of_card'), subjectOf(a, { cardHashes: [card] }))).toBe(1);
    expect(await observed(ruleOf('failures_of_ip'), both)).toBe(3);
    expect(await observed(ruleOf('failures_of_card'), subjectOf(a))).toBeNull();
    expect(await observed(ruleOf('failures_of_ip'), subjectOf(a))).toBeNull();
  });

  it('counts different cards, this one included and none twice', async () => {
    const id = await customer('collector');
    const cards = ['fp1', 'fp2', 'fp2', 'fp3'].map((fp) => hash('card', fp));
    const address = hash('address', '203.0.113.9');
    for (const cardHash of cards) await attempted(id, null, { cardHash, ipHash: address });
    const counts = async (fp: string): Promise<unknown[]> => {
      const subject = subjectOf(id, { cardHashes: [hash('card', fp)], addressHashes: [address] });
      return [await observed(ruleOf('cards_of_customer'), subject), await observed(ruleOf('cards_of_ip'), subject)];
    };
    expect(await counts('fp3')).toEqual([3, 3]);
    expect(await counts('fp4')).toEqual([4, 4]);
    for (const last4 of ['0001', '0002', '0002', '0003', '0004', '0005']) {
      await declinedInBrowser('collector', ago(1), { method: { type: 'card', brand: 'visa', last4 } });
    }
    expect(await observed(ruleOf('cards_of_customer'), subjectOf(id))).toBe(5);
  });

  it('counts small declines of a currency over the whole house, for those who might be part of it', async () => {
    const rule = ruleOf('small_failures_of_house', { windowSeconds: 120, currency: 'CHF', maxAmount: 500 });
    const subject = subjectOf(await customer('buyer'));
    const before = Number(await observed(rule, subject));
    for (const amount of [1, 500, 501])
      await declinedInBrowser(`anybody-${amount}`, ago(60), { amount, currency: 'CHF' });
    await declinedInBrowser('anybody', ago(60), { amount: 1, currency: 'EUR' });
    await declinedInBrowser('anybody', ago(120), { amount: 1, currency: 'CHF' });
    expect(await observed(rule, subject)).toBe(before + 2);
    await insert('facts', { kind: 'setup.failed', aggregate: 'stripe:cus_anybody', occurred_at: ago(60) });
    expect(await observed(rule, subject, { amount: 500n, currency: 'CHF' })).toBe(before + 3);
    expect(await observed(rule, subject, { amount: 501n, currency: 'CHF' })).toBeNull();
  });

  it('counts setups, and refunds that were not in vain', async () => {
    const id = await customer('saver');
    await attempted(id, null, { action: 'payment_method.setup' });
    await attempted(id, null);
    expect(await observed(ruleOf('setups_of_customer'), subjectOf(id))).toBe(1);
    for (const status of ['pending', 'succeeded', 'failed', 'canceled']) {
      await insert('refunds', { customer_id: id, status, created_at: ago(5) });
    }
    expect(await observed(ruleOf('refunds_of_customer'), subjectOf(id))).toBe(2);
  });

  it('knows what is usual by the median, and nothing before there is something', async () => {
    const id = await customer('usual');
    const pay = (amount: number): Promise<void> =>
      insert('payments', { customer_id: id, amount, currency: 'SEK', status: 'succeeded', created_at: ago(5) });
    const times = (): Promise<unknown> =>
      observed(ruleOf('amount_vs_customer'), subjectOf(id), { amount: 10_000n, currency: 'SEK' });
    for (const amount of [1000, 1000, 1000, 90_000]) await pay(amount);
    expect(await times()).toBeNull();
    await pay(90_000);
    expect(await times()).toBe(10);
    expect(await observed(ruleOf('amount_vs_house'), subjectOf(id), { amount: 1n, currency: 'SEK' })).toBeNull();
    for (let i = 0; i < 15; i++) await pay(2000);
    expect(await observed(ruleOf('amount_vs_house'), subjectOf(id), { amount: 6000n, currency: 'SEK' })).toBe(3);
  });
});

describe('the trial of a card', () => {
  it('stays with whom it was given to, also when the keys are rotated', async () => {
    const a = await customer('trial-a');
    const b = await customer('trial-b');
    const [former, newest] = [hash('card', 'before'), hash('card', 'after')];
    const claim = (all: string[], who: string): Promise<string> =>
      inTx((tx) => bench.get(TrialFingerprintsRepository).claim(tx, { newest: all[0] ?? '', all }, who, NOW));
    expect(await claim([former], a)).toBe(a);
    expect(await claim([newest, former], b)).toBe(a);
    expect(await claim([newest, former], a)).toBe(a);
  });

  it('is one for twenty accounts at once', async () => {
    const racers: string[] = [];
    for (let i = 0; i < 20; i++) racers.push(await customer(`race-${i}`));
    const card = hash('card', 'race');
    const owners = await Promise.all(
      racers.map((id) =>
        inTx((tx) => bench.get(TrialFingerprintsRepository).claim(tx, { newest: card, all: [card] }, id, NOW)),
      ),
    );
    expect(new Set(owners).size).toBe(1);
  });
});

describe('counting', () => {
  beforeAll(async () => {
    await customer('busy');
    await bench.rows(
      `INSERT INTO facts (id, provider, kind, object_type, object_id, aggregate, occurred_at, source_id, payload, recorded_at)
       SELECT 'fact_' || n, 'stripe', CASE WHEN n % 10 = 0 THEN 'payment.failed' ELSE 'invoice.changed' END, 'payment', 'pi_' || n,
         CASE WHEN n % 50 = 0 THEN 'stripe:cus_at_stripe_busy' ELSE 'stripe:cus_' || n % 500 END,
         $1::timestamptz - make_interval(secs => n), 'evt_' || n, '{"amount": 1, "currency": "USD"}', now()
       FROM generate_series(1, 20000) AS n`,
      [NOW],
    );
    await bench.rows(
      `WITH d AS (
         INSERT INTO fraud_decisions (id, dedupe_key, at, customer_id, action, outcome, degraded, reasons, ip_hash, card_hash)
         SELECT 'frd_' || n, 'k' || n, $1::timestamptz - make_interval(secs => n), CASE WHEN n % 100 = 0 THEN 'cus_busy' ELSE 'cus_edge' END,
           'subscription.create', 'allow', false, '[]', $2, $3 FROM generate_series(1, 20000) AS n
         RETURNING *)
       INSERT INTO payment_attempts (id, decision_id, customer_id, action, at, outcome, ip_hash, card_hash)
       SELECT 'pat_' || id, id, customer_id, action, at, 'pending', ip_hash, card_hash FROM d`,
      [NOW, hash('address', 'busy'), hash('card', 'busy')],
    );
    await bench.rows(
      `INSERT INTO payments (id, customer_id, provider, provider_id, amount, currency, status, created_at, last_fact_id, fact_count, updated_at)
       SELECT 'pay_' || n, CASE WHEN n % 100 = 0 THEN 'cus_busy' ELSE 'cus_edge' END, 'stripe', 'pi_' || n, n, 'USD', 'succeeded',
         $1::timestamptz - make_interval(mins => n), 'f', 1, now() FROM generate_series(1, 20000) AS n`,
      [NOW],
    );
    await insert('refunds', { customer_id: 'cus_busy', created_at: ago(1) });
    const admin = new Client({ connectionString: bench.database.ownerUrl });
    await admin.connect();
    await admin.query('ANALYZE facts, payment_attempts, payments, refunds, customer_accounts');
    await admin.end();
  }, 30_000);

  const subject = subjectOf('cus_busy', {
    addressHashes: [hash('address', 'busy')],
    cardHashes: [hash('card', 'busy')],
  });
  it.each<Signal>([
    'failures_of_customer',
    'failures_of_card',
    'failures_of_ip',
    'cards_of_customer',
    'cards_of_ip',
    'setups_of_customer',
    'small_failures_of_house',
    'refunds_of_customer',
  ])('%s reads its window by an index, and not the table', async (signal) => {
    const rule = ruleOf(signal, { currency: 'USD', maxAmount: 500 });
    const query = countQuery(rule, subject, lookback(NOW, 300));
    const scans = await scansOf(bench, query!);
    const large = scans.filter(({ table }) => ['facts', 'payment_attempts', 'payments'].includes(table));
    expect(large.filter(({ node }) => node === 'Seq Scan')).toEqual([]);
    expect(Math.max(0, ...large.map(({ rows }) => rows))).toBeLessThanOrEqual(400);
  });

  it.each([['cus_busy'], [null]])('what is usual for %s is read by an index', async (customerId) => {
    const scans = await scansOf(bench, usualQuery(customerId, 'USD', ago(30 * 86_400)));
    expect(scans.filter(({ node }) => node === 'Seq Scan')).toEqual([]);
    expect(Math.max(...scans.map(({ rows }) => rows))).toBeLessThanOrEqual(1_500);
  });

  it('of one rule cannot hold the till up for long', async () => {
    const repository = bench.get(FraudSignalsRepository);
    await expect(
      inTx(async (tx) => {
        await repository.limitTime(tx, 1);
        await tx.$queryRaw`SELECT count(*) FROM facts a, facts b`;
      }),
    ).rejects.toMatchObject({ code: 'P2010' });
  });
});
