import { NotificationDelivery } from '../../src/modules/notifications/delivery/notification-delivery.flow';
import { PAYOUT_EVENTS } from '../../src/modules/payouts';
import { TOLD_EVENTS } from '../../src/modules/notifications/notifications.events';
import { UnitOfWork } from '../../src/platform/database';
import { Outbox, OutboxRelay } from '../../src/platform/outbox';
import { startApp } from '../support/app';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { bouncesLater } from '../support/late-bounces';
import { insertOf, ROW_FACTORIES } from '../support/rows';
import { asUser } from '../support/tokens';

const PATH = '/notifications';

/** An installation without SMTP and without push messages. */
describe('what customers may say about what they are told', () => {
  let house: House;
  const token = (name: string): string => `ExponentPushToken[${name}]`;
  const listOf = async (user: string, query = ''): Promise<Record<string, unknown>[]> =>
    (await house.as(user, 'GET', `${PATH}${query}`)).body['data'] as Record<string, unknown>[];
  const prefer = (user: string, body: object): Promise<Answer> => house.as(user, 'PUT', `${PATH}/preferences`, body);
  const addDevice = async (user: string, name = user): Promise<string> =>
    (await house.as(user, 'POST', `${PATH}/devices`, { token: token(name) })).body['id'] as string;
  /** Told of as its module tells it: in the unit of work that changes it. */
  const append = async (user: string, type: string, objectId: string, payload: object): Promise<void> => {
    const [row] = await house.rows<{ id: string; s: string }>(
      'SELECT c.id, b.offset_seconds AS s FROM customers c, business_clock b WHERE c.user_id = $1',
      [user],
    );
    const occurredAt = new Date(Date.now() + Number(row!.s) * 1000);
    const event = { type, objectType: type.split('.')[0]!, objectId, customerId: row!.id, payload: { ...payload } };
    await house.app.app
      .get(UnitOfWork)
      .service((tx) => house.app.app.get(Outbox).append(tx, [{ ...event, occurredAt }]));
  };
  const operator = (path: string, role: string): Promise<Answer> =>
    fetchAnswer(`${house.app.url}/v1/admin/${path}`, { headers: asUser('operator', role) });
  const preview = (key: string, body: unknown, role = 'support'): Promise<Answer> =>
    fetchAnswer(
      `${house.app.url}/v1/admin/notification-templates/${key}/preview`,
      jsonPost(body, asUser('operator', role)),
    );

  beforeAll(async () => {
    house = await startHouse();
    await house.as('ada', 'POST', '/billing/subscriptions', { plan: 'PRO' });
    await house.settle();
  }, 40_000);
  afterAll(() => house.close());

  it('is seen in mail that nobody gets, and in the list', async () => {
    expect((await house.as('ada', 'DELETE', '/billing/subscriptions?atPeriodEnd=true')).status).toBe(200);
    await house.settle();
    const { body } = await operator('dev-outbox', 'admin');
    expect(body['data']).toMatchObject([
      {
        recipient: 'ada@test.example',
        subject: expect.stringMatching(/^Your subscription ends on /) as string,
        html: expect.stringContaining('<html lang="en">') as string,
      },
    ]);
    expect((await listOf('ada')).map(({ kind }) => kind)).toEqual(['cancellation_scheduled']);
    expectRefusal(await operator('dev-outbox', 'support'), 403, 'INSUFFICIENT_PERMISSIONS');
    const health = await fetchAnswer(`${house.app.url}/v1/health/ready`);
    expect(JSON.stringify(health.body)).toContain('"smtp":"off"');
  });

  it('is read page by page', async () => {
    const [customer] = await house.rows<{ id: string }>(`SELECT id FROM customers WHERE user_id = 'ada'`);
    for (let i = 0; i < 4; i += 1) {
      const row = ROW_FACTORIES['notifications']?.({ customerId: customer!.id }) ?? {};
      const { text, values } = insertOf('notifications', row, {
        ...{ id: `ntf_${i}`, status: 'sent', settled_at: 'now', title: `t${i}`, body: 'b' },
      });
      await house.rows(text, values);
    }
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await house.as('ada', 'GET', `${PATH}?limit=2${cursor}`);
      seen.push(...(body['data'] as { id: string }[]).map(({ id }) => id));
      cursor = typeof body['nextCursor'] === 'string' ? `&cursor=${body['nextCursor']}` : '';
    } while (cursor !== '');
    expect(seen).toEqual([expect.stringMatching(/^ntf_\w{26}$/), 'ntf_3', 'ntf_2', 'ntf_1', 'ntf_0']);
  });

  it('is what applies before they say anything', async () => {
    const { status, body } = await house.as('newcomer', 'GET', `${PATH}/preferences`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ locale: null, timeZone: null, quietHours: null, bounced: null });
    expect(body['topics']).toContainEqual(
      expect.objectContaining({ topic: 'billing', channel: 'email', enabled: true, mandatory: true }),
    );
    expect(body['topics']).toContainEqual(
      expect.objectContaining({ topic: 'offers', channel: 'email', enabled: false, mandatory: false }),
    );
    expect(await house.rows(`SELECT FROM customers WHERE user_id = 'newcomer'`)).toEqual([]);
  });

  it('stays where it is left out', async () => {
    await prefer('chooser', { locale: 'es', timeZone: 'Europe/Madrid', quietHours: { from: '22:00', to: '07:00' } });
    await prefer('chooser', { quietHours: null, topics: [{ topic: 'offers', channel: 'email', enabled: true }] });
    const { body } = await house.as('chooser', 'GET', `${PATH}/preferences`);
    expect(body).toMatchObject({ locale: 'es', timeZone: 'Europe/Madrid', quietHours: null });
    expect(body['topics']).toContainEqual(
      expect.objectContaining({ topic: 'offers', channel: 'email', enabled: true }),
    );
  });

  it.each<[object, number, string]>([
    [{ locale: 'de_AT' }, 400, 'INVALID_INPUT'],
    [{ locale: 'x'.repeat(10_000) }, 400, 'INVALID_INPUT'],
    [{ locale: 7 }, 400, 'INVALID_INPUT'],
    [{ timeZone: 'Mars/Olympus' }, 400, 'INVALID_INPUT'],
    [{ timeZone: "UTC'; DROP TABLE customers; --" }, 400, 'INVALID_INPUT'],
    [{ timeZone: 'UTC\u0000' }, 400, 'INVALID_INPUT'],
    [{ quietHours: { from: '24:00', to: '07:00' } }, 400, 'INVALID_INPUT'],
    [{ quietHours: { from: '07:00', to: '07:00' } }, 400, 'INVALID_INPUT'],
    [{ quietHours: { from: '07:00' } }, 400, 'INVALID_INPUT'],
    [{ quietHours: '22-7' }, 400, 'INVALID_INPUT'],
    [{ topics: [{ topic: 'gossip', channel: 'email', enabled: true }] }, 400, 'INVALID_INPUT'],
    [{ topics: [{ topic: 'offers', channel: 'pigeon', enabled: true }] }, 400, 'INVALID_INPUT'],
    [{ topics: [{ topic: 'offers', channel: 'email', enabled: 'yes' }] }, 400, 'INVALID_INPUT'],
    [{ topics: null }, 400, 'INVALID_INPUT'],
    [{ userId: 'ada' }, 400, 'INVALID_INPUT'],
    [{ topics: [{ topic: 'billing', channel: 'email', enabled: false }] }, 422, 'PREFERENCE_MANDATORY'],
  ])('is refused where it is bad (%#)', async (body, status, code) => {
    const before = (await house.as('chooser', 'GET', `${PATH}/preferences`)).text;
    expectRefusal(await prefer('chooser', body), status, code);
    expect((await house.as('chooser', 'GET', `${PATH}/preferences`)).text).toBe(before);
  });

  it.each(['', 'x', 'ExponentPushToken[', `ExponentPushToken[${'x'.repeat(10_000)}]`, 'ExponentPushToken[a\u0000]', 7])(
    'is no device where its token is none (%#)',
    async (bad) => {
      expectRefusal(await house.as('chooser', 'POST', `${PATH}/devices`, { token: bad }), 400, 'INVALID_INPUT');
    },
  );

  it('is a device of whoever signed in on it last, as often as he says so', async () => {
    const first = await addDevice('chooser', 'shared');
    expect(await addDevice('chooser', 'shared')).toBe(first);
    const next = await addDevice('ada', 'shared');
    expect(await house.rows('SELECT id FROM notification_devices WHERE token = $1', [token('shared')])).toEqual([
      { id: next },
    ]);
    expectRefusal(await house.as('chooser', 'DELETE', `${PATH}/devices/${next}`), 404, 'DEVICE_NOT_FOUND');
    expect((await house.as('ada', 'DELETE', `${PATH}/devices/${next}`)).status).toBe(204);
    expectRefusal(await house.as('ada', 'DELETE', `${PATH}/devices/${next}`), 404, 'DEVICE_NOT_FOUND');
  });

  it("is not another's", async () => {
    const [entry] = await listOf('ada');
    const foreign = String(entry?.['id']);
    for (const id of [foreign, 'ntf_nothing', "x'; --", 'x'.repeat(2_000), '%00']) {
      const answer = await house.as('chooser', 'POST', `${PATH}/${id}/read`, {});
      expect([400, 404, 414]).toContain(answer.status);
    }
    expectRefusal(await house.as('chooser', 'POST', `${PATH}/${foreign}/read`, {}), 404, 'NOTIFICATION_NOT_FOUND');
    expect(await listOf('chooser')).toEqual([]);
    expectRefusal(await house.as('chooser', 'GET', `${PATH}?cursor=x`), 400, 'INVALID_INPUT');
    expectRefusal(await house.as('chooser', 'GET', `${PATH}?unread=maybe`), 400, 'INVALID_INPUT');
  });

  it('is shown to operators with samples or with variables of theirs', async () => {
    const { body } = await operator('notification-templates', 'support');
    const templates = body['data'] as { key: string }[];
    expect(templates.map(({ key }) => key)).toContain('payment_failed');
    const sample = await preview('payment_failed', { locale: 'es-MX', channel: 'email' });
    expect(sample.body).toMatchObject({
      language: 'es',
      html: expect.stringContaining('<html lang="es">') as string,
    });
    const variables = { amount: { amount: 1000, currency: 'JPY' } };
    const own = await preview('refund_sent', { locale: 'en', channel: 'push', variables });
    expect(own.body).toMatchObject({ title: 'Refund of ¥1,000', html: null });
  });

  it('is not with variables missing, unknown or wrong, nor to users', async () => {
    const body = { locale: 'en', channel: 'email', variables: { plan: 'Pro', amount: 7, name: 'Ada' } };
    const answer = await preview('payment_failed', body);
    expectRefusal(answer, 400, 'TEMPLATE_VARIABLES');
    expect(answer.body.error?.details).toMatchObject({
      missing: ['graceUntil', 'daysLeft', 'lastDay', 'again', 'payUrl'],
      unknown: ['name'],
      wrong: [{ name: 'amount' }],
    });
    expectRefusal(await preview('gossip', { locale: 'en', channel: 'email' }), 404, 'TEMPLATE_NOT_FOUND');
    expectRefusal(await preview('refund_sent', { locale: 'e', channel: 'email' }), 400, 'INVALID_INPUT');
    expectRefusal(await preview('refund_sent', body, 'user'), 403, 'INSUFFICIENT_PERMISSIONS');
    expectRefusal(await operator('notification-templates', 'finance'), 403, 'INSUFFICIENT_PERMISSIONS');
  });

  it('is what other modules have told of, once, as long as it is true', async () => {
    const inTime = { periodStart: '2026-01-15T10:00:00Z', periodEnd: '2026-02-15T10:00:00Z' };
    const usage = { meter: 'api', name: 'API calls', used: 8_000, limit: 10_000, ...inTime };
    const money = { amount: 12_500, currency: 'EUR' };
    const share = { contributionId: 'ctr_1', ...money, dueAt: '2026-01-20T10:00:00Z', invoiceId: null };
    const told: [string, string, object][] = [
      [TOLD_EVENTS.usageThreshold, 'use_1', { ...usage, threshold: 80 }],
      [TOLD_EVENTS.usageThreshold, 'use_1', { ...usage, threshold: 100, used: 10_000 }],
      [TOLD_EVENTS.usageThreshold, 'use_0', { ...usage, threshold: 80, periodEnd: '2026-01-01T00:00:00Z' }],
      [PAYOUT_EVENTS.paid, 'po_1', { payoutId: 'po_1', status: 'paid', failureCode: null, ...money }],
      [PAYOUT_EVENTS.bounced, 'po_1', { payoutId: 'po_1', status: 'bounced', failureCode: null, ...money }],
      [PAYOUT_EVENTS.failed, 'po_2', { payoutId: 'po_2', status: 'failed', failureCode: null, ...money }],
      [TOLD_EVENTS.contributionDue, 'ctr_1', share],
      [TOLD_EVENTS.contributionDue, 'ctr_0', { ...share, contributionId: 'ctr_0', dueAt: '2026-01-01T00:00:00Z' }],
      [TOLD_EVENTS.contributionFailed, 'ctr_1', share],
    ];
    await prefer('podder', { topics: [{ topic: 'usage', channel: 'email', enabled: false }] });
    for (const event of [...told, ...told]) await append('podder', ...event);
    await house.settle();
    const titles = (await listOf('podder')).map(({ title }) => title);
    expect(titles.sort()).toEqual([
      'API calls: 100% used',
      'API calls: 80% used',
      'Contribution of €125.00 due',
      'Contribution of €125.00 failed',
      'Payout of €125.00',
      'Payout of €125.00 did not arrive',
      'Payout of €125.00 did not arrive',
    ]);
    const mails = await house.rows<{ subject: string; text: string }>(
      `SELECT subject, text FROM mail_outbox WHERE recipient = 'podder@test.example' ORDER BY subject`,
    );
    expect(mails.map(({ subject }) => subject)).toEqual([
      'We have paid you €125.00',
      'Your contribution of €125.00 could not be collected',
      'Your contribution of €125.00 is due on January 20, 2026',
      'Your payout of €125.00 did not arrive',
      'Your payout of €125.00 did not arrive',
    ]);
    expect(mails.filter(({ text }) => text.includes('has sent €125.00 back'))).toHaveLength(1);
    const skipped = await house.rows(`SELECT DISTINCT error_code FROM notifications WHERE status = 'skipped'`);
    expect(skipped).toEqual([{ error_code: 'OUT_OF_DATE' }]);
  });

  it('goes to no address that turns out not to take mail, until it is another one', () =>
    bouncesLater(house, 'podder'));

  describe('in words of your own', () => {
    /** The mail and the entry in the list that tell him of a refund. */
    const refunded = async (user: string, refundId: string): Promise<{ mail: KeptMail; entry: KeptMail }> => {
      const refund = { refundId, amount: 1000, currency: 'USD', status: 'succeeded' };
      await append(user, 'refund.updated', refundId, refund);
      await house.settle();
      const [mail] = await house.rows<KeptMail>('SELECT subject, text, html FROM mail_outbox ORDER BY id DESC LIMIT 1');
      const [entry] = await listOf(user);
      return { mail: mail!, entry: entry as unknown as KeptMail };
    };
    interface KeptMail {
      subject: string;
      text: string;
      html: string;
      title: string;
    }
    const at = (key: string, locale: string): string =>
      `${house.app.url}/v1/admin/notification-templates/${key}/${locale}`;
    const put = (key: string, locale: string, body: unknown, role = 'admin'): Promise<Answer> =>
      fetchAnswer(at(key, locale), { ...jsonPost(body, asUser('writer', role)), method: 'PUT' });
    const remove = (key: string, locale: string): Promise<Answer> =>
      fetchAnswer(at(key, locale), { method: 'DELETE', headers: asUser('writer', 'admin') });
    const OURS = {
      subject: '{{amount}} are yours again',
      text: 'We sent {{amount}}.',
      html: '<p>We sent <b>{{amount}}</b>.</p>',
      inApp: { title: 'Back: {{amount}}', body: 'Enjoy' },
    };

    it('they hold at once, also in another process, and the built-in ones after them', async () => {
      await prefer('ada', { locale: 'en-GB' });
      expect((await refunded('ada', 'rfd_1')).mail.subject).toBe('Your refund of US$10.00');
      const first = await put('refund_sent', 'en', OURS);
      expect(first.body).toMatchObject({ key: 'refund_sent', locale: 'en', version: 1, createdBy: 'writer' });
      expect((await put('refund_sent', 'en', OURS)).body['version']).toBe(1);
      const { mail, entry } = await refunded('ada', 'rfd_2');
      expect(mail).toMatchObject({
        subject: 'US$10.00 are yours again',
        text: expect.stringMatching(/^We sent US\$10\.00\.\n\n-- \nYou get this message/) as string,
        html: expect.stringContaining('<p>We sent <b>US$10.00</b>.</p>') as string,
      });
      expect(entry.title).toBe('Back: US$10.00');

      // Nothing is remembered: what another process says is what stands there when it says it.
      const other = await startApp({
        ...{ databaseUrl: house.database.appUrl, redisUrl: house.redis.url },
        settings: { ROLE: 'api' },
      });
      await Promise.all([1, 2, 3, 4, 5].map((n) => put('refund_sent', 'en-GB', { subject: `No. ${n}` })));
      const [{ version, subject } = { version: 0, subject: '' }] = await house.rows<{
        version: number;
        subject: string;
      }>(
        `SELECT version, wording->>'subject' AS subject FROM notification_wordings WHERE locale = 'en-GB' ORDER BY version DESC`,
      );
      expect(version).toBe(5);
      await append('ada', 'refund.updated', 'rfd_3', {
        refundId: 'rfd_3',
        amount: 1,
        currency: 'USD',
        status: 'succeeded',
      });
      await house.app.app.get(OutboxRelay, { strict: false }).drain();
      await other.app.get(NotificationDelivery, { strict: false }).drain();
      await other.close();
      const [last] = await house.rows<KeptMail>('SELECT subject FROM mail_outbox ORDER BY id DESC LIMIT 1');
      expect(last?.subject).toBe(subject);

      expect((await preview('refund_sent', { locale: 'en-GB', channel: 'email' })).body).toMatchObject({ version: 5 });
      for (const locale of ['en-GB', 'en-GB', 'en', 'es']) {
        expect((await remove('refund_sent', locale)).status).toBe(204);
      }
      expect((await refunded('ada', 'rfd_4')).mail.subject).toBe('Your refund of US$10.00');
      const { body } = await fetchAnswer(`${at('refund_sent', 'en')}/versions?limit=1`, {
        headers: asUser('operator', 'support'),
      });
      expect(body).toMatchObject({ data: [{ version: 2, wording: null }], nextBefore: 2 });
      const audited = await house.rows(
        `SELECT action, before, after FROM audit_log WHERE object_id = 'refund_sent/en' ORDER BY seq`,
      );
      expect(audited).toEqual([
        { action: 'notification_template.put', before: { version: null }, after: { version: 1 } },
        { action: 'notification_template.delete', before: { version: 1 }, after: { version: null } },
      ]);
    });

    it('a message is told in the built-in ones where they cannot be said, and somebody hears of it', async () => {
      // As an earlier release may have taken it.
      const row = { id: 'ntw_old', locale: 'en', wording: JSON.stringify({ subject: 'Dear {{name}}' }) };
      const { text, values } = insertOf(
        'notification_wordings',
        ROW_FACTORIES['notification_wordings']!({ customerId: '' }),
        {
          ...{ ...row, version: 3 },
        },
      );
      await house.rows(text, values);
      expect((await refunded('ada', 'rfd_5')).mail.subject).toBe('Your refund of US$10.00');
      const alerts = await house.rows(
        `SELECT cause_key, count, details->>'reason' AS reason FROM alerts WHERE kind = 'notification.wording_broken'`,
      );
      expect(alerts).toEqual([
        {
          ...{ cause_key: 'notification.wording_broken:refund_sent:en', count: 2 },
          reason: 'subject: {{name}} is no variable of this message',
        },
      ]);
      expect((await remove('refund_sent', 'en')).status).toBe(204);
    });

    it('they are looked at before they are kept', async () => {
      const wording = {
        subject: 'Rappel: {{amount}}',
        text: '{{amount}} {{payUrl}}',
        html: '<i>{{amount}}</i> {{payUrl}}',
      };
      const short = { push: { title: 'Rappel', body: '{{amount}}' }, inApp: { title: 'Rappel', body: '{{amount}}' } };
      const draft = await preview('payment_failed', {
        locale: 'fr-CA',
        channel: 'email',
        wording: { ...wording, ...short },
      });
      expect(draft.body).toMatchObject({ language: 'fr-CA', version: null, title: 'Rappel: 29,00\u00a0$\u00a0US' });
      const partly = await preview('payment_failed', { locale: 'fr-CA', channel: 'email', wording });
      expectRefusal(partly, 422, 'TEMPLATE_INVALID');
      expect(await house.rows(`SELECT FROM notification_wordings WHERE template = 'payment_failed'`)).toEqual([]);
    });

    it.each<[string, string, unknown, number, string]>([
      ['gossip', 'en', { subject: 'x' }, 404, 'TEMPLATE_NOT_FOUND'],
      ['refund_sent', 'e_n', { subject: 'x' }, 400, 'INVALID_INPUT'],
      ['refund_sent', 'en', { subject: 7 }, 400, 'INVALID_INPUT'],
      ['refund_sent', 'en', { subject: null }, 400, 'INVALID_INPUT'],
      ['refund_sent', 'en', { subject: 'a\nBcc: b' }, 400, 'INVALID_INPUT'],
      ['refund_sent', 'en', { subject: 'x'.repeat(301) }, 400, 'INVALID_INPUT'],
      ['refund_sent', 'en', { text: 'a\u0000', html: 'b' }, 400, 'INVALID_INPUT'],
      ['refund_sent', 'en', { text: 'a', html: '\ud800' }, 400, 'INVALID_INPUT'],
      ['refund_sent', 'en', { push: { title: 'x' } }, 400, 'INVALID_INPUT'],
      ['refund_sent', 'en', { sms: 'x' }, 400, 'INVALID_INPUT'],
      ['refund_sent', 'en', {}, 422, 'TEMPLATE_INVALID'],
      ['refund_sent', 'en', { subject: '{{nome}}' }, 422, 'TEMPLATE_INVALID'],
      ['payment_failed', 'en', { text: '{{amount}}', html: '{{amount}}' }, 422, 'TEMPLATE_INVALID'],
    ])('they are refused where they are bad (%#)', async (key, locale, body, status, code) => {
      const rows = 'SELECT count(*)::int AS n FROM notification_wordings';
      const before = await house.rows(rows);
      const answer = await put(key, locale, body);
      expectRefusal(answer, status, code);
      if (status === 422) expect(answer.body.error?.details['problems']).toHaveLength(key === 'refund_sent' ? 1 : 2);
      expect(await house.rows(rows)).toEqual(before);
      expectRefusal(await put(key, locale, body, 'support'), 403, 'INSUFFICIENT_PERMISSIONS');
    });
  });
});
