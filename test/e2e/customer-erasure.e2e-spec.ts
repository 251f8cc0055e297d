import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { ErasedBodies } from '../../src/platform/inbox';
import { MirrorInvariant } from '../../src/modules/billing';
import { Buyers, sumsOfBooks } from '../support/buyers';
import { startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { kassa } from '../support/kassa-command';
import { insertOf, ROW_FACTORIES } from '../support/rows';
import { ensureBuilt } from '../support/service-process';
import { postWebhook, stripeSignature } from '../support/stripe-events';
import { asUser } from '../support/tokens';

const START = new Date('2026-01-15T10:00:00Z');
const WORDS = ['adelaide', 'adelaide@test.example', 'Adelaide Kröger'];

interface Kept {
  id: string;
  event_id: string;
  status: string;
  body: string | null;
}

describe('a customer who is to be forgotten', () => {
  let house: House;
  let buyers: Buyers;
  let id: string;
  let customer: string;
  beforeAll(async () => {
    ensureBuilt();
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
    ({ customer } = await buyers.subscribe('adelaide', 'PRO'));
    const address = { line1: 'Hafenstraße 7', city: 'Hamburg', postalCode: '20359', country: 'DE' };
    const key = { 'idempotency-key': randomUUID() };
    expect((await house.as('adelaide', 'PUT', '/billing/details', { name: WORDS[2], address }, key)).status).toBe(200);
    id = await idOf('adelaide');
    const ticket = ROW_FACTORIES['payment_support_tickets']?.({ customerId: id }) ?? {};
    const { text, values } = insertOf('payment_support_tickets', { ...ticket, note: 'Called Adelaide Kröger back' });
    await house.rows(text, values);
    const note = { ...ROW_FACTORIES['support_ticket_notes']?.({ customerId: id }), ticket_id: ticket['id'] };
    const told = insertOf('support_ticket_notes', { ...note, author_id: 'adelaide', text: 'Adelaide Kröger rang' });
    await house.rows(told.text, told.values);
    const device = { token: 'ExponentPushToken[of-adelaide]' };
    expect((await house.as('adelaide', 'POST', '/notifications/devices', device)).status).toBe(201);
    const preferences = { locale: 'de', topics: [{ topic: 'offers', channel: 'email', enabled: true }] };
    expect((await house.as('adelaide', 'PUT', '/notifications/preferences', preferences)).status).toBe(200);
  }, 120_000);
  afterAll(() => house.close());

  const idOf = async (user: string): Promise<string> =>
    (await house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [user]))[0]?.id ?? '';
  const erase = (whose: string, body: object = {}, role = 'admin'): Promise<Answer> =>
    fetchAnswer(
      `${house.app.url}/v1/admin/customers/${whose}/erase`,
      jsonPost({ customerId: whose, ...body }, asUser('boss', role)),
    );
  const events = (): Promise<Kept[]> =>
    house.rows<Kept>(
      `SELECT e.id, e.event_id, e.status, convert_from(COALESCE(e.raw_body, b.raw_body), 'UTF8') AS body FROM inbox_events e
       LEFT JOIN kassa_archive.inbox_bodies b USING (id, received_at) WHERE e.aggregate = $1 ORDER BY e.id`,
      [`stripe:${customer}`],
    );
  const messages = async (): Promise<Record<string, number>> => {
    const tables = [
      'notifications',
      'mail_outbox',
      'notification_devices',
      'notification_preferences',
      'notification_settings',
    ];
    const counts = tables.map((table) => `(SELECT count(*)::int4 FROM ${table} WHERE customer_id = $1) AS ${table}`);
    return (await house.rows<Record<string, number>>(`SELECT ${counts.join(', ')}`, [id]))[0] ?? {};
  };
  const sweep = (): Promise<number | null> => house.app.app.get(ErasedBodies, { strict: false }).sweep();
  const expectSoundBooks = async (): Promise<void> => {
    expect((await sumsOfBooks(house)).every(({ sum }) => sum === '0')).toBe(true);
    expect((await house.app.app.get(MirrorInvariant, { strict: false }).checkAll()).differences).toEqual([]);
  };

  it('is not while he has what must be ended first', async () => {
    expectRefusal(await erase(id), 422, 'CUSTOMER_HAS_SUBSCRIPTION');
    expectRefusal(await erase(id, { customerId: 'cust_other' }), 400, 'INVALID_INPUT');
    expectRefusal(await erase(id, {}, 'finance'), 403, 'INSUFFICIENT_PERMISSIONS');
    expectRefusal(await erase('cust_nobody'), 404, 'CUSTOMER_NOT_FOUND');
    const command = await kassa(house, 'customers', 'erase', id);
    expect(command).toMatchObject({ code: 1, stderr: expect.stringContaining('CUSTOMER_HAS_SUBSCRIPTION') as string });
    expect((await buyers.mine('adelaide'))['status']).toBe('active');
  });

  it('leaves nothing of himself behind, here and at Stripe', async () => {
    expect((await house.as('adelaide', 'DELETE', '/billing/subscriptions?atPeriodEnd=false')).status).toBe(200);
    await house.settle();
    // Without SMTP the mail that says so lies in the outbox, with his address.
    expect(await messages()).toMatchObject({ notifications: 2, mail_outbox: 1, notification_devices: 1 });
    const before = await events();
    expect(before.some(({ body }) => body?.includes(WORDS[1] ?? ''))).toBe(true);
    const answers = await Promise.all([1, 2].map(() => erase(id, { also: WORDS })));
    const [done] = answers.filter(({ status }) => status === 200);
    for (const { status } of answers) expect([200, 409, 503]).toContain(status);
    expect(done?.body).toMatchObject({ customerId: id, left: [] });
    expect(Object.values(await messages())).toEqual([0, 0, 0, 0, 0]);
    const { customers } = await house.box.control<{ customers: Stripe.Customer[] }>('GET', 'state');
    expect(customers.find((one) => one.id === customer && !one.deleted)).toBeUndefined();
    await house.settle();
    await sweep();
    const after = await events();
    expect(after.filter(({ body }) => body !== null)).toEqual([]);
    expect(after.slice(0, before.length).map(({ event_id, status }) => [event_id, status])).toEqual(
      before.map(({ event_id, status }) => [event_id, status]),
    );
    expect((await erase(id, { also: WORDS })).body).toMatchObject({ pending: 0, left: [] });
    await expectSoundBooks();
    // A redelivery of what was told before is still a duplicate, and brings no body back.
    const told = before.find(({ body }) => body?.includes(WORDS[1] ?? ''))?.body ?? '';
    const again = await postWebhook(`${house.app.url}/v1/webhooks/stripe`, told, stripeSignature(told, WEBHOOK_SECRET));
    expect(again).toMatchObject({ status: 200, body: { status: 'already_processed' } });
    expect((await events()).filter(({ body }) => body !== null)).toEqual([]);
  });

  it('is audited without his name', async () => {
    const entries = await house.rows<{ actor_id: string; n: string }>(
      `SELECT actor_id, count(*) AS n FROM audit_log WHERE customer_id = $1 GROUP BY 1 ORDER BY 1`,
      [id],
    );
    expect(entries.map(({ actor_id }) => actor_id)).toEqual(expect.arrayContaining(['boss', `erased:${id}`]));
    expect(entries.map(({ actor_id }) => actor_id)).not.toContain('adelaide');
  });

  it('may still be given his money back', async () => {
    const [payment] = await house.rows<{ id: string }>('SELECT id FROM payments WHERE customer_id = $1', [id]);
    const body = { paymentId: payment?.id, reason: 'requested_by_customer' };
    const refund = await fetchAnswer(`${house.app.url}/v1/billing/refunds`, jsonPost(body, asUser('money', 'finance')));
    expect(refund.status).toBe(201);
    await house.settle();
    await sweep();
    expect(await house.rows('SELECT status FROM refunds WHERE customer_id = $1', [id])).toEqual([
      { status: 'succeeded' },
    ]);
    expect((await events()).filter(({ body: text }) => text !== null)).toEqual([]);
    // Nobody is there to be told.
    expect((await messages())['notifications']).toBe(0);
    expect((await erase(id, { also: WORDS })).body).toMatchObject({ left: [] });
    await expectSoundBooks();
  });

  it('is somebody new when he comes back', async () => {
    await buyers.subscribe('adelaide', 'BASIC');
    expect(await idOf('adelaide')).not.toBe(id);
    const search = await kassa(house, 'customers', 'erase', id, '--also', ...WORDS);
    expect(search.code).toBe(1);
    expect(search.stdout).toContain('left: public.customers.email, 1 rows\n');
  });

  it('is erased by a command, which tells what it has searched', async () => {
    await buyers.subscribe('bartholomew', 'BASIC');
    const other = await idOf('bartholomew');
    await house.as('bartholomew', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.settle();
    const { code, stdout } = await kassa(house, 'customers', 'erase', other);
    expect(stdout).toMatch(/columns of \d+ tables were searched: nothing of him was found\n$/);
    expect(code).toBe(0);
    expect(await house.rows('SELECT user_id, email FROM customers WHERE id = $1', [other])).toEqual([
      { user_id: `erased:${other}`, email: null },
    ]);
  });
});
