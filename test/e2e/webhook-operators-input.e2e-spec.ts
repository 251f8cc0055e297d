import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { asUser } from '../support/tokens';

describe("what operators' routes of the inbox refuse", () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ settings: { ROLE: 'api' } });
  }, 30_000);
  afterAll(() => house.close());

  const support = asUser('sue', 'support');
  const admin = asUser('ada', 'admin');
  const get = (path: string, headers: Record<string, string> = support): Promise<Answer> =>
    fetchAnswer(`${house.app.url}/v1/admin/webhooks/${path}`, { headers });
  const post = (path: string, body: unknown = {}, headers: Record<string, string> = admin): Promise<Answer> =>
    fetchAnswer(`${house.app.url}/v1/admin/webhooks/${path}`, jsonPost(body, headers));

  it('is for operators, and in bulk for admins', async () => {
    const routes: [string, string, unknown][] = [
      ['GET', 'events', undefined],
      ['GET', 'events/evt_x', undefined],
      ['POST', 'events/evt_x/replay', {}],
      ['POST', 'replay', { type: 'x' }],
    ];
    for (const [method, path, body] of routes) {
      for (const roles of [[], ['finance']] as const) {
        const headers = asUser('nobody', ...roles);
        const answer = method === 'GET' ? await get(path, headers) : await post(path, body, headers);
        expectRefusal(answer, 403, 'INSUFFICIENT_PERMISSIONS');
      }
      expect((await fetchAnswer(`${house.app.url}/v1/admin/webhooks/${path}`, { method })).status).toBe(401);
    }
    expectRefusal(await post('replay', { type: 'x' }, support), 403, 'INSUFFICIENT_PERMISSIONS');
  });

  it.each([
    'events?status=lost',
    'events?status=failed&status=ignored',
    'events?provider=paypal',
    'events?receivedFrom=yesterday',
    'events?receivedTo=2026-02-30',
    'events?receivedFrom=0000-01-01',
    'events?type=',
    `events?objectId=${'x'.repeat(256)}`,
    'events?aggregate=%00',
    'events?limit=0',
    'events?cursor=x',
    'events?colour=blue',
  ])('refuses to list by %s', async (path) => {
    expectRefusal(await get(path), 400, 'INVALID_INPUT');
  });

  it.each<[string, unknown]>([
    ['replay', {}],
    ['replay', { limit: 5 }],
    ['replay', { type: null }],
    ['replay', { status: [] }],
    ['replay', { status: 'failed' }],
    ['replay', { status: ['processing'] }],
    ['replay', { status: ['failed', 'failed'] }],
    ['replay', { type: 'x', limit: 10_001 }],
    ['replay', { type: 'x', limit: null }],
    ['replay', { type: 'x', limit: '5' }],
    ['replay', { objectId: '\ud800' }],
    ['replay', { type: 7 }],
    ['replay', { receivedFrom: 1_700_000_000 }],
    ['replay', { type: 'x', colour: 'blue' }],
    ['replay', []],
    ['replay?dryRun=perhaps', { type: 'x' }],
    ['events/evt_x/replay?dryRun=1', {}],
  ])('refuses POST %s %j', async (path, body) => {
    expectRefusal(await post(path, body), 400, 'INVALID_INPUT');
  });

  it.each(['events/evt_x', 'events/__proto__'])('knows nothing of %s', async (path) => {
    expectRefusal(await get(path), 404, 'EVENT_NOT_FOUND');
    expectRefusal(await post(`${path}/replay`), 404, 'EVENT_NOT_FOUND');
    expectRefusal(await post(`${path}/replay?dryRun=true`), 404, 'EVENT_NOT_FOUND');
  });
});
