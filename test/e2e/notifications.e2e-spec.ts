import { randomBytes } from 'node:crypto';
import { NotificationDelivery } from '../../src/modules/notifications/delivery/notification-delivery.flow';
import { TOLD_EVENTS } from '../../src/modules/notifications/notifications.events';
import { PushReceiptsFlow } from '../../src/modules/notifications/delivery/push-receipts.flow';
import { TrialEndings } from '../../src/modules/billing/trials/trial-endings.service';
import { RETRY_EVENTS } from '../../src/modules/retry';
import { UnitOfWork } from '../../src/platform/database';
import { Outbox, OutboxRelay } from '../../src/platform/outbox';
import { startApp } from '../support/app';
import { Buyers } from '../support/buyers';
import { openStream } from '../support/event-stream';
import { startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import type { Answer } from '../support/http-client';
import { startMailServer, type MailServer } from '../support/mail-server';
import { startPushServer, type PushServer } from '../support/push-server';
import { asUser } from '../support/tokens';
import { leaveByLink } from '../support/unsubscribing';
import { until } from '../support/until';

const START = new Date('2026-01-15T10:00:00Z');
const GRACE = '2026-01-22T10:00:00.000Z';
const PATH = '/notifications';
const HOUR_MS = 3_600_000;

interface Row {
  channel: string;
  status: string;
  attempts: number;
  error_code: string | null;
}
interface Debt {
  user: string;
  customerId: string;
  invoiceId: string;
  subscriptionId: string;
}

describe('what customers are told', () => {
  let house: House;
  let smtp: MailServer;
  let expo: PushServer;
  let settings: Record<string, string>;
  const token = (name: string): string => `ExponentPushToken[${name}]`;
  const address = (user: string): string => `${user}@test.example`;

  /** Somebody with an invoice that is open: it was never paid, so nobody else reminds him of it. */
  const debtor = async (user: string): Promise<Debt> => {
    const bought = await house.as(user, 'POST', '/billing/subscriptions', { plan: 'PRO', trialPeriodDays: 0 });
    expect(bought.status).toBe(201);
    await house.settle();
    const [row] = await house.rows<Omit<Debt, 'user'>>(
      `SELECT c.id AS "customerId", i.id AS "invoiceId", s.id AS "subscriptionId" FROM customers c
       JOIN invoices i ON i.customer_id = c.id JOIN subscriptions s ON s.customer_id = c.id WHERE c.user_id = $1`,
      [user],
    );
    return { user, ...row! };
  };
  const remind = async (debt: Debt, more: object = {}, type: string = RETRY_EVENTS.reminderDue): Promise<void> => {
    const { customerId, invoiceId, subscriptionId, user } = debt;
    const caseId = `case_${user}`;
    const about = { caseId, invoiceId, subscriptionId, graceUntil: GRACE, day: 0, needs: 'nothing' };
    const event = { type, objectType: 'dunning_case', objectId: caseId, customerId, payload: { ...about, ...more } };
    const now = (await house.rows<{ s: string }>('SELECT offset_seconds AS s FROM business_clock'))[0]?.s ?? '0';
    const occurredAt = new Date(Date.now() + Number(now) * 1000);
    await house.app.app
      .get(UnitOfWork)
      .service((tx) => house.app.app.get(Outbox).append(tx, [{ ...event, occurredAt }]));
    await until('it is written down whom to tell', async () => {
      await house.app.app.get(OutboxRelay, { strict: false }).drain();
      return (await house.rows('SELECT FROM outbox_deliveries WHERE handled_at IS NULL')).length === 0;
    });
  };
  /** Every message is tried once at least, by whichever worker. */
  const drain = (): Promise<void> =>
    until('every message is tried', async () => {
      await house.app.app.get(NotificationDelivery, { strict: false }).drain();
      const open = `SELECT FROM notifications WHERE settled_at IS NULL AND not_before IS NULL AND (attempts = 0 OR lease_owner IS NOT NULL)`;
      return (await house.rows(open)).length === 0;
    });
  const rowsOf = (user: string): Promise<Row[]> =>
    house.rows<Row>(
      `SELECT n.channel, n.status, n.attempts, n.error_code FROM notifications n JOIN customers c ON c.id = n.customer_id
       WHERE c.user_id = $1 ORDER BY n.created_at, n.channel`,
      [user],
    );
  const rowOf = async (user: string, channel = 'email'): Promise<Row | undefined> =>
    (await rowsOf(user)).find((row) => row.channel === channel);
  /** His mail is out, by whichever worker and whichever try, and once. */
  const sent = async (user: string): Promise<void> => {
    await until('the mail is sent', async () => {
      await drain();
      return (await rowOf(user))?.status === 'sent';
    });
    expect(smtp.to(address(user))).toHaveLength(1);
  };
  const listOf = async (user: string, query = ''): Promise<Record<string, unknown>[]> =>
    (await house.as(user, 'GET', `${PATH}${query}`)).body['data'] as Record<string, unknown>[];
  const prefer = (user: string, body: object): Promise<Answer> => house.as(user, 'PUT', `${PATH}/preferences`, body);
  const addDevice = async (user: string, name = user): Promise<string> =>
    (await house.as(user, 'POST', `${PATH}/devices`, { token: token(name) })).body['id'] as string;
  const pushedTo = (name: string): PushServer['pushed'] => expo.pushed.filter(({ to }) => to === token(name));

  beforeAll(async () => {
    smtp = await startMailServer();
    expo = await startPushServer();
    settings = {
      ROLE: 'all',
      SMTP_URL: smtp.url,
      MAIL_FROM: 'Kassa <billing@kassa.test.example>',
      APP_URL: 'https://app.test.example/billing',
      ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
      EXPO_ACCESS_TOKEN: 'expo-token-of-the-tests',
      EXPO_API_BASE: expo.url,
    };
    house = await startHouse({ start: START, settings });
  }, 60_000);
  afterAll(async () => {
    await house.close();
    await smtp.close();
    await expo.close();
  });

  it('is told by mail, push, list and stream, in their language, with a link that works', async () => {
    const debt = await debtor('ada');
    await addDevice('ada');
    expect((await prefer('ada', { locale: 'de-at', timeZone: 'Europe/Vienna' })).body).toMatchObject({
      locale: 'de-AT',
    });
    const stream = await openStream(`${house.app.url}/v1/billing/subscriptions/me/stream`, asUser('ada'));
    await remind(debt);
    await house.settle();
    const [mail, ...others] = smtp.to(address('ada'));
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      from: { name: 'Kassa', address: 'billing@kassa.test.example' },
      subject: 'Deine Zahlung über $\u00a029,00 hat nicht geklappt',
    });
    expect(mail?.messageId).toMatch(/^<ntf_\w{26}@kassa\.test\.example>$/);
    const header = (name: string): string | undefined => mail?.headers.find(({ key }) => key === name)?.value;
    expect(header('auto-submitted')).toBe('auto-generated');
    // Nobody can turn it off.
    expect(header('list-unsubscribe')).toBeUndefined();
    expect(header('list-unsubscribe-post')).toBeUndefined();
    expect(mail?.text).not.toContain('/unsubscribe/');
    expect(mail?.text).toContain('Dein Zugang bleibt dir noch 7 Tage, bis zum 22. Jänner 2026.');
    const link = /Jetzt bezahlen: (\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
    expect(mail?.html).toContain(`href="${link.replaceAll('=', '&#x3D;').replaceAll('&', '&amp;')}"`);
    expect((await fetch(link)).status).toBe(200);
    expect(pushedTo('ada')).toMatchObject([
      {
        title: 'Zahlung über $\u00a029,00 fehlgeschlagen',
        data: { kind: 'payment_failed', invoiceId: debt.invoiceId, url: link },
      },
    ]);
    expect(expo.authorization).toBe('Bearer expo-token-of-the-tests');
    const [entry] = await listOf('ada');
    expect(entry).toMatchObject({ kind: 'payment_failed', invoiceId: debt.invoiceId, payUrl: link, readAt: null });
    await stream.expect(1);
    expect(stream.messages.find(({ type }) => type === 'notification.created')?.data).toMatchObject({
      notificationId: entry?.['id'],
    });
    stream.leave();
    const read = await house.as('ada', 'POST', `${PATH}/${String(entry?.['id'])}/read`, {});
    expect(read).toMatchObject({ status: 200, body: { readAt: expect.any(String) as string } });
    expect(await listOf('ada', '?unread=true')).toEqual([]);
    expect(await listOf('ada', '?unread=false')).toHaveLength(1);
  });

  it('once, however often and by however many workers', async () => {
    const second = await startApp({
      databaseUrl: house.database.appUrl,
      redisUrl: house.redis.url,
      settings: {
        ...settings,
        ROLE: 'worker',
        STRIPE_SECRET_KEY: 'sk_test_house',
        STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET,
        STRIPE_API_BASE: house.box.sandbox.url,
      },
    });
    const people = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6'];
    const debts = [];
    for (const user of people) debts.push(await debtor(user));
    for (const debt of debts) await remind(debt);
    for (const debt of debts) await remind(debt);
    const other = second.app.get(NotificationDelivery, { strict: false });
    await Promise.all([drain(), other.drain(), other.drain()]);
    await second.close();
    await house.settle();
    for (const user of people) {
      expect(smtp.to(address(user))).toHaveLength(1);
      expect(await listOf(user)).toHaveLength(1);
    }
    // The next reminder is another message, and says so.
    await remind(debts[0]!, { day: 3 });
    await drain();
    expect(smtp.to(address('w1')).map(({ subject }) => subject)).toEqual([
      'Your payment of $29.00 did not go through',
      'Reminder: Your payment of $29.00 did not go through',
    ]);
  });

  it('not what is no longer true', async () => {
    const debt = await debtor('prompt');
    const buyers = new Buyers(house);
    const customer = await buyers.customerOf('prompt');
    const card = await house.box.stripe.paymentMethods.attach('pm_card_visa', { customer });
    const [invoice] = await buyers.invoicesOf('prompt');
    // Paid this moment: its events are still on their way, so only the provider knows.
    await house.box.stripe.invoices.pay(invoice?.id ?? '', { payment_method: card.id });
    await remind(debt);
    await drain();
    expect(await rowsOf('prompt')).toEqual([
      { channel: 'email', status: 'skipped', attempts: 0, error_code: 'SETTLED' },
      { channel: 'in_app', status: 'skipped', attempts: 0, error_code: 'SETTLED' },
    ]);
    expect(smtp.to(address('prompt'))).toEqual([]);
  });

  it('of what the bank asks for in one message with the first reminder', async () => {
    const debt = await debtor('confirming');
    await remind(debt, { needs: 'confirmation' });
    await remind(debt, { declineCode: 'authentication_required' }, RETRY_EVENTS.actionRequired);
    await remind(debt, { declineCode: 'stolen_card' }, RETRY_EVENTS.methodRequired);
    const share = { contributionId: 'ctr_1', amount: 2900, currency: 'USD', dueAt: GRACE };
    await remind(debt, share, TOLD_EVENTS.contributionFailed);
    await drain();
    const mails = smtp.to(address('confirming'));
    expect(mails.map(({ subject }) => subject).sort()).toEqual([
      'Please confirm your payment of $29.00',
      'Your card was declined: please pay $29.00 another way',
      'Your contribution of $29.00 could not be collected',
    ]);
    const links = mails.map(({ text }) => /: (https?:\S+)\n\n-- /.exec(text ?? '')?.[1]);
    expect(new Set(links).size).toBe(1);
    expect((await fetch(links[0] ?? '')).status).toBe(200);
  });

  it('by mail once the server is there again', async () => {
    const debt = await debtor('patient');
    await smtp.down();
    await remind(debt);
    await drain();
    expect(await rowOf('patient')).toMatchObject({ status: 'pending', attempts: 1, error_code: 'ESOCKET' });
    await smtp.up();
    await sent('patient');
    expect(await rowOf('patient')).toMatchObject({ error_code: null });
  });

  it('by mail later where the server says later', async () => {
    const debt = await debtor('deferred');
    smtp.answer(address('deferred'), '451 4.7.1 try again later');
    await remind(debt);
    await drain();
    expect(await rowOf('deferred')).toMatchObject({ status: 'pending', error_code: 'SMTP_451_4_7_1' });
    smtp.answer(address('deferred'), '250');
    await sent('deferred');
  });

  it('not by mail to an address that refuses it, until it is another one', async () => {
    const debt = await debtor('bouncing');
    smtp.answer(address('bouncing'), '550 5.1.1 no such user');
    await remind(debt);
    await drain();
    expect(await rowOf('bouncing')).toMatchObject({ status: 'failed', attempts: 1, error_code: 'SMTP_550_5_1_1' });
    const { body } = await house.as('bouncing', 'GET', `${PATH}/preferences`);
    expect(body['bounced']).toMatchObject({ reason: 'SMTP_550_5_1_1' });
    const alerts = await house.rows(
      `SELECT severity, details->>'code' AS code FROM alerts WHERE kind = 'notification.undeliverable'`,
    );
    expect(alerts).toEqual([{ severity: 'warning', code: 'SMTP_550_5_1_1' }]);
    smtp.answer(address('bouncing'), '250');
    await remind(debt, { day: 3 });
    await drain();
    expect((await rowsOf('bouncing')).filter(({ channel }) => channel === 'email')).toMatchObject([
      { status: 'failed' },
      { status: 'skipped', error_code: 'ADDRESS_BOUNCED' },
    ]);
    // The list has both all the same.
    expect(await listOf('bouncing')).toHaveLength(2);
    await house.rows(`UPDATE customers SET email = 'new@test.example' WHERE user_id = 'bouncing'`);
    await remind(debt, { day: 7 });
    await drain();
    expect(smtp.to('new@test.example')).toHaveLength(1);
  });

  it('not by push to devices that are gone, at once or as the receipt says', async () => {
    const debt = await debtor('mobile');
    for (const name of ['mobile', 'uninstalled', 'lost']) await addDevice('mobile', name);
    expo.refuse(token('uninstalled'), 'DeviceNotRegistered');
    expo.lose(token('lost'), 'DeviceNotRegistered');
    await remind(debt);
    await drain();
    expect([pushedTo('mobile'), pushedTo('uninstalled'), pushedTo('lost')].map(({ length }) => length)).toEqual([
      1, 0, 1,
    ]);
    await house.advance(new Date(START.getTime() + HOUR_MS));
    await house.app.app.get(PushReceiptsFlow, { strict: false }).sweep();
    const devices = await house.rows(
      `SELECT d.token, d.disabled_reason AS reason FROM notification_devices d JOIN customers c ON c.id = d.customer_id
       WHERE c.user_id = 'mobile' ORDER BY 1`,
    );
    expect(devices).toEqual([
      { token: token('lost'), reason: 'DeviceNotRegistered' },
      { token: token('mobile'), reason: null },
      { token: token('uninstalled'), reason: 'DeviceNotRegistered' },
    ]);
    // Signing in on it again brings it back.
    await addDevice('mobile', 'uninstalled');
    await remind(debt, { day: 3 });
    await drain();
    expect(pushedTo('mobile')).toHaveLength(2);
    expo.status = 503;
    await remind(debt, { day: 7 });
    await drain();
    expo.status = 200;
    await until('the message has come', async () => {
      await drain();
      return pushedTo('mobile').length === 3;
    });
  });

  it('by push when quiet hours are over, unless it is urgent', async () => {
    const debt = await debtor('sleeping');
    await addDevice('sleeping');
    // It is eight in the evening in Tokyo.
    await prefer('sleeping', { timeZone: 'Asia/Tokyo', quietHours: { from: '20:00', to: '07:00' } });
    await remind(debt);
    await remind(debt, {}, RETRY_EVENTS.actionRequired);
    await house.settle();
    expect(pushedTo('sleeping').map(({ data }) => data['kind'])).toEqual(['action_required']);
    expect(smtp.to(address('sleeping'))).toHaveLength(2);
    await house.advance(new Date('2026-01-15T21:59:00Z'));
    expect(pushedTo('sleeping')).toHaveLength(1);
    await house.advance(new Date('2026-01-15T22:00:30Z'));
    expect(pushedTo('sleeping').map(({ data }) => data['kind'])).toEqual(['action_required', 'payment_failed']);
  });

  it('with Redis flushed and nobody woken', async () => {
    const debt = await debtor('flushed');
    await house.redis.flush();
    await remind(debt);
    await until('the mail has come', () => smtp.to(address('flushed')).length === 1);
  });

  it('what they do themselves, where they want to be told of it', async () => {
    await house.as('mover', 'POST', '/billing/subscriptions', { plan: 'PRO' });
    await house.settle();
    const buyers = new Buyers(house);
    const customer = await buyers.customerOf('mover');
    const card = await house.box.stripe.paymentMethods.attach('pm_card_visa', { customer });
    await house.box.stripe.customers.update(customer, { invoice_settings: { default_payment_method: card.id } });
    const { trialEndsAt } = (await buyers.mine('mover')) as { trialEndsAt: string };
    await house.advance(new Date(new Date(trialEndsAt).getTime() - 2 * 24 * HOUR_MS));
    const sweep = (): Promise<number> => house.app.app.get(TrialEndings, { strict: false }).sweep();
    expect(await sweep()).toBeGreaterThan(0);
    expect(await sweep()).toBe(0);
    await house.settle();
    await prefer('mover', { topics: [{ topic: 'subscription', channel: 'in_app', enabled: false }] });
    expect((await house.as('mover', 'PATCH', '/billing/subscriptions/plan', { plan: 'ENTERPRISE' })).status).toBe(200);
    await house.settle();
    const subjects = (): (string | undefined)[] => smtp.to(address('mover')).map(({ subject }) => subject);
    expect(subjects()).toEqual([
      expect.stringMatching(/^Your trial of Pro ends on January \d+, 2026$/),
      'Your subscription is now Enterprise',
    ]);
    await leaveByLink(house, 'mover', smtp.to(address('mover')).at(-1));
    expect((await house.as('mover', 'DELETE', '/billing/subscriptions?atPeriodEnd=true')).status).toBe(200);
    await house.settle();
    expect(subjects()).toHaveLength(2);
    expect((await listOf('mover')).map(({ kind }) => kind)).toEqual(['trial_ending']);
  });

  it('of nothing that lies long behind', async () => {
    const debt = await debtor('historic');
    await house.app.app.get(UnitOfWork).service((tx) =>
      house.app.app.get(Outbox).append(tx, [
        {
          ...{ type: RETRY_EVENTS.reminderDue, objectType: 'dunning_case', objectId: 'case_h' },
          ...{ customerId: debt.customerId, occurredAt: new Date('2025-11-01T00:00:00Z') },
          payload: { caseId: 'case_h', invoiceId: debt.invoiceId, graceUntil: GRACE, day: 0, needs: 'nothing' },
        },
      ]),
    );
    await house.settle();
    expect(await rowsOf('historic')).toEqual([]);
  });

  it('of a renewal, from its decline to its payment', async () => {
    const buyers = new Buyers(house);
    const { card, customer } = await buyers.subscribe('renewing');
    await addDevice('renewing');
    await buyers.cardIs(card, 'insufficient_funds');
    const { currentPeriodEnd } = (await buyers.mine('renewing')) as { currentPeriodEnd: string };
    const end = new Date(currentPeriodEnd).getTime();
    // Stripe charges an hour after the end of the period.
    await house.advance(new Date(end + 2 * HOUR_MS));
    const subjects = (): (string | undefined)[] => smtp.to(address('renewing')).map(({ subject }) => subject);
    expect(subjects()).toEqual(['Your payment of $29.00 did not go through']);
    await house.advance(new Date(end + (3 * 24 + 2) * HOUR_MS));
    expect(subjects()).toHaveLength(2);
    const reminder = smtp.to(address('renewing'))[1];
    expect(reminder).toMatchObject({ subject: 'Reminder: Your payment of $29.00 did not go through' });
    expect(reminder?.text).toMatch(/You keep your access for 4 days, until /);
    const link = /Pay now: (\S+)/.exec(reminder?.text ?? '')?.[1] ?? '';
    expect(link).toContain((await buyers.invoicesOf('renewing')).at(-1)?.id);
    expect((await fetch(link)).status).toBe(200);
    const other = await house.box.stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    await house.box.stripe.invoices.pay(link.split('/').at(-1) ?? '', { payment_method: other.id });
    await house.settle();
    expect(subjects().at(-1)).toBe('Thank you: your payment of $29.00 went through');
    expect(subjects()).toHaveLength(3);
    expect(pushedTo('renewing').map(({ data }) => data['kind'])).toEqual([
      'payment_failed',
      'payment_failed',
      'payment_recovered',
    ]);
    const list = await listOf('renewing');
    // Its link is gone with the debt.
    expect(list.map(({ kind, payUrl }) => [kind, payUrl])).toEqual([
      ['payment_recovered', null],
      ['payment_failed', null],
      ['payment_failed', null],
    ]);
  }, 60_000);
});
