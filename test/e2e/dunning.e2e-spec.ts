import { DunningWorker } from '../../src/modules/retry';
import { Intents } from '../../src/platform/intents';
import { startApp, type RunningApp } from '../support/app';
import { Buyers, sumsOfBooks, type Buyer } from '../support/buyers';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { asUser } from '../support/tokens';
import { verifyHouse } from '../support/verified';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The renewal is finalized, and declined, an hour after the period's end. */
const FAILED = new Date('2026-02-15T11:00:00Z');
const GRACE_ENDS = new Date(FAILED.getTime() + 7 * DAY_MS);

const PEOPLE = {
  second: 'insufficient_funds',
  lost: 'lost_card',
  bank: 'authentication_required',
  gone: 'insufficient_funds',
  hand: 'insufficient_funds',
  desk: 'insufficient_funds',
  cut: 'insufficient_funds',
  voided: 'insufficient_funds',
  paused: 'insufficient_funds',
  unpaid: 'insufficient_funds',
  twice: 'insufficient_funds',
  both: 'insufficient_funds',
  left: 'insufficient_funds',
} as const;
const PLANS: Readonly<Record<string, string>> = { paused: 'BASIC', unpaid: 'ENTERPRISE' };
type Person = keyof typeof PEOPLE;

interface CaseJson {
  id: string;
  status: string;
  closeReason: string | null;
  holdReason: string | null;
  openedAt: string;
  graceUntil: string;
  invoiceId: string;
  attempts: {
    strategy: string;
    status: string;
    dueAt: string;
    finishedAt: string | null;
    declineCode: string | null;
  }[];
  reminders: { day: number; status: string }[];
}

describe('declined renewals that Kassa collects', () => {
  let house: House;
  let other: RunningApp;
  let buyers: Buyers;
  const bought = new Map<Person, Buyer>();

  const after = (hours: number): Promise<void> => house.advance(new Date(FAILED.getTime() + hours * HOUR_MS));
  const staff = (role: 'support' | 'finance', path: string, body?: object, key?: string): Promise<Answer> =>
    fetchAnswer(
      `${house.app.url}/v1${path}`,
      body
        ? jsonPost(body, { ...asUser(role, role), ...(key && { 'idempotency-key': key }) })
        : { headers: asUser(role, role) },
    );
  const customerOf = async (person: Person): Promise<string> =>
    (await house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [person]))[0]!.id;
  const casesOf = async (person: Person): Promise<CaseJson[]> => {
    const { body } = await staff('support', `/retry/cases?customerId=${await customerOf(person)}`);
    return body['data'] as CaseJson[];
  };
  const caseOf = async (person: Person): Promise<CaseJson> => {
    const [one] = await casesOf(person);
    return (await staff('support', `/retry/cases/${one?.id ?? ''}`)).body as unknown as CaseJson;
  };
  const attemptsOf = async (person: Person): Promise<string[]> =>
    (await caseOf(person)).attempts.map(({ strategy, status, declineCode }) =>
      [strategy, status, declineCode].filter((word) => word !== null).join(' '),
    );
  const cardIs = (person: Person, behavior: string): Promise<void> => buyers.cardIs(bought.get(person)!.card, behavior);
  const invoiceOf = async (person: Person): Promise<Record<string, unknown>> =>
    ((await house.as(person, 'GET', '/billing/invoices')).body['data'] as Record<string, unknown>[])[0]!;
  const hasAccess = async (person: Person): Promise<unknown> =>
    (await house.as(person, 'GET', '/entitlements/check?feature=projects')).body['allowed'];
  /** How often the renewal's money has moved. */
  const chargesOf = async (person: Person): Promise<number> => {
    const customer = bought.get(person)!.customer;
    const { data } = await house.box.stripe.charges.list({ customer, limit: 100 });
    return data.filter(({ status, created }) => status === 'succeeded' && created * 1000 >= FAILED.getTime()).length;
  };
  const eventsOf = async (person: Person): Promise<string[]> =>
    (
      await house.rows<{ type: string }>(
        `SELECT type FROM outbox_events WHERE type LIKE 'dunning.%' AND customer_id = $1 ORDER BY seq`,
        [await customerOf(person)],
      )
    ).map(({ type }) => type.replace('dunning.', ''));

  /** Two processes as far as anybody can tell: each with its own pool, leases and clock. */
  const bothWorkers = (work: (worker: DunningWorker) => Promise<unknown>): Promise<unknown> =>
    Promise.all([house.app, other].map(({ app }) => work(app.get(DunningWorker, { strict: false }))));

  beforeAll(async () => {
    house = await startHouse({ start: new Date('2026-01-15T10:00:00Z'), settings: { RETRY_OWNER: 'kassa' } });
    buyers = new Buyers(house);
    for (const [plan, endAction] of [
      ['BASIC', 'pause'],
      ['ENTERPRISE', 'mark_unpaid'],
    ] as const) {
      const dunning = { endAction, endInvoice: 'void', retryDelaysHours: [48], reminderDays: [1] };
      const changed = await fetchAnswer(`${house.app.url}/v1/admin/plans/${plan}`, {
        ...jsonPost({ dunning }, asUser('admin', 'admin')),
        method: 'PATCH',
      });
      expect(changed.body).toMatchObject({ dunning: { ...dunning, smartTiming: false } });
    }
    for (const [person, behavior] of Object.entries(PEOPLE) as [Person, string][]) {
      const buyer = await buyers.subscribe(person, PLANS[person]);
      bought.set(person, buyer);
      await buyers.cardIs(buyer.card, behavior);
    }
    await after(0);
    other = await startApp({
      ...{ databaseUrl: house.database.appUrl, redisUrl: house.redis.url },
      settings: {
        ...{ STRIPE_SECRET_KEY: 'sk_test_house', STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET },
        ...{ STRIPE_API_BASE: house.box.sandbox.url, RETRY_OWNER: 'kassa' },
      },
    });
  }, 120_000);
  afterAll(async () => {
    await other.close();
    await house.close();
  });

  it('are taken over at once, and the first reminder goes out', async () => {
    const one = await caseOf('gone');
    expect(one).toMatchObject({ status: 'open', openedAt: FAILED.toISOString(), graceUntil: GRACE_ENDS.toISOString() });
    expect(one.reminders).toEqual([expect.objectContaining({ day: 0, status: 'sent' })]);
    expect(await attemptsOf('gone')).toEqual(['scheduled scheduled']);
    const [theirs] = await buyers.invoicesOf('gone').then((all) => all.slice(-1));
    expect(theirs).toMatchObject({ auto_advance: false, next_payment_attempt: null });
    const shown = await invoiceOf('gone');
    expect(shown).toMatchObject({ attemptCount: 1, nextRetryAt: one.attempts[0]!.dueAt });
    const due = Date.parse(one.attempts[0]!.dueAt) - FAILED.getTime();
    expect(due).toBeGreaterThanOrEqual(HOUR_MS);
    expect(due).toBeLessThan(1.1 * HOUR_MS + 1_000);
    expect((await caseOf('lost')).holdReason).toBe('method_required');
    expect((await caseOf('bank')).holdReason).toBe('action_required');
    expect(await attemptsOf('lost')).toEqual([]);
    expect(await eventsOf('lost')).toEqual(['case_opened', 'reminder_due', 'method_required']);
    expect(await eventsOf('bank')).toEqual(['case_opened', 'reminder_due', 'action_required']);
  });

  it('once paid by hand, or made void, are left alone', async () => {
    await cardIs('hand', 'succeeds');
    const { id } = await invoiceOf('hand');
    expect((await house.as('hand', 'POST', `/billing/invoices/${String(id)}/retry`, {})).body).toMatchObject({
      status: 'paid',
    });
    const voided = await invoiceOf('voided');
    await staff('finance', `/admin/invoices/${String(voided['id'])}/void`, { reason: 'goodwill' });
    await house.settle();
    expect(await caseOf('hand')).toMatchObject({ status: 'recovered', closeReason: 'paid' });
    expect(await caseOf('voided')).toMatchObject({ status: 'closed', closeReason: 'voided' });
    await house.redis.flush();
    await after(1.2);
    expect(await attemptsOf('hand')).toEqual(['scheduled canceled']);
    expect(await attemptsOf('voided')).toEqual(['scheduled canceled']);
    expect(await chargesOf('hand')).toBe(1);
  });

  it('are tried again though Redis has lost the jobs, and by support beside the schedule', async () => {
    const planned = (await caseOf('desk')).attempts.at(-1)!.dueAt;
    const { id } = await caseOf('desk');
    const byHand = await staff('support', `/retry/cases/${id}/attempts`, { note: 'asked by phone' }, 'desk-1');
    expect(byHand).toMatchObject({ status: 201, body: { strategy: 'manual', status: 'failed' } });
    const again = await staff('support', `/retry/cases/${id}/attempts`, { note: 'asked by phone' }, 'desk-1');
    expect(again.body).toEqual(byHand.body);
    await staff('support', `/retry/cases/${id}/attempts`, {}, 'desk-2');
    await house.settle();
    const { attempts } = await caseOf('desk');
    expect(attempts.filter(({ strategy }) => strategy === 'manual')).toHaveLength(2);
    expect(attempts.find(({ strategy, status }) => strategy === 'scheduled' && status === 'scheduled')?.dueAt).toBe(
      planned,
    );
    expect(await invoiceOf('desk')).toMatchObject({ attemptCount: 2, nextRetryAt: planned });
  });

  it('recover on the second retry, with access all the while', async () => {
    expect(await attemptsOf('second')).toEqual(['scheduled failed insufficient_funds', 'scheduled scheduled']);
    await cardIs('second', 'succeeds');
    await after(3.5);
    expect(await attemptsOf('second')).toEqual(['scheduled failed insufficient_funds', 'scheduled succeeded']);
    expect(await caseOf('second')).toMatchObject({ status: 'recovered', closeReason: 'paid' });
    expect(await hasAccess('second')).toBe(true);
    expect(await buyers.mine('second')).toMatchObject({ status: 'active', graceUntil: null });
    expect(await chargesOf('second')).toBe(1);
    expect((await eventsOf('second')).filter((type) => type === 'recovered')).toHaveLength(1);
    expect(await invoiceOf('second')).toMatchObject({ status: 'paid', nextRetryAt: null });
  });

  it('are charged once by a worker that is killed in the middle, and by two who take it over', async () => {
    await cardIs('cut', 'succeeds');
    const pathPrefix = `/v1/invoices/${String((await invoiceOf('cut'))['providerId'])}/pay`;
    await house.box.control('PUT', 'chaos', { api: [{ fault: 'lose_answer', method: 'POST', pathPrefix }] });
    await after(8);
    await house.box.control('PUT', 'chaos', {});
    // The webhook was quicker than the answer, which never came.
    expect(await caseOf('cut')).toMatchObject({ status: 'recovered' });
    expect((await attemptsOf('cut')).at(-1)).toBe('scheduled unknown');
    // As one leaves it who is killed while the provider acts, once his leases are over.
    await house.rows(
      `UPDATE payment_recovery_attempts SET status = 'charging', lease_until = NULL, last_error_type = NULL
       WHERE status = 'unknown' RETURNING 1`,
    );
    await house.rows(
      `UPDATE provider_intents SET state = 'calling', lease_until = NULL, created_at = created_at - interval '1 hour'
       WHERE settled_at IS NULL RETURNING 1`,
    );
    await bothWorkers((worker) => worker.chargeDue());
    await house.app.app.get(Intents, { strict: false }).resolveStale();
    await house.rows(`UPDATE payment_recovery_attempts SET lease_until = NULL WHERE status = 'unknown' RETURNING 1`);
    await bothWorkers((worker) => worker.chargeDue());
    await house.settle();
    expect((await attemptsOf('cut')).at(-1)).toBe('scheduled succeeded');
    expect(await chargesOf('cut')).toBe(1);
  });

  it('are charged once by two workers at once', async () => {
    await cardIs('desk', 'succeeds');
    const { id } = await caseOf('desk');
    await house.rows(
      `UPDATE payment_recovery_attempts SET due_at = created_at - interval '30 years'
       WHERE case_id = $1 AND status = 'scheduled' RETURNING 1`,
      [id],
    );
    await bothWorkers((worker) => worker.chargeDue());
    await bothWorkers((worker) => worker.drain());
    await house.settle();
    expect(await caseOf('desk')).toMatchObject({ status: 'recovered' });
    expect(await chargesOf('desk')).toBe(1);
    const { attempts } = await caseOf('desk');
    expect(attempts.filter(({ status }) => status === 'succeeded')).toHaveLength(1);
  });

  it('wait for each other where a subscription owes two, and the second has its own grace once the first is paid', async () => {
    await after(48);
    for (const [person, plan, cycle] of [
      ['twice', 'ENTERPRISE', 'monthly'],
      ['both', 'PRO', 'annual'],
      ['left', 'ENTERPRISE', 'monthly'],
    ] as const) {
      const [sold] = await house.rows<{ ref: string }>(
        `SELECT m.provider_id AS ref FROM catalog_mirrors m JOIN prices p ON p.id = m.object_id JOIN plans l ON l.id = p.plan_id
         WHERE m.object_type = 'price' AND l.code = $1 AND p.billing_cycle = $2 AND p.currency = 'USD'`,
        [plan, cycle],
      );
      const { items } = await house.box.stripe.subscriptions.retrieve(bought.get(person)!.providerId);
      await house.box.stripe.subscriptions.update(bought.get(person)!.providerId, {
        items: [{ id: items.data[0]!.id, price: sold!.ref }],
        proration_behavior: 'always_invoice',
      });
      await house.settle();
      expect((await buyers.invoicesOf(person)).slice(-2).map(({ status }) => status)).toEqual(['open', 'open']);
      expect(await casesOf(person)).toMatchObject([{ status: 'open', openedAt: FAILED.toISOString() }]);
      expect(await buyers.mine(person)).toMatchObject({ status: 'past_due', graceUntil: GRACE_ENDS.toISOString() });
    }
    const [first] = await buyers.invoicesOf('twice').then((all) => all.slice(-2));
    const { customer } = bought.get('twice')!;
    const card = await house.box.stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    await house.box.stripe.invoices.pay(first!.id, { payment_method: card.id });
    await house.box.control('POST', 'cards', { paymentMethod: card.id, behavior: 'insufficient_funds' });
    await house.settle();
    const [second, paid] = await casesOf('twice');
    expect(paid).toMatchObject({ status: 'recovered', closeReason: 'paid', openedAt: FAILED.toISOString() });
    expect(second).toMatchObject({ status: 'open' });
    const openedAt = Date.parse(second!.openedAt);
    expect(openedAt - FAILED.getTime()).toBeGreaterThanOrEqual(48 * HOUR_MS);
    expect(Date.parse(second!.graceUntil) - openedAt).toBe(7 * DAY_MS);
    expect(await buyers.mine('twice')).toMatchObject({ status: 'past_due', graceUntil: second!.graceUntil });
  });

  it('recover at once by a new card, or when the customer confirms', async () => {
    await after(48);
    const { customer } = bought.get('lost')!;
    const card = await house.box.stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    await house.box.stripe.customers.update(customer, { invoice_settings: { default_payment_method: card.id } });
    await house.settle();
    await house.settle();
    expect(await attemptsOf('lost')).toEqual(['new_method succeeded']);
    expect(await caseOf('lost')).toMatchObject({ status: 'recovered' });
    expect(await chargesOf('lost')).toBe(1);
    expect(await attemptsOf('bank')).toEqual([]);
    const [invoice] = await buyers.invoicesOf('bank').then((all) => all.slice(-1));
    const { data } = await house.box.stripe.invoicePayments.list({ invoice: invoice!.id });
    const intent = data[0]!.payment.payment_intent as string;
    await house.box.control('POST', 'authenticate', { intent, granted: true });
    await house.settle();
    expect(await caseOf('bank')).toMatchObject({ status: 'recovered' });
    expect(await buyers.mine('bank')).toMatchObject({ status: 'active' });
  });

  it('end, and access with them, exactly when grace is over', async () => {
    await after(3 * 24 + 1);
    expect((await caseOf('gone')).reminders.map(({ day, status }) => `${day} ${status}`)).toEqual(['0 sent', '3 sent']);
    await after(7 * 24 - 1 / 60);
    expect(await hasAccess('gone')).toBe(true);
    expect(await caseOf('gone')).toMatchObject({ status: 'open', graceUntil: GRACE_ENDS.toISOString() });
    await after(7 * 24 + 1 / 3600);
    expect(await hasAccess('gone')).toBe(false);
    expect(await caseOf('gone')).toMatchObject({ status: 'exhausted', closeReason: 'grace_over' });
    expect((await caseOf('gone')).reminders.at(-1)).toMatchObject({ day: 7, status: 'final' });
    expect(await buyers.mine('gone')).toMatchObject({ status: 'canceled' });
    expect(await invoiceOf('gone')).toMatchObject({ status: 'uncollectible', nextRetryAt: null });
    const attempts = (await caseOf('gone')).attempts;
    for (const { finishedAt } of attempts) expect(finishedAt! <= GRACE_ENDS.toISOString()).toBe(true);
    expect(attempts.filter(({ status }) => status === 'failed').length).toBeGreaterThanOrEqual(6);
    expect(await chargesOf('gone')).toBe(0);
    expect((await eventsOf('gone')).at(-1)).toBe('exhausted');
    expect(await house.rows(`SELECT kind FROM alerts WHERE kind LIKE 'dunning%'`)).toEqual([]);
  });

  it('are given up together where a subscription owed two, and go on where one was paid', async () => {
    expect(await casesOf('both')).toMatchObject([{ status: 'exhausted' }]);
    const owed = (await buyers.invoicesOf('both')).slice(-2);
    expect(owed.map(({ status }) => status)).toEqual(['uncollectible', 'uncollectible']);
    expect(await hasAccess('both')).toBe(false);
    // Marked unpaid, as its plan says now: what it was about is the way back.
    expect(await casesOf('left')).toMatchObject([{ status: 'exhausted', openedAt: FAILED.toISOString() }]);
    expect(await hasAccess('left')).toBe(false);
    expect(await hasAccess('twice')).toBe(true);
    const [{ graceUntil } = { graceUntil: '' }] = await casesOf('twice');
    await house.advance(new Date(Date.parse(graceUntil) + 1_000));
    expect(await hasAccess('twice')).toBe(false);
    expect((await casesOf('twice')).map(({ status }) => status)).toEqual(['exhausted', 'recovered']);
  });

  it('end as the plan says', async () => {
    expect(await buyers.mine('paused')).toMatchObject({ status: 'paused' });
    expect(await invoiceOf('paused')).toMatchObject({ status: 'void' });
    expect(await caseOf('paused')).toMatchObject({ status: 'exhausted' });
    expect((await caseOf('paused')).reminders).toEqual([expect.objectContaining({ day: 1, status: 'sent' })]);
    expect(await buyers.mine('unpaid')).toMatchObject({ status: 'past_due' });
    expect(await caseOf('unpaid')).toMatchObject({ status: 'exhausted' });
    expect(await hasAccess('unpaid')).toBe(false);
    const { providerId } = bought.get('unpaid')!;
    const stopped = await house.box.stripe.subscriptions.retrieve(providerId);
    expect(stopped.pause_collection).toMatchObject({ behavior: 'keep_as_draft' });
    // What is open is the way back.
    await cardIs('unpaid', 'succeeds');
    await house.as('unpaid', 'POST', `/billing/invoices/${String((await invoiceOf('unpaid'))['id'])}/retry`, {});
    await house.settle();
    expect(await caseOf('unpaid')).toMatchObject({ status: 'recovered', latePaidAt: null });
    expect(await hasAccess('unpaid')).toBe(true);
    expect((await house.box.stripe.subscriptions.retrieve(providerId)).pause_collection).toBeNull();
  });

  it('and paid after all, are somebody’s to decide', async () => {
    const [invoice] = await buyers.invoicesOf('gone').then((all) => all.slice(-1));
    await cardIs('gone', 'succeeds');
    await house.box.stripe.invoices.pay(invoice!.id, { payment_method: bought.get('gone')!.card });
    await house.settle();
    expect(await caseOf('gone')).toMatchObject({ status: 'exhausted', latePaidAt: expect.any(String) as string });
    expect((await eventsOf('gone')).filter((type) => type === 'late_success')).toHaveLength(1);
    const { id } = await caseOf('gone');
    expectRefusal(await staff('support', `/retry/cases/${id}/attempts`, {}), 422, 'INVALID_STATE_TRANSITION');
  });

  it.each([
    ['an unknown status', '/retry/cases?status=lost', 400],
    ['a broken cursor', '/retry/cases?cursor=%00', 400],
    ['a page of nothing', '/retry/cases?limit=0', 400],
    ['an endless id', `/retry/cases?customerId=${'x'.repeat(10_000)}`, 400],
    ['a statement', "/retry/cases/case_1'%20OR%201=1", 404],
    ['a NUL', '/retry/cases/%00', 400],
  ])('are not found by %s', async (_title, path, status) => {
    expect((await staff('support', path)).status).toBe(status);
  });

  it('leave the books balanced, and come to the same in any order', async () => {
    expect(await sumsOfBooks(house)).toEqual([{ sum: '0' }]);
    expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  });
});
