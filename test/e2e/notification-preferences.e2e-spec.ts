import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
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
});
