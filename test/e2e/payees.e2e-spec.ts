import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { AppConfig } from '../../src/platform/config';
import { SecretBox } from '../../src/platform/crypto';
import { UnitOfWork } from '../../src/platform/database';
import { Sweepers } from '../../src/platform/queue';
import { WiseGateway } from '../../src/providers/wise';
import { BatchWorker } from '../../src/modules/payouts/batches/batch-worker.flow';
import { BeneficiariesRepository } from '../../src/modules/payouts/beneficiaries/beneficiaries.repository';
import { BeneficiaryUpkeep } from '../../src/modules/payouts/beneficiaries/beneficiary-upkeep.flow';
import { BeneficiaryVault } from '../../src/modules/payouts/beneficiaries/beneficiary-vault.service';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer, type Answer } from '../support/http-client';
import { insertOf, ROW_FACTORIES } from '../support/rows';
import { asUser } from '../support/tokens';
import { booksHold } from '../support/verified';
import { openWise, wiseSettings } from '../support/wise';

const KEY = randomBytes(32).toString('base64');
const IBAN = 'DE89370400440532013000';
const ADA = { name: 'Ada Lovelace', currency: 'EUR', type: 'iban', details: { legalType: 'PRIVATE', IBAN } };
const of = (IBAN: string, name = 'Ada Lovelace'): typeof ADA => ({ ...ADA, name, details: { ...ADA.details, IBAN } });
const BOB = {
  ...{ name: 'Bob Byron', currency: 'GBP', type: 'sort_code' },
  details: { legalType: 'PRIVATE', sortCode: '04-00-75', accountNumber: '37774321' },
};

interface Recipient {
  id: number;
  name: string;
  active: boolean;
}

let house: House;
beforeAll(async () => {
  house = await startHouse({
    settings: async (box) => ({ ENCRYPTION_KEYS: KEY, ...(await wiseSettings(box)) }),
  });
  await openWise(house, { USD: 100_000_00 });
}, 60_000);
afterAll(() => house.close());

const get = <T>(type: Type<T>): T => house.app.app.get(type, { strict: false });
function ask(
  who: string,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Answer> {
  const role = who.split('-')[0] ?? '';
  const type: Record<string, string> =
    body === undefined ? {} : { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { ...asUser(who, role), ...type, ...more };
  return fetchAnswer(`${house.app.url}/v1${path}`, { method, headers, ...(body !== undefined && { body: text }) });
}
const add = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  ask('finance-1', 'POST', '/payouts/beneficiaries', body, headers);
const recipients = async (): Promise<Recipient[]> =>
  (await house.box.control<{ accounts: Recipient[] }>('GET', 'wise/book')).accounts;
const count = async (what: string): Promise<number> =>
  Number((await house.rows<{ n: string }>(`SELECT count(*) AS n FROM ${what}`))[0]?.n);
const fieldsOf = ({ body }: Answer): string[] =>
  ((body.error?.details['fields'] ?? []) as { field: string }[]).map(({ field }) => field);

describe('a beneficiary', () => {
  it('is asked for as the provider requires it', async () => {
    const path = '/payouts/beneficiaries/requirements?sourceCurrency=usd&currency=eur&amount=250000';
    const { status, body } = await ask('admin-1', 'GET', path);
    expect(status).toBe(200);
    expect(body['data']).toMatchObject([{ type: 'iban', fields: [{ key: 'accountHolderName' }, {}, { key: 'IBAN' }] }]);
    for (const query of [
      'currency=EUX',
      'currency=EUR&amount=0',
      'currency=EUR&amount=-1',
      'currency=EUR&amount=1.5',
    ]) {
      expectRefusal(await ask('admin-1', 'GET', `/payouts/beneficiaries/requirements?${query}`), 400, 'INVALID_INPUT');
    }
    const nowhere = await ask('admin-1', 'GET', '/payouts/beneficiaries/requirements?sourceCurrency=USD&currency=KPW');
    expectRefusal(nowhere, 422, 'UNSUPPORTED_CORRIDOR');
    for (const who of ['support-1', 'user-1'])
      expect((await ask(who, 'GET', '/payouts/beneficiaries')).status).toBe(403);
  });

  it.each<[string, object, string[]]>([
    ['a malformed IBAN', of('DE88370400440532013000'), ['details.IBAN']],
    ['a malformed BIC', { ...ADA, details: { ...ADA.details, BIC: 'COBADE' } }, ['details.BIC']],
    ['a malformed sort code', { ...BOB, details: { ...BOB.details, sortCode: '0400' } }, ['details.sortCode']],
    ['no account', { ...ADA, details: { legalType: 'PRIVATE' } }, ['details']],
    ['no legal type', { ...ADA, details: { IBAN } }, ['details.legalType']],
    ['another kind of account', { ...ADA, type: 'aba', details: { accountNumber: '12345678' } }, ['type']],
    ['an unknown field', { ...ADA, secret: 1 }, ['secret']],
    ['an unknown currency', { ...ADA, currency: 'EUX' }, ['currency']],
    ['details of numbers', { ...ADA, details: { IBAN: 1 } }, ['details']],
    ['SQL', { ...ADA, type: "x'; DROP TABLE beneficiaries" }, ['type']],
    ['10 kB', of('9'.repeat(10_000)), ['details']],
    ['two owners', { ...ADA, userId: 'a', customerId: 'b' }, ['userId']],
  ])('is refused with %s, and nothing is left of it', async (_, body, fields) => {
    const answer = await add(body);
    expectRefusal(answer, 400, 'INVALID_INPUT');
    expect(fieldsOf(answer)).toEqual(fields);
    expect(answer.text).not.toContain('3704');
    expect(await count('beneficiaries')).toBe(0);
    expect(await recipients()).toEqual([]);
  });

  it('is refused by the provider, and nothing is left of it', async () => {
    const answer = await add({ ...BOB, details: { ...BOB.details, sortCode: '000000' } });
    expectRefusal(answer, 400, 'RECIPIENT_REFUSED');
    expectRefusal(await add({ ...ADA, customerId: 'cust_unknown' }), 404, 'CUSTOMER_NOT_FOUND');
    expect(await count('beneficiaries')).toBe(0);
  });

  it('is made once, kept sealed and shown masked', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const made = await add(ADA, key);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name: 'Ada Lovelace',
      account: 'DE•••••••••3000',
      country: 'DE',
      status: 'active',
    });
    expect((await add(ADA, key)).body).toMatchObject({ id: made.body['id'], name: null, account: null });
    expect((await add(of('de89 3704 0044 0532 0130 00', 'ADA LOVELACE'))).body).toMatchObject({ id: made.body['id'] });
    const other = await add(of(IBAN, 'Eve'));
    expectRefusal(other, 409, 'BENEFICIARY_EXISTS');
    expect(other.body.error?.details).toEqual({ beneficiaryId: made.body['id'] });
    const asked = await Promise.all(Array.from({ length: 10 }, () => add(BOB)));
    for (const { status, body } of asked) expect([201, 'REQUEST_IN_PROGRESS']).toContain(body.error?.code ?? status);
    expect((await add(BOB)).body).toMatchObject({ account: '••••4321', country: 'GB' });
    expect((await recipients()).map(({ name }) => name).sort()).toEqual(['Ada Lovelace', 'Bob Byron']);
    for (const table of ['beneficiaries', 'provider_intents', 'audit_log', 'idempotency_keys', 'outbox_events']) {
      const clear = `FROM ${table} t WHERE t::text ~* 'lovelace|byron|3704004|37774321|0532013000'`;
      expect({ table, rows: await house.rows(`SELECT t::text ${clear}`) }).toEqual({ table, rows: [] });
    }
    expect(await count("audit_log WHERE action = 'beneficiary.add'")).toBe(3);
    expect(await count("audit_log WHERE action = 'beneficiary.refused'")).toBe(1);
    const list = await ask('admin-1', 'GET', '/payouts/beneficiaries?currency=EUR&status=active');
    expect(list.body['data']).toMatchObject([{ id: made.body['id'], account: 'DE•••••••••3000' }]);
    expectRefusal(await ask('admin-1', 'GET', '/payouts/beneficiaries/nobody'), 404, 'BENEFICIARY_NOT_FOUND');
  });

  it('is found again where the answer was lost, not made a second time', async () => {
    const before = (await recipients()).length;
    await house.box.control('PUT', 'chaos', {
      api: [{ fault: 'lose_answer', method: 'POST', pathPrefix: '/v1/accounts', times: 1 }],
    });
    const eve = of('FR1420041010050500013M02606', 'Eve Byron');
    expect((await add(eve)).status).toBe(502);
    await house.box.control('PUT', 'chaos', {});
    expect(await recipients()).toHaveLength(before + 1);
    expect(await add(eve)).toMatchObject({ status: 201, body: { status: 'active', country: 'FR' } });
    expect(await recipients()).toHaveLength(before + 1);
  });

  it('is sealed and known again under a new key', async () => {
    const config = get(AppConfig);
    const keys = [createSecretKey(randomBytes(32)), ...config.encryptionKeys];
    const renewed = Object.assign(Object.create(config) as AppConfig, {});
    Object.defineProperty(renewed, 'encryptionKeys', { value: keys });
    const vault = new BeneficiaryVault(renewed, new SecretBox(renewed));
    const upkeep = (which: BeneficiaryVault): BeneficiaryUpkeep =>
      new BeneficiaryUpkeep(get(UnitOfWork), get(Sweepers), get(WiseGateway), which, get(BeneficiariesRepository));
    const sealed = `beneficiaries WHERE starts_with(sealed, '${vault.newestPrefix ?? ''}')`;
    const before = await house.rows('SELECT fingerprint FROM beneficiaries ORDER BY id');
    expect(await count(sealed)).toBe(0);
    await upkeep(vault).sweep();
    expect(await count(sealed)).toBe(3);
    expect(await house.rows('SELECT fingerprint FROM beneficiaries ORDER BY id')).not.toEqual(before);
    await upkeep(get(BeneficiaryVault)).sweep();
    expect(await count(sealed)).toBe(3);
    const [row] = await house.rows<{ id: string; sealed: string }>('SELECT id, sealed FROM beneficiaries ORDER BY id');
    expect(vault.open(row?.id ?? '', row?.sealed ?? '')).toMatchObject({ name: 'Ada Lovelace' });
    // Back to the key that this house knows.
    const old = new BeneficiaryVault(config, new SecretBox(config));
    for (const { id, sealed: text, currency, type } of await get(UnitOfWork).service((tx) =>
      get(BeneficiariesRepository).list(tx, {}, 10, null),
    )) {
      const opened = vault.open(id, text);
      if (!opened) throw new Error('A new key opens what it sealed');
      const again = {
        id,
        sealed: old.seal(id, opened),
        fingerprint: old.fingerprint({ currency, type, ...opened }).newest,
      };
      await get(UnitOfWork).service((tx) => get(BeneficiariesRepository).sealAgain(tx, [again]));
    }
  });

  it('is archived here and at the provider, and forgotten with its customer', async () => {
    const row = { ...ROW_FACTORIES['customers']?.({ customerId: 'cust_paid' }), user_id: 'auth0|carl' };
    const { text, values } = insertOf('customers', row);
    await house.rows(text, values);
    const made = await add({ ...of('DE02120300000000202051', 'Carl Payee'), userId: 'auth0|carl' });
    expect(made.body).toMatchObject({ customerId: 'cust_paid' });
    const path = `/payouts/beneficiaries/${String(made.body['id'])}`;
    for (let twice = 0; twice < 2; twice += 1) expect((await ask('finance-1', 'DELETE', path)).status).toBe(204);
    await get(BeneficiaryUpkeep).sweep();
    expect((await recipients()).find(({ name }) => name === 'Carl Payee')).toMatchObject({ active: false });
    const again = await add({ ...of('DE02120300000000202051', 'Carl Payee'), customerId: 'cust_paid' });
    expect(again.body).toMatchObject({ status: 'active' });
    expect(again.body['id']).not.toBe(made.body['id']);
    const erased = await ask('admin-1', 'POST', '/admin/customers/cust_paid/erase', {
      ...{ customerId: 'cust_paid', also: ['Carl Payee'] },
    });
    expect(erased).toMatchObject({ status: 200, body: { left: [] } });
    await get(BeneficiaryUpkeep).sweep();
    expect((await ask('finance-1', 'GET', path)).body).toMatchObject({ status: 'erased', name: null, account: '••••' });
    expect((await recipients()).filter(({ name, active }) => name === 'Carl Payee' && active)).toEqual([]);
  });
});

describe('the policy of payouts', () => {
  const prepare = (reference: string, more: object = {}): Promise<Answer> =>
    ask('finance-1', 'POST', '/payouts/prepare', {
      ...{ beneficiary: ADA, sourceCurrency: 'USD', amount: 100_00, currency: 'EUR', reference },
      ...more,
    });
  const policy = (...limits: object[]): Promise<Answer> => ask('admin-1', 'PUT', '/payouts/policy', { limits });

  it("is administrators' to say", async () => {
    expect((await ask('admin-1', 'GET', '/payouts/policy')).body).toEqual({
      ...{ limits: [], otherwise: { maxPerPayout: null, dailyMax: null, secondApprovalAbove: 10_000 } },
    });
    expect((await ask('finance-1', 'PUT', '/payouts/policy', { limits: [] })).status).toBe(403);
    const bad = [
      { role: 'user', currency: '*' },
      { role: 'admin', currency: 'EUX' },
      { role: 'admin', currency: '*', dailyMax: -1 },
    ];
    for (const limit of bad) expectRefusal(await policy(limit), 400, 'INVALID_INPUT');
    const row = { role: 'finance', currency: 'USD', maxPerPayout: 100 };
    expectRefusal(await policy(row, row), 400, 'INVALID_INPUT');
    expect((await policy(row)).body).toMatchObject({ limits: [{ ...row, dailyMax: null, secondApprovalAbove: null }] });
    expect(await count("audit_log WHERE action = 'payout_policy.change'")).toBe(1);
  });

  it('limits who approves how much, and asks for two where it says so', async () => {
    const { body } = await prepare('limit');
    const approve = (who: string): Promise<Answer> =>
      ask(who, 'POST', '/payouts/approve', { payoutId: body['payoutId'] });
    expectRefusal(await approve('finance-2'), 403, 'APPROVAL_LIMIT_EXCEEDED');
    await policy({ role: 'finance', currency: 'USD', secondApprovalAbove: 0 });
    expect((await approve('finance-2')).body).toMatchObject({ status: 'awaiting_second_approval' });
    expect((await approve('finance-3')).body).toMatchObject({ status: 'processing' });
    await policy({ role: 'finance', currency: 'USD', dailyMax: 200 });
    const second = await prepare('daily');
    const daily = { payoutId: second.body['payoutId'] };
    expectRefusal(await ask('finance-3', 'POST', '/payouts/approve', daily), 403, 'APPROVAL_LIMIT_EXCEEDED');
    await policy();
  });

  it('refuses by rules that are data', async () => {
    const rule = (body: object): Promise<Answer> => ask('admin-1', 'POST', '/payouts/rules', body);
    const names = { key: 'sanctions', description: 'x', kind: 'blocked_name', action: 'block', names: ['LOVELACE'] };
    expectRefusal(await rule(names), 400, 'INVALID_INPUT');
    expect((await rule({ ...names, match: 'contains' })).status).toBe(201);
    expectRefusal(await rule({ ...names, match: 'contains' }), 409, 'PAYOUT_RULE_EXISTS');
    const blocked = await prepare('blocked');
    expectRefusal(blocked, 403, 'PAYOUT_BLOCKED');
    expect(blocked.body.error?.details).toEqual({ reasons: [{ rule: 'sanctions', action: 'block', because: 'name' }] });
    expect((await ask('admin-1', 'PATCH', '/payouts/rules/sanctions', { active: false })).body).toMatchObject({
      active: false,
    });
    expectRefusal(
      await ask('admin-1', 'PATCH', '/payouts/rules/none', { active: false }),
      404,
      'PAYOUT_RULE_NOT_FOUND',
    );
    const pace = { kind: 'velocity', action: 'block', scope: 'beneficiary', windowSeconds: 3600, maxCount: 4 };
    expect((await rule({ key: 'pace', description: 'x', ...pace })).status).toBe(201);
    const at = await Promise.all(['a', 'b', 'c', 'd'].map((reference) => prepare(reference)));
    expect(at.map(({ status }) => status).sort()).toEqual([201, 201, 403, 403]);
    await ask('admin-1', 'PATCH', '/payouts/rules/pace', { active: false });
    expect(((await ask('admin-1', 'GET', '/payouts/rules')).body['data'] as unknown[]).length).toBe(2);
  });
});

describe('a file of payouts', () => {
  const HEADER = 'beneficiary_id,name,type,details.legalType,details.IBAN,source_currency,amount,currency,reference';
  const inline = (iban: string, amount: string, reference: string): string =>
    `,Ada Lovelace,iban,PRIVATE,${iban},USD,${amount},EUR,${reference}`;
  const file = (...rows: string[]): string => [HEADER, ...rows].join('\n');
  const send = (body: string, query = '', headers: Record<string, string> = {}): Promise<Answer> =>
    ask('finance-1', 'POST', `/payouts/batches${query}`, body, headers);
  const sweep = (): Promise<number> => get(BatchWorker).sweep();
  const lines = async (id: unknown): Promise<object[]> =>
    (await ask('admin-1', 'GET', `/payouts/batches/${String(id)}`)).body['lines'] as object[];

  it('is prepared line by line, by whoever lives, and each line once', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const rows = [inline(IBAN, '1.50', 'one'), inline(IBAN, '1.505', 'two'), inline('DE00', '1', 'three')];
    const text = file(...rows, 'bnf_nobody,,,,,USD,1,EUR,four', inline(IBAN, '2', 'five'));
    const taken = await send(text, '', key);
    expect(taken).toMatchObject({ status: 201, body: { status: 'preparing', counts: { pending: 3, invalid: 2 } } });
    expect((await send(text, '', key)).body['id']).toBe(taken.body['id']);
    expectRefusal(await send(text), 409, 'DUPLICATE_SUSPECTED');
    expect(await count("payout_batch_lines l WHERE l::text ~* 'lovelace|3704|bnf_nobody'")).toBe(0);
    // A worker died after it had prepared the first line, and before it could say so.
    await sweep();
    const before = await count('payouts');
    await house.rows(
      `UPDATE payout_batch_lines SET status = 'pending', payout_id = NULL, due_at = statement_timestamp(),
      sealed = $1 WHERE number = 1`,
      [sealedAgain(String(taken.body['id']))],
    );
    expect(await sweep()).toBe(1);
    expect(await count('payouts')).toBe(before);
    const [one, two, three, four, five] = await lines(taken.body['id']);
    expect([one, five]).toMatchObject([{ status: 'prepared', payoutStatus: 'queued' }, { status: 'prepared' }]);
    expect(two).toMatchObject({ status: 'invalid', error: { details: { fields: [{ field: 'amount' }] } } });
    expect(three).toMatchObject({ status: 'invalid', error: { details: { fields: [{ field: 'details.IBAN' }] } } });
    expect(four).toMatchObject({ status: 'failed', error: { code: 'BENEFICIARY_NOT_FOUND' } });
    expect(await count('payout_batch_lines WHERE sealed IS NOT NULL')).toBe(0);
    const approve = (who: string): Promise<Answer> =>
      ask(who, 'POST', `/payouts/batches/${String(taken.body['id'])}/approve`, {});
    expect((await approve('finance-1')).body['lines']).toMatchObject([
      { number: 1, error: { code: 'SELF_APPROVAL' } },
      { number: 5, error: { code: 'SELF_APPROVAL' } },
    ]);
    expect((await approve('finance-2')).body).toMatchObject({
      ...{
        lines: [
          { number: 1, status: 'processing' },
          { number: 5, status: 'processing' },
        ],
        afterLine: null,
      },
    });
    expect((await approve('finance-2')).body).toEqual({ lines: [], afterLine: null });
  });

  it('is prepared by several workers at once, each line by one of them', async () => {
    const before = await count('payouts');
    const rows = Array.from({ length: 8 }, (_, i) => inline(IBAN, '5', `at once ${i}`));
    const { body } = await send(file(...rows));
    const done = await Promise.all([sweep(), sweep(), sweep()]);
    expect(done.reduce((sum, n) => sum + n, 0)).toBe(8);
    expect(new Set((await lines(body['id'])).map((line) => (line as { status: string }).status))).toEqual(
      new Set(['prepared']),
    );
    expect(await count('payouts')).toBe(before + 8);
  });

  it('waits for the provider, and can be called off', async () => {
    const { body } = await send(file(inline(IBAN, '3', 'six'), inline(IBAN, '4', 'seven')));
    await house.box.control('PUT', 'chaos', { down: true });
    expect(await sweep()).toBe(1);
    await house.box.control('PUT', 'chaos', {});
    expect(await lines(body['id'])).toMatchObject([{ status: 'pending' }, { status: 'pending' }]);
    const cancel = (): Promise<Answer> => ask('finance-1', 'POST', `/payouts/batches/${String(body['id'])}/cancel`);
    expect((await cancel()).body).toMatchObject({ status: 'canceled' });
    await house.rows("UPDATE payout_batch_lines SET due_at = statement_timestamp() WHERE status = 'pending'");
    await sweep();
    expect((await cancel()).body).toMatchObject({ counts: { pending: 0, prepared: 0, canceled: 2 } });
    expect(await count("audit_log WHERE action = 'payout_batch.cancel'")).toBe(1);
    expect(((await ask('admin-1', 'GET', '/payouts/batches?limit=1')).body['data'] as unknown[]).length).toBe(1);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, string, number]>([
    ['nothing', '', 'text/csv', 400],
    ['an unknown column', 'iban\nx', 'text/csv', 400],
    ['no UTF-8', Uint8Array.from([0xff, 0xfe]), 'text/csv', 400],
    ['U+0000', `${HEADER}\n\u0000`, 'text/csv', 400],
    ['no JSON', 'x', 'application/x-ndjson', 400],
    ['JSON', '{}', 'application/json', 400],
    ['more than 1 MiB', 'x'.repeat(1024 * 1024 + 1), 'text/csv', 413],
  ])('is refused with %s', async (_, body, type, status) => {
    const before = await count('payout_batches');
    const headers = { ...asUser('finance-1', 'finance'), 'content-type': type };
    expect((await fetchAnswer(`${house.app.url}/v1/payouts/batches`, { method: 'POST', headers, body })).status).toBe(
      status,
    );
    expect(await count('payout_batches')).toBe(before);
  });

  it('leaves the books whole', async () => {
    for (const path of ['nobody', "x'%3B--"]) {
      expectRefusal(await ask('admin-1', 'GET', `/payouts/batches/${path}`), 404, 'PAYOUT_BATCH_NOT_FOUND');
    }
    await house.settle();
    await booksHold(house);
  });
});

/** The first line of the file above, as it lay there before. */
function sealedAgain(batchId: string): string {
  const line = {
    beneficiary: { name: ADA.name, type: ADA.type, details: ADA.details },
    ...{ sourceCurrency: 'USD', currency: 'EUR', amount: '150', reference: 'one' },
  };
  return get(SecretBox).seal(JSON.stringify(line), `payout_batch_lines:${batchId}:1`);
}
