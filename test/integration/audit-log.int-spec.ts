import { RequestMethod } from '@nestjs/common';
import { INTERCEPTORS_METADATA, METHOD_METADATA } from '@nestjs/common/constants';
import { ModulesContainer } from '@nestjs/core';
import { Client } from 'pg';
import { auditPage, type AuditFilter } from '../../src/modules/admin/audit/audit.repository';
import { PrivilegedInterceptor } from '../../src/platform/http/audit/privileged.interceptor';
import { ACCESS_RULE, DEFAULT_RULE, type AccessRule } from '../../src/platform/http/auth/access.decorators';
import { startBench, type Bench } from '../support/bench';
import { scansOf } from '../support/explain';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { insertOf, ROW_FACTORIES } from '../support/rows';
import { asUser } from '../support/tokens';

const AT = Date.parse('2026-03-01T00:00:00Z');
const ROWS = 6000;
const ADMIN = asUser('boss', 'admin');

type Item = Record<string, unknown>;

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  // Every tenth entry is of one person, every hundredth of one object, and half are about money.
  await bench.rows(
    `INSERT INTO audit_log (id, at, actor_type, actor_id, action, object_type, object_id, customer_id)
     SELECT 'aud_' || lpad(n::text, 6, '0'), to_timestamp($1::float8 / 1000) + n / 3 * interval '1 second', 'user', 'op-' || n % 10,
       CASE WHEN n % 2 = 0 THEN 'payment.refund' ELSE 'plan.update' END, 'thing', 'thing_' || n % 100, 'cust_' || n % 200
     FROM generate_series(1, $2) n`,
    [AT, ROWS],
  );
  const owner = new Client({ connectionString: bench.database.ownerUrl });
  await owner.connect();
  await owner.query('ANALYZE');
  await owner.end();
}, 60_000);
afterAll(() => bench.close());

const get = (query: string, headers = ADMIN): Promise<Answer> =>
  fetchAnswer(`${bench.url}/v1/admin/audit?${query}`, { headers });
const post = (route: string, body: object, headers = ADMIN): Promise<Answer> =>
  fetchAnswer(`${bench.url}/v1/admin/${route}`, jsonPost(body, headers));

async function pages(query: string, headers = ADMIN): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { status, body }: Answer = await get(
      `limit=100&${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      headers,
    );
    expect(status).toBe(200);
    all.push(...(body['data'] as Item[]));
    cursor = body['nextCursor'] as string | null;
  }
  return all;
}

describe('the audit log', () => {
  it('is read page by page, each entry once, the latest first', async () => {
    const all = await pages('to=2026-03-02');
    expect(all).toHaveLength(ROWS);
    expect(new Set(all.map(({ id }) => id)).size).toBe(ROWS);
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id as string)
        .sort()
        .reverse(),
    );
  });

  it('is narrowed by who, what, whom and when', async () => {
    expect(await pages('actorId=op-7')).toHaveLength(ROWS / 10);
    expect(await pages('objectType=thing&objectId=thing_7')).toHaveLength(ROWS / 100);
    expect(await pages('customerId=cust_7')).toHaveLength(ROWS / 200);
    expect(await pages('action=plan.update&actorId=op-7&to=2026-03-02')).toHaveLength(ROWS / 10);
    expect(await pages('from=2026-03-01T00:01:00Z&to=2026-03-01T00:01:10Z')).toHaveLength(30);
    expect(await pages('actorId=nobody')).toEqual([]);
    for (const bad of [
      'from=then',
      'limit=0',
      'cursor=x',
      'actorId=',
      `action=${'x'.repeat(9999)}`,
      'who=me',
      'objectId=%00',
    ]) {
      expectRefusal(await get(bad), 400, 'INVALID_INPUT');
    }
  });

  it('shows finance what is about money, and support nothing', async () => {
    const seen = await pages('to=2026-03-02', asUser('money', 'finance'));
    expect(new Set(seen.map(({ action }) => action))).toEqual(new Set(['payment.refund']));
    expect(seen).toHaveLength(ROWS / 2);
    expectRefusal(await get('', asUser('help', 'support')), 403, 'INSUFFICIENT_PERMISSIONS');
  });

  it.each<[string, Partial<AuditFilter>]>([
    ['nothing', {}],
    ['who', { actorId: 'op-7' }],
    ['what', { action: 'plan.update' }],
    ['the object', { objectType: 'thing', objectId: 'thing_7' }],
    ['the customer', { customerId: 'cust_7' }],
    ['the time', { from: new Date(AT), to: new Date(AT + 60_000) }],
  ])('narrowed by %s reads a page from the end of an index', async (_title, filter) => {
    const after = { createdAt: new Date(AT + 1_500_000), id: 'aud_999999' };
    for (const place of [undefined, after]) {
      const scans = await scansOf(bench, auditPage({ paymentsOnly: false, ...filter }, 21, place));
      // Of the object, the customer: all there is of it. Of what half of them are: twice the page at most.
      expect(scans.filter(({ node, rows }) => node === 'Seq Scan' || rows > 60)).toEqual([]);
    }
  });
});

/** Every route there is: its handler, and who may call it. */
function routes(): { name: string; method: RequestMethod; rule: AccessRule; interceptors: unknown[] }[] {
  const controllers = [...bench.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    const owner = metatype as { name: string; prototype: object };
    return Object.entries(Object.getOwnPropertyDescriptors(owner.prototype)).flatMap(([name, { value }]) => {
      const handler: unknown = value;
      if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
      const said = (key: string): unknown => Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, owner);
      return {
        name: `${owner.name}.${name}`,
        method: Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod,
        rule: (said(ACCESS_RULE) as AccessRule | undefined) ?? DEFAULT_RULE,
        interceptors: (said(INTERCEPTORS_METADATA) as unknown[] | undefined) ?? [],
      };
    });
  });
}

it('every privileged route that changes something is seen to be audited', () => {
  const isPrivileged = (rule: AccessRule): boolean =>
    rule.kind === 'cron' || (rule.kind === 'user' && !rule.roles.includes('user'));
  const privileged = routes().filter(({ method, rule }) => method !== RequestMethod.GET && isPrivileged(rule));
  expect(privileged.length).toBeGreaterThan(20);
  const unseen = privileged.filter(({ interceptors }) => !interceptors.includes(PrivilegedInterceptor));
  expect(unseen.map(({ name }) => name)).toEqual([]);
});

describe('what operators do', () => {
  const entries = (where: string): Promise<Item[]> =>
    bench.rows<Item>(`SELECT * FROM audit_log WHERE at > now() - interval '1 hour' AND ${where} ORDER BY seq`);

  it('is written down with where it came from, the same place under the same hash', async () => {
    for (const offsetSeconds of [60, 0]) expect((await post('clock', { offsetSeconds })).status).toBe(200);
    const moved = await entries("action = 'clock.move'");
    expect(moved).toHaveLength(2);
    expect(moved[0]).toMatchObject({
      actor_id: 'boss',
      address_hash: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
    });
    expect(new Set(moved.map((one) => one['address_hash'])).size).toBe(1);
    const { data } = (await get('action=clock.move')).body as { data: Item[] };
    expect(data[0]).toMatchObject({ actor: { type: 'user', id: 'boss' }, after: { offsetSeconds: 0 } });
  });

  it('is written down too where its module writes nothing', async () => {
    expect((await post('webhooks/replay?dryRun=true', { type: 'invoice.paid' })).status).toBe(200);
    expect(await entries("action = 'request'")).toMatchObject([
      { actor_id: 'boss', object_type: 'route', object_id: 'POST /admin/webhooks/replay', after: { params: {} } },
    ]);
    expectRefusal(await post('webhooks/replay?dryRun=true', {}), 400, 'INVALID_INPUT');
    expect(await entries("action = 'request'")).toHaveLength(1);
  });

  it('closes an alert, once', async () => {
    const alert = ROW_FACTORIES['alerts']?.({ customerId: 'x' }) ?? {};
    const { text, values } = insertOf('alerts', { ...alert, id: 'alr_1', cause_key: 'cause', kind: 'ledger.break' });
    await bench.rows(text, values);
    expectRefusal(await post('alerts/alr_2/resolve', {}), 404, 'ALERT_NOT_FOUND');
    expectRefusal(await post('alerts/alr_1/resolve', {}, asUser('help', 'support')), 403, 'INSUFFICIENT_PERMISSIONS');
    const first = await post('alerts/alr_1/resolve', {});
    expect(first).toMatchObject({ status: 200, body: { id: 'alr_1', resolvedAt: expect.any(String) as string } });
    const together = await Promise.all([1, 2, 3].map(() => post('alerts/alr_1/resolve', {})));
    for (const { body } of together) expect(body['resolvedAt']).toBe(first.body['resolvedAt']);
    expect(await entries("action = 'alert.resolve'")).toMatchObject([
      { object_id: 'alr_1', after: { kind: 'ledger.break' } },
    ]);
  });

  it('cannot be changed afterwards, but for the name of who was erased', async () => {
    const change = (set: string): Promise<unknown> => bench.rows(`UPDATE audit_log SET ${set} WHERE id = 'aud_000001'`);
    await expect(change("action = 'x'")).rejects.toMatchObject({ code: '42501' });
    await expect(change("actor_id = 'x'")).rejects.toMatchObject({ code: '23001' });
    const customer = ROW_FACTORIES['customers']?.({ customerId: 'cust_e' }) ?? {};
    const { text, values } = insertOf('customers', { ...customer, user_id: 'erased:cust_e', erased_at: new Date(AT) });
    await bench.rows(text, values);
    await expect(change("actor_id = 'erased:cust_e'")).resolves.toEqual([]);
  });
});
