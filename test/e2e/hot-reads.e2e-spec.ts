import { Buyers } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer, type Answer } from '../support/http-client';
import { tokenFor } from '../support/tokens';

const LIMIT = 30;
const ORIGIN = 'https://web.test.example';

/** What is answered before the framework must not be told from what the framework answers. */
describe('hot reads', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ settings: { RATE_LIMIT_PER_MINUTE: String(LIMIT), CORS_ORIGINS: ORIGIN } });
  }, 30_000);
  afterAll(() => house.close());

  const get = (path: string, user?: string, headers: Record<string, string> = {}): Promise<Answer> => {
    const bearer: Record<string, string> =
      user === undefined ? {} : { authorization: `Bearer ${tokenFor({ userId: user })}` };
    return fetchAnswer(house.app.url + path, { headers: { ...bearer, ...headers } });
  };
  const namesOf = ({ headers }: Answer): string[] => {
    const names: string[] = [];
    headers.forEach((_value, name) => names.push(name));
    return names.sort();
  };
  const CHECK = '/v1/entitlements/check?feature=projects';

  it('give the answer of the route, with its headers, and count for the limit like it', async () => {
    await new Buyers(house).subscribe('reader');
    // The first one of a token and of a user goes the usual way, and fills what the next ones find.
    const token = tokenFor({ userId: 'reader' });
    const bearer = { authorization: `Bearer ${token}` };
    const read = (path: string): Promise<Answer> => fetchAnswer(house.app.url + path, { headers: bearer });
    const usual = await read(CHECK);
    const hot = await read(CHECK);
    const unversioned = await read('/entitlements/check?feature=projects');
    expect(usual).toMatchObject({ status: 200, body: { allowed: true, reason: 'granted', limit: 50 } });
    for (const answer of [hot, unversioned]) {
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: usual.body });
      expect(namesOf(answer)).toEqual(namesOf(usual));
      expect(answer.headers.get('content-type')).toBe(usual.headers.get('content-type'));
    }
    const remaining = [usual, hot, unversioned].map(({ headers }) => Number(headers.get('x-ratelimit-remaining')));
    expect(remaining).toEqual([remaining[0], (remaining[0] ?? 0) - 1, (remaining[0] ?? 0) - 2]);
  });

  it('of plans are the same for everybody', async () => {
    const [usual, hot] = [await get('/v1/billing/plans'), await get('/v1/billing/plans')];
    expect(hot.status).toBe(200);
    expect(hot.text).toBe(usual.text);
    expect((hot.body as unknown as { code: string }[]).map(({ code }) => code)).toEqual(['BASIC', 'PRO', 'ENTERPRISE']);
  });

  it('see at once what was taken away', async () => {
    await house.as('reader', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.settle();
    expect(await get(CHECK, 'reader')).toMatchObject({ body: { allowed: false, reason: 'revoked' } });
  });

  it.each<[string, string, number, string]>([
    ['a feature nobody knows', '/v1/entitlements/check?feature=unheard_of', 404, 'FEATURE_NOT_FOUND'],
    ['no feature', '/v1/entitlements/check', 400, 'INVALID_INPUT'],
    ['a feature spelled otherwise', '/v1/entitlements/check?feature=%00', 400, 'INVALID_INPUT'],
    ['more than is asked for', '/v1/entitlements/check?feature=projects&more=1', 400, 'INVALID_INPUT'],
  ])('leave %s to the route', async (_what, path, status, code) => {
    expectRefusal(await get(path, 'asker'), status, code);
  });

  it('leave bad tokens, and other origins’ headers, to it too', async () => {
    expectRefusal(await get(CHECK), 401, 'INVALID_TOKEN');
    expectRefusal(await get(CHECK, undefined, { authorization: 'Bearer x.y.z' }), 401, 'INVALID_TOKEN');
    await get(CHECK, 'web');
    const answer = await get(CHECK, 'web', { origin: ORIGIN });
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });

  it('end at the limit', async () => {
    const token = tokenFor({ userId: 'greedy' });
    const statuses: number[] = [];
    let last: Answer | undefined;
    for (let i = 0; i <= LIMIT; i += 1) {
      last = await fetchAnswer(house.app.url + CHECK, { headers: { authorization: `Bearer ${token}` } });
      statuses.push(last.status);
    }
    expect(statuses).toEqual([...Array<number>(LIMIT).fill(200), 429]);
    if (last) expectRefusal(last, 429, 'RATE_LIMITED');
  });
});
