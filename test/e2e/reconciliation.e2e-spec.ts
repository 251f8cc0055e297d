import type Stripe from 'stripe';
import { ReconciliationFlow } from '../../src/modules/reconciliation';
import { ReconciliationBreaksConsumer } from '../../src/modules/support/reconciliation-breaks.consumer';
import type { StoredDomainEvent } from '../../src/platform/outbox';
import { newId } from '../../src/shared/ids';
import { Books } from '../support/books';
import { Buyers } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer } from '../support/http-client';
import { asUser, TEST_AUTH } from '../support/tokens';
import { until } from '../support/until';
import { booksHold } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const OPERATOR = asUser('op', 'support');

interface Side {
  lines: number;
  gross: number;
  fee: number;
  net: number;
}
interface RunBody {
  id: string;
  status: string;
  counts: { providerLines: number; bookLines: number; foreign: number; breaks: number; unresolved: number };
  totals: { day: string; currency: string; provider: Side; books: Side }[];
}
interface BreakBody {
  id: string;
  type: string;
  status: string;
  movement: string;
  providerId: string | null;
  objectId: string | null;
  difference: number | null;
  expected: object[] | null;
  actual: object | null;
}

describe('reconciliation', () => {
  let house: House;
  let buyers: Buyers;
  let books: Books;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: { ROLE: 'all' } });
    buyers = new Buyers(house);
    books = new Books(house);
  }, 60_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  /** Kassa's clock is moved by whole seconds, and may be a little behind. */
  const past = () => new Date(moved.getTime() - 1_000);
  const later = async (ms: number) => {
    moved = new Date(moved.getTime() + ms);
    await house.advance(moved);
  };
  const flow = () => house.app.app.get(ReconciliationFlow, { strict: false });
  const begin = async (from = START, to = past()): Promise<RunBody> => {
    const window = { provider: 'stripe', from: from.toISOString(), to: to.toISOString() };
    const begun = await books.call('POST', '/reconciliation/runs', window);
    expect(begun).toMatchObject({ status: 202, body: { status: 'running', counts: null } });
    return begun.body as unknown as RunBody;
  };
  const end = async ({ id }: RunBody): Promise<RunBody> => {
    // The sweeper may have been quicker.
    await until('the run has ended', async () => {
      await flow().work(id);
      return (await books.call('GET', `/reconciliation/runs/${id}`)).body['status'] !== 'running';
    });
    await house.settle();
    const { body } = await books.call('GET', `/reconciliation/runs/${id}`);
    expect(body).toMatchObject({ status: 'finished', error: null });
    return body as unknown as RunBody;
  };
  const reconcile = async (from = START, to = past()): Promise<RunBody> => end(await begin(from, to));
  const breaksOf = async ({ id }: RunBody): Promise<BreakBody[]> => {
    const { body } = await books.call('GET', `/reconciliation/runs/${id}/breaks?limit=100`);
    return body['data'] as BreakBody[];
  };
  const transactions = async (): Promise<Stripe.BalanceTransaction[]> =>
    (await house.box.stripe.balanceTransactions.list({ limit: 100 })).data;
  const ticketsOf = (found: BreakBody) =>
    house.rows<{ id: string; type: string; status: string; priority: string; resolution: string | null }>(
      `SELECT id, type, status, priority, resolution FROM payment_support_tickets WHERE details ->> 'breakId' = $1
       ORDER BY created_at`,
      [found.id],
    );
  const notesOn = async (found: BreakBody): Promise<(string | null)[]> => {
    const rows = await house.rows<{ text: string | null }>(
      `SELECT n.text FROM support_ticket_notes n JOIN payment_support_tickets t ON t.id = n.ticket_id
       WHERE t.details ->> 'breakId' = $1 ORDER BY n.at, n.id`,
      [found.id],
    );
    return rows.map(({ text }) => text);
  };
  /** What the outbox has told of the break, told anew under ids of its own. */
  const tellAgain = async (found: BreakBody, types: readonly string[]): Promise<void> => {
    for (const type of types) {
      const [told] = await house.rows<StoredDomainEvent>(
        `SELECT type, object_type AS "objectType", object_id AS "objectId", customer_id AS "customerId", payload,
           occurred_at AS "occurredAt", recorded_at AS "recordedAt" FROM outbox_events WHERE type = $1 AND object_id = $2 LIMIT 1`,
        [type, found.id],
      );
      const consumer = house.app.app.get(ReconciliationBreaksConsumer, { strict: false });
      await consumer.handle({ ...told!, id: newId('out', Date.now()) });
    }
  };
  const paymentOf = async (user: string): Promise<{ id: string; providerId: string }> => {
    const { body } = await house.as(user, 'GET', '/billing/payments');
    return (body['data'] as { id: string; providerId: string }[])[0]!;
  };
  /** The one break that a fault comes to, found once however often it is looked for. */
  const foundOnce = async (type: string): Promise<BreakBody> => {
    const first = await breaksOf(await reconcile());
    const [found, ...others] = first.filter(({ status }) => status !== 'ignored');
    expect(others).toEqual([]);
    expect(found).toMatchObject({ type });
    const again = (await breaksOf(await reconcile())).filter(({ id }) => id === found!.id);
    expect(again).toHaveLength(1);
    return found!;
  };
  /** So that the next test finds its own only. */
  const ignore = async ({ id }: BreakBody): Promise<void> => {
    const answer = await books.call('POST', `/reconciliation/breaks/${id}/ignore`, { reason: 'Injected by a test' });
    expect(answer).toMatchObject({ status: 200, body: { status: 'ignored', ignoredReason: 'Injected by a test' } });
  };

  it('a month with refunds, disputes and payouts has no break, and totals that agree', async () => {
    await house.box.control('PUT', 'settings', { payouts: 'daily' });
    for (const user of ['ann', 'bob', 'cid', 'dan']) await buyers.subscribe(user);
    await books.call('POST', '/billing/refunds', { paymentId: (await paymentOf('ann')).id, reason: 'duplicate' });
    const { id } = await house.box.control<{ id: string }>('POST', 'disputes', {
      paymentIntent: (await paymentOf('bob')).providerId,
    });
    await later(5 * DAY_MS);
    for (const status of ['lost', 'won', 'lost']) await house.box.control('POST', `disputes/${id}`, { status });
    await house.box.control('PUT', 'settings', { refunds: 'succeeds_then_fails' });
    await books.call('POST', '/billing/refunds', {
      paymentId: (await paymentOf('cid')).id,
      amount: 700,
      reason: 'duplicate',
    });
    await later(28 * DAY_MS);
    const [payout] = (await house.box.stripe.payouts.list({ limit: 1 })).data;
    await house.box.control('POST', `payouts/${payout!.id}/fail`, {});
    await later(DAY_MS);
    const { counts, totals } = await reconcile();
    expect(counts).toMatchObject({ foreign: 0, breaks: 0, unresolved: 0, bookLines: counts.providerLines });
    expect(counts.providerLines).toBeGreaterThan(15);
    expect(totals.length).toBeGreaterThan(4);
    for (const { provider, books } of totals) expect(books).toEqual(provider);
  });

  it('what is too young is waited for', async () => {
    await house.box.control('POST', 'balance_transactions', { amount: -100, type: 'stripe_fee' });
    await later(60_000);
    expect(await breaksOf(await reconcile())).toEqual([]);
    await later(DAY_MS);
    const found = await foundOnce('missing_here');
    expect(found).toMatchObject({ movement: 'fee', status: 'open', difference: -100, expected: null });
    expect(await ticketsOf(found)).toMatchObject([{ type: 'reconciliation_break', status: 'open' }]);
    await ignore(found);
  });

  it.each([
    ['amount', { kind: 'amount', amount: 2_899 }, -1],
    ['currency', { kind: 'currency', currency: 'eur' }, null],
    ['date', { kind: 'day', days: -3 }, 0],
    ['duplicate', { kind: 'twice' }, 2_786],
    ['missing_there', { kind: 'missing' }, -2_786],
  ])('finds a charge with another %s', async (type, fault, difference) => {
    await later(4 * DAY_MS);
    await buyers.subscribe(`breaks-${type}`);
    const charge = (await transactions()).find((one) => one.type === 'charge')!;
    await house.box.control('POST', `balance_transactions/${charge.id}/break`, fault);
    await later(DAY_MS);
    const found = await foundOnce(type);
    expect(found).toMatchObject({ movement: 'charge', status: 'open', difference });
    expect(await ticketsOf(found)).toMatchObject([{ type: 'reconciliation_break', status: 'open' }]);
    await ignore(found);
    expect((await reconcile()).counts.unresolved).toBe(0);
    expect(await ticketsOf(found)).toMatchObject([{ status: 'resolved' }]);
  });

  it('a break that lasts is told again, and closes its ticket when it is settled, whichever is told last', async () => {
    await later(4 * DAY_MS);
    await buyers.subscribe('lasting');
    const charge = (await transactions()).find((one) => one.type === 'charge')!;
    const stands = (amount: number) =>
      house.box.control('POST', `balance_transactions/${charge.id}/break`, { kind: 'amount', amount });
    await stands(2_899);
    await later(DAY_MS);
    const found = await foundOnce('amount');
    const [first] = await ticketsOf(found);
    expect(first).toMatchObject({ status: 'open', priority: 'high' });
    const closed = await books.call(
      'POST',
      `/support/tickets/${first!.id}/resolve`,
      { resolution: 'manual', note: 'Stripe was asked' },
      OPERATOR,
    );
    expect(closed).toMatchObject({ status: 200, body: { status: 'resolved' } });
    await later(2 * DAY_MS);
    await reconcile();
    expect(await ticketsOf(found)).toHaveLength(1);
    await later(2 * DAY_MS);
    await reconcile();
    await reconcile();
    const again = { status: 'open', priority: 'urgent', resolution: null };
    expect(await ticketsOf(found)).toMatchObject([{ status: 'resolved' }, again]);
    await stands(2_900);
    await reconcile();
    const settled = [
      { status: 'resolved', resolution: 'manual' },
      { status: 'resolved', resolution: 'auto_retry' },
    ];
    expect(await ticketsOf(found)).toMatchObject(settled);
    expect(await notesOn(found)).toEqual(['Stripe was asked', 'The books and the statement agree now']);
    // As if it had been under way all the time, and the other way round.
    await tellAgain(found, ['reconciliation.break_opened', 'reconciliation.break_settled']);
    await tellAgain(found, ['reconciliation.break_settled', 'reconciliation.break_opened']);
    expect(await ticketsOf(found)).toMatchObject(settled);
    expect(await notesOn(found)).toHaveLength(2);
  });

  it('asks for what nobody told of, and the next run finds it settled', async () => {
    await house.box.control('PUT', 'settings', { payouts: 'manual' });
    await later(5 * DAY_MS);
    await buyers.subscribe('silent');
    const { providerId } = await paymentOf('silent');
    await house.box.control('PUT', 'settings', { refunds: 'succeeds' });
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
    const refund = await house.box.stripe.refunds.create({ payment_intent: providerId, amount: 500 });
    await later(DAY_MS);
    await house.box.control('PUT', 'chaos', {});
    const first = (await breaksOf(await reconcile())).filter(({ status }) => status !== 'ignored');
    expect(first).toMatchObject([
      { type: 'missing_here', movement: 'refund', status: 'repairing', objectId: refund.id, difference: -500 },
    ]);
    expect((await reconcile()).counts.unresolved).toBe(0);
    const [settled] = await house.rows('SELECT status, ticketed_at FROM reconciliation_breaks WHERE id = $1', [
      first[0]!.id,
    ]);
    expect(settled).toEqual({ status: 'resolved', ticketed_at: null });
  });

  it('asks of an invoice that no payment paid whether it was paid elsewhere', async () => {
    await later(5 * DAY_MS);
    const { card } = await buyers.subscribe('elsewhere');
    await buyers.cardIs(card, 'insufficient_funds');
    await later(31.2 * DAY_MS);
    const owed = (await buyers.invoicesOf('elsewhere')).find(({ status }) => status === 'open')!;
    // In the dashboard: Stripe's events say that it is paid, and not where.
    await house.box.stripe.invoices.pay(owed.id, { paid_out_of_band: true });
    await house.settle();
    await later(DAY_MS);
    const before = await books.balances();
    const from = new Date(moved.getTime() - 3 * DAY_MS);
    const found = (await breaksOf(await reconcile(from))).filter(({ status }) => status === 'repairing');
    expect(found).toMatchObject([{ type: 'missing_there', movement: 'charge', objectId: owed.id, difference: -2_900 }]);
    expect(await books.movedSince(before)).toEqual({ 'bank.clearing': 2_900, 'stripe.clearing': -2_900 });
    expect((await reconcile(from)).counts).toMatchObject({ breaks: 0, unresolved: 0 });
    expect(await ticketsOf(found[0]!)).toEqual([]);
  });

  it('asks how a payout stands that came in unheard', async () => {
    await house.box.control('PUT', 'settings', { payouts: 'daily' });
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop', types: ['payout.paid'] }] });
    await later(6 * DAY_MS);
    await house.box.control('PUT', 'chaos', {});
    const found = (await breaksOf(await reconcile())).filter(({ status }) => status === 'repairing');
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one).toMatchObject({ type: 'status', movement: 'payout' });
    expect((await reconcile()).counts.unresolved).toBe(0);
  });

  it('goes on where it was killed, and comes to the same', async () => {
    const whole = await reconcile();
    const killed = async (): Promise<RunBody> => {
      const begun = await begin();
      const taken = await flow().work(begun.id, (_, cursor) => {
        if (cursor.phase === 'books') throw new Error('killed');
      });
      // Null where the sweeper was quicker.
      return taken ? begun : killed();
    };
    const run = await killed();
    const [left] = await house.rows<{ status: string; phase: string }>(
      "SELECT status, cursor ->> 'phase' AS phase FROM reconciliation_runs WHERE id = $1",
      [run.id],
    );
    expect(left).toEqual({ status: 'running', phase: 'books' });
    const { counts, totals } = await end(run);
    expect({ counts, totals }).toEqual({ counts: whole.counts, totals: whole.totals });
    expect(await house.rows('SELECT 1 FROM reconciliation_lines')).toEqual([]);
  });

  it('is carried out once, however many processes take it from each other', async () => {
    const whole = await reconcile();
    const { id } = await begin();
    const expired: Promise<unknown>[] = [];
    const expire = () => {
      const late =
        "UPDATE reconciliation_runs SET lease_until = '2020-01-01' WHERE id = $1 AND lease_until IS NOT NULL";
      expired.push(house.rows(late, [id]));
    };
    const isRunning = async () => (await books.call('GET', `/reconciliation/runs/${id}`)).body['status'] === 'running';
    const worker = async () => {
      while (await isRunning()) await flow().work(id, expire);
    };
    await Promise.all([worker(), worker(), worker()]);
    await Promise.all(expired);
    const { body } = await books.call('GET', `/reconciliation/runs/${id}`);
    expect(body).toMatchObject({ status: 'finished', counts: whole.counts, totals: whole.totals });
  });

  it('asked for twenty times at once is one run', async () => {
    const window = { provider: 'stripe', from: START.toISOString(), to: past().toISOString() };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => books.call('POST', '/reconciliation/runs', window)),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body['id'])}`)).size).toBe(1);
    await end(answers[0]!.body as unknown as RunBody);
  });

  it('is begun by the scheduler for the last days', async () => {
    const cron = (secret: string) =>
      fetchAnswer(`${house.app.url}/v1/cron/reconcile`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}` },
      });
    expect((await cron('wrong')).status).toBe(401);
    const { status, body } = await cron(TEST_AUTH.cronSecret);
    expect(status).toBe(202);
    await end((body['data'] as RunBody[])[0]!);
  });

  it.each([
    [{ provider: 'nobody', from: '2026-01-01', to: '2026-01-02' }],
    [{ provider: 'stripe', from: 'yesterday', to: '2026-01-02' }],
    [{ provider: 'stripe', from: '2026-01-02', to: '2026-01-02' }],
    [{ provider: 'stripe', from: '2026-01-02', to: '2036-01-03' }],
    [{ provider: 'stripe', from: '2020-01-02', to: '2026-01-03' }],
    [{ provider: 'stripe', from: '2026-01-01', to: '2026-01-02', more: 1 }],
    [{ provider: 'stripe', from: 20_260_101, to: '2026-01-02' }],
    [{ provider: 'stripe', from: 'x'.repeat(10_000), to: '2026-01-02' }],
    [{}],
  ])('does not begin with %j', async (body) => {
    const before = await house.rows('SELECT count(*) FROM reconciliation_runs');
    expectRefusal(await books.call('POST', '/reconciliation/runs', body), 400, 'INVALID_INPUT');
    expect(await house.rows('SELECT count(*) FROM reconciliation_runs')).toEqual(before);
  });

  it.each(['rcn_x', "'; DROP TABLE facts; --", 'x'.repeat(1_000)])('knows no run or break %s', async (id) => {
    const safe = encodeURIComponent(id);
    expectRefusal(await books.call('GET', `/reconciliation/runs/${safe}`), 404, 'RECONCILIATION_RUN_NOT_FOUND');
    expectRefusal(await books.call('GET', `/reconciliation/runs/${safe}/breaks`), 404, 'RECONCILIATION_RUN_NOT_FOUND');
    const ignored = await books.call('POST', `/reconciliation/breaks/${safe}/ignore`, { reason: 'None of ours' });
    expectRefusal(ignored, 404, 'RECONCILIATION_BREAK_NOT_FOUND');
  });

  it.each([{}, { reason: '' }, { reason: ' ' }, { reason: 'x'.repeat(501) }, { reason: 'a\u0000b' }, { reason: 1 }])(
    'ignores nothing for %j',
    async (body) => {
      expectRefusal(await books.call('POST', '/reconciliation/breaks/brk_x/ignore', body), 400, 'INVALID_INPUT');
    },
  );

  it('is nobody’s business but finance’s', async () => {
    const window = { provider: 'stripe', from: START.toISOString(), to: past().toISOString() };
    for (const role of ['user', 'support']) {
      expect((await books.call('POST', '/reconciliation/runs', window, asUser('fin', role))).status).toBe(403);
      expect((await books.call('GET', '/reconciliation/runs', undefined, asUser('fin', role))).status).toBe(403);
      expect(
        (await books.call('POST', '/reconciliation/breaks/brk_x/ignore', { reason: 'x' }, asUser('fin', role))).status,
      ).toBe(403);
    }
    const { body } = await books.call(
      'GET',
      '/reconciliation/runs?limit=2&status=finished',
      undefined,
      asUser('fin', 'admin'),
    );
    expect(body['data']).toHaveLength(2);
    expect((await books.call('GET', '/reconciliation/runs?status=odd')).status).toBe(400);
    expect((await books.call('GET', '/reconciliation/runs?cursor=odd')).status).toBe(400);
    const audited = await house.rows("SELECT 1 FROM audit_log WHERE action = 'reconciliation.ignore'");
    expect(audited.length).toBe(6);
  });

  it('leaves books and facts as they are', async () => {
    await booksHold(house);
  });
});
