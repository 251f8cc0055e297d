import { SupportTickets } from '../../src/modules/support';
import { UnitOfWork } from '../../src/platform/database';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { asUser } from '../support/tokens';

describe('who may do what with tickets, and in what words', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
  }, 30_000);
  afterAll(() => house.close());

  const call = (method: string, path: string, body?: unknown, headers = asUser('op-1', 'support')): Promise<Answer> =>
    fetchAnswer(
      `${house.app.url}/v1/support/tickets${path}`,
      body === undefined ? { method, headers } : { ...jsonPost(body, headers), method },
    );
  const routes = [
    ['GET', '', undefined],
    ['GET', '/tkt_1', undefined],
    ['GET', '/tkt_1/timeline', undefined],
    ['PATCH', '/tkt_1', { status: 'open' }],
    ['POST', '/tkt_1/notes', { text: 'x' }],
    ['POST', '/tkt_1/resolve', { resolution: 'manual' }],
  ] as const;

  it.each(routes)('%s %s is for support and admin only', async (method, path, body) => {
    for (const role of ['user', 'finance']) {
      expectRefusal(await call(method, path, body, asUser('u', role)), 403, 'INSUFFICIENT_PERMISSIONS');
    }
    expect((await call(method, path, body, asUser('a', 'admin'))).status).toBe(path === '' ? 200 : 404);
    expect((await fetchAnswer(`${house.app.url}/v1/support/tickets${path}`, { method })).status).toBe(401);
  });

  it.each(routes.slice(1))('%s %s of an unknown ticket is a 404', async (method, path, body) => {
    expectRefusal(await call(method, path, body), 404, 'TICKET_NOT_FOUND');
  });

  it.each([
    'status=closed',
    'status=open&status=resolved',
    'type=webhook',
    'priority=1',
    'customerId=',
    'eventId=%00',
    'limit=0',
    'limit=101',
    'cursor=x',
    'assigneeId=',
    'assigneeId=%20',
    'assigned=perhaps',
    'overdue=1',
    'overdue=true&overdue=false',
    'invoiceId=',
    'dueAt=2026-01-01',
  ])('refuses the list ?%s', async (query) => {
    expectRefusal(await call('GET', `?${query}`), 400, 'INVALID_INPUT');
  });

  it.each<unknown>([
    {},
    [],
    'open',
    { status: 'resolved' },
    { status: 'retrying' },
    { status: null },
    { priority: null },
    { priority: 'highest' },
    { assigneeId: 7 },
    { assigneeId: '' },
    { assigneeId: 'a b' },
    { assigneeId: '\ud800' },
    { note: 7 },
    { note: 'a\u0000b' },
    { status: 'open', resolution: 'manual' },
    { status: 'open', eventId: 'evt_1' },
  ])('refuses the change %j', async (body) => {
    expectRefusal(await call('PATCH', '/tkt_1', body), 400, 'INVALID_INPUT');
  });

  it.each<unknown>([
    {},
    { resolution: 'retry' },
    { resolution: ['manual'] },
    { resolution: null },
    { resolution: 'manual', note: null },
    { resolution: 'manual', status: 'resolved' },
  ])('refuses the resolution %j', async (body) => {
    expectRefusal(await call('POST', '/tkt_1/resolve', body), 400, 'INVALID_INPUT');
  });

  it.each<unknown>([
    {},
    { text: '' },
    { text: ' \n' },
    { text: 7 },
    { text: null },
    { text: 'a\u0000b' },
    { text: 'x', at: 1 },
  ])('refuses the note %j', async (body) => {
    expectRefusal(await call('POST', '/tkt_1/notes', body), 400, 'INVALID_INPUT');
  });

  it('refuses what is too long', async () => {
    const note = 'x'.repeat(4_001);
    expectRefusal(await call('POST', '/tkt_1/notes', { text: note }), 400, 'INVALID_INPUT');
    expectRefusal(await call('GET', `/${'x'.repeat(10_000)}`), 414, 'URI_TOO_LONG');
    for (const odd of ["tkt_1' OR '1'='1", '%F0%9F%8E%AB', '..%2F..']) {
      expectRefusal(await call('GET', `/${odd}/timeline`), 404, 'TICKET_NOT_FOUND');
    }
    expectRefusal(await call('GET', '/tkt_1/timeline?cursor=x'), 400, 'INVALID_INPUT');
    expectRefusal(await call('GET', `?eventId=${'x'.repeat(256)}`), 400, 'INVALID_INPUT');
    expectRefusal(await call('PATCH', '/tkt_1', { note }), 400, 'INVALID_INPUT');
    expectRefusal(await call('POST', '/tkt_1/resolve', { resolution: 'manual', note }), 400, 'INVALID_INPUT');
  });

  it('keeps a note of any characters', async () => {
    const unitOfWork = house.app.app.get(UnitOfWork, { strict: false });
    await unitOfWork.service((tx) =>
      house.app.app.get(SupportTickets, { strict: false }).open(tx, {
        type: 'other',
        priority: 'normal',
        causeKey: 'note',
        summary: 'Something to look at',
        details: {},
        occurrence: { id: 'told', at: new Date().toISOString(), code: 'TEST' },
        eventId: null,
        customerId: null,
        paymentId: null,
      }),
    );
    const [ticket] = (await call('GET', '')).body['data'] as { id: string }[];
    const note = 'naïve — 結 🙂 "quoted" \\ \ud800';
    expect((await call('PATCH', `/${ticket?.id}`, { note })).status).toBe(200);
    expect((await call('GET', `/${ticket?.id}`)).body['note']).toBe('naïve — 結 🙂 "quoted" \\ \ufffd');
  });
});
