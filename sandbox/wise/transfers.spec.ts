import { createVerify, randomUUID } from 'node:crypto';
import { codesOf, WiseApi, type WiseAnswer, type WiseHook } from '../../test/support/wise-api';
import { MovableClock } from '../clock';
import { Chaos } from '../control/chaos';
import { SeededRandom } from '../control/random';
import { WiseWorld } from './index';
import type { MovementRecord, WiseState } from './state';

let wise: WiseApi;
beforeAll(async () => {
  wise = await WiseApi.open();
});
afterAll(() => wise.close());
afterEach(() => wise.calm());

describe('a transfer', () => {
  it('is made once, paid once, and goes on with the clock', async () => {
    const [customerTransactionId, targetAccount, quote] = [
      randomUUID(),
      await wise.recipient(),
      await wise.quote({ targetAmount: 100 }),
    ];
    const create = (reference: string): Promise<WiseAnswer> =>
      wise.ask('POST /v1/transfers', {
        body: { targetAccount, quoteUuid: quote.body.id, customerTransactionId, details: { reference } },
      });
    const made = await create('one');
    expect(made.body).toMatchObject({ status: 'incoming_payment_waiting', sourceValue: 108.7, targetValue: 100 });
    expect([(await create('one')).body['id'], (await create('two')).status]).toEqual([made.body['id'], 409]);
    const transferId = made.body['id'];
    const before = await wise.balance('USD');
    expect([(await wise.fund(transferId)).body, (await wise.fund(transferId)).body]).toEqual([
      { type: 'BALANCE', status: 'COMPLETED', errorCode: null },
      { type: 'BALANCE', status: 'REJECTED', errorCode: 'payment.exists' },
    ]);
    expect((before.amount - (await wise.balance('USD')).amount).toFixed(2)).toBe('109.48');
    const payments = await wise.ask<object[]>('GET /v1/transfers/{transferId}/payments', { ids: { transferId } });
    expect(payments.body).toMatchObject([{ method: 'BALANCE', amount: 109.48, currency: 'USD' }]);
    const states = [await wise.stateOf(transferId)];
    for (const seconds of [600, 3600]) {
      await wise.pass(seconds);
      states.push(await wise.stateOf(transferId));
    }
    expect(states).toEqual(['processing', 'funds_converted', 'outgoing_payment_sent']);
    const cancel = await wise.ask('PUT /v1/transfers/{transferId}/cancel', { ids: { transferId } });
    expect([cancel.status, codesOf(cancel)]).toEqual([409, [['transfer.cancellation.not.allowed', undefined]]]);
    const sent = await wise.ask<{ id: number }[]>('GET /v1/transfers', {
      query: '?status=outgoing_payment_sent&limit=1',
    });
    expect(sent.body.map(({ id }) => id)).toEqual([transferId]);
  });

  it('is not paid from too little, under a policy, or without a second factor', async () => {
    const { id } = (await wise.transfer()).body;
    await wise.box.control('POST', 'wise/policy', { rejectFunding: 'balance.payment-option-unavailable' });
    expect((await wise.fund(id)).body).toMatchObject({
      status: 'REJECTED',
      errorCode: 'balance.payment-option-unavailable',
    });
    await wise.box.control('POST', 'wise/policy', { rejectFunding: null, strongAuthentication: true });
    const asked = await wise.fund(id);
    expect([asked.status, asked.headers.get('x-2fa-approval-result')]).toEqual([403, 'REJECTED']);
    expect(asked.headers.get('x-2fa-approval')).toMatch(/^[0-9a-f-]{36}$/);
    await wise.box.control('POST', `wise/transfers/${String(id)}/fund`);
    expect(await wise.stateOf(id)).toBe('processing');
    await expect(wise.box.control('POST', `wise/transfers/${String(id)}/fund`)).rejects.toThrow('not waiting');
    await wise.box.control('POST', 'wise/policy', { strongAuthentication: false });
    const dear = (await wise.quote({ targetAmount: 5000 })).body.id;
    const poor = await wise.transfer({ quoteUuid: dear });
    expect((await wise.fund(poor.body['id'])).body).toMatchObject({
      status: 'REJECTED',
      errorCode: 'transfer.insufficient_funds',
    });
    expect(await wise.stateOf(poor.body['id'])).toBe('incoming_payment_waiting');
    await wise.pass(14 * 86_400);
    expect(await wise.stateOf(poor.body['id'])).toBe('cancelled');
  });

  it('gives its money back once, whichever way it ends', async () => {
    const start = (await wise.balance('USD')).amount;
    const gone = async (): Promise<string> => (start - (await wise.balance('USD')).amount).toFixed(2);
    const canceled = (await wise.transfer()).body['id'];
    await wise.fund(canceled);
    expect(
      (await wise.ask('PUT /v1/transfers/{transferId}/cancel', { ids: { transferId: canceled } })).body['status'],
    ).toBe('cancelled');
    await wise.pass(60);
    expect([await wise.stateOf(canceled), await gone()]).toEqual(['funds_refunded', '0.00']);
    const bounced = (await wise.transfer()).body['id'];
    await wise.fund(bounced);
    await wise.pass(86_400);
    await expect(wise.move(bounced, { state: 'funds_refunded' })).rejects.toThrow('cannot become');
    for (const state of ['bounced_back', 'outgoing_payment_sent', 'bounced_back']) await wise.move(bounced, { state });
    await expect(wise.move(bounced, { state: 'funds_refunded', returned: 20_000 })).rejects.toThrow('only 10948');
    await wise.move(bounced, { state: 'funds_refunded', returned: 10_000 });
    expect(await gone()).toBe('9.48');
    const charged = (await wise.transfer()).body['id'];
    await wise.fund(charged);
    await wise.move(charged, { state: 'charged_back', returned: 0 });
    expect(await gone()).toBe('118.96');
    await expect(wise.move((await wise.transfer()).body['id'], { state: 'processing' })).rejects.toThrow(
      'nobody has paid',
    );
  });

  it("moves as Wise's own sandbox has it", async () => {
    const transferId = (await wise.transfer()).body['id'];
    const simulate = (status: string): Promise<WiseAnswer> =>
      wise.ask('GET /v1/simulation/transfers/{transferId}/{status}', { ids: { transferId, status } });
    expect((await simulate('processing')).status).toBe(409);
    await wise.fund(transferId);
    const states = ['processing', 'funds_converted', 'outgoing_payment_sent', 'bounced_back', 'funds_refunded'];
    const told = [];
    for (const state of states) told.push((await simulate(state)).body['status']);
    expect(told).toEqual(states);
    expect((await simulate('charged_back')).status).toBe(400);
  });
});

describe('a statement', () => {
  it('has every movement, its fee and what was left, and may want a second factor', async () => {
    const { id, amount } = await wise.balance('USD');
    const read = (
      query: string,
    ): Promise<WiseAnswer<{ transactions: object[]; endOfStatementBalance: { value: number } }>> =>
      wise.ask('GET /v1/profiles/{profileId}/balance-statements/{balanceId}/statement.json', {
        ids: { balanceId: id },
        query,
      });
    const ask = '?currency=USD&intervalStart=2026-01-01T00:00:00Z&intervalEnd=2027-01-01T00:00:00Z&type=COMPACT';
    const { body } = await read(ask);
    expect(body.endOfStatementBalance.value).toBe(amount);
    expect(body.transactions.at(-1)).toMatchObject({
      ...{ type: 'CREDIT', amount: { value: 1000, currency: 'USD' }, details: { type: 'DEPOSIT' } },
      runningBalance: { value: 1000 },
    });
    expect(body.transactions.at(-2)).toMatchObject({
      ...{ type: 'DEBIT', amount: { value: -109.48 }, totalFees: { value: 0.78 }, details: { type: 'TRANSFER' } },
      exchangeDetails: { toAmount: { value: 100, currency: 'EUR' }, rate: 0.92 },
    });
    expect((await read(ask.replace('2027', '2028'))).status).toBe(400);
    expect((await read(ask.replace('USD', 'EUR'))).status).toBe(400);
    await wise.box.control('POST', 'wise/policy', { statementAuthentication: true });
    expect((await read(ask)).headers.has('x-2fa-approval')).toBe(true);
  });

  it('says something wrong where somebody wants that', async () => {
    const { movements } = await wise.box.control<{ movements: MovementRecord[] }>('GET', 'wise/book');
    const [first] = movements;
    const slip = (kind: string, body?: object): Promise<MovementRecord> =>
      wise.box.control('POST', `wise/movements/${first!.id}/${kind}`, body);
    expect(await slip('restate', { amount: 1 })).toMatchObject({ amount: 1 });
    expect(await slip('repeat')).toMatchObject({ amount: 1, reference: first!.reference });
    await slip('lose');
    const after = await wise.box.control<{ movements: MovementRecord[] }>('GET', 'wise/book');
    expect(after.movements).toHaveLength(movements.length);
    const topUp = { profileId: Number(wise.profile), currency: 'EUR', amount: 12.5, channel: 'TRANSFER' };
    const body = { ...topUp, balanceId: (await wise.balance('EUR')).id };
    expect((await wise.ask('POST /v1/simulation/balance/topup', { body })).body).toMatchObject({
      balancesAfter: [{ value: 12.5 }],
    });
    await wise.box.control('POST', 'wise/charges', { currency: 'EUR', amount: 250 });
    expect((await wise.balance('EUR')).amount).toBe(10);
  });
});

describe('what is kept between two runs', () => {
  it('goes on as it was', () => {
    const options = {
      ...{ clock: new MovableClock(1_800_000_000), seed: 4, chaos: new Chaos(new SeededRandom(1)) },
      ...{ delivery: { retryDelaysMs: [], timeoutMs: 1000, concurrency: 1 }, onChange: () => undefined },
    };
    const kept = (world: WiseWorld): WiseState => JSON.parse(JSON.stringify(world.save())) as WiseState;
    const own = new WiseWorld(options);
    own.balances.topUp(own.balances.open('EUR', own.now()), 500, own.now());
    const other = new WiseWorld({ ...options, seed: 5 }, kept(own));
    for (const one of [own, other]) one.balances.topUp(one.balances.open('USD', one.now()), 700, one.now());
    expect(kept(other)).toEqual(kept(own));
    const fresh = new WiseWorld({ ...options, seed: 6, account: own.book.identity });
    expect([fresh.book.token, fresh.book.balances.size]).toEqual([own.book.token, 0]);
  });
});

describe('the page', () => {
  it('has buttons that do what the control API does, and says what cannot be', async () => {
    const { id } = (await wise.transfer()).body;
    const press = (name: string, fields: Record<string, string> = {}): Promise<Response> =>
      wise.box.submit(`/sandbox/wise/${name}`, fields);
    const told = async (answer: Response): Promise<[number, string]> => [answer.status, await answer.text()];
    expect((await press('top_up', { currency: 'EUR', amount: '0.5' })).status).toBe(303);
    expect(await told(await press('top_up', { currency: 'JPY', amount: '0.5' }))).toEqual([
      400,
      expect.stringContaining('no amount of this currency'),
    ]);
    await press('do/authentication/policy');
    expect((await wise.fund(id)).status).toBe(403);
    await press(`do/${String(id)}/fund`);
    await press(`do/${String(id)}/state`, { state: 'funds_converted' });
    expect(await wise.stateOf(id)).toBe('funds_converted');
    expect((await press(`do/${String(id)}/state`, { state: 'bounced_back' })).status).toBe(409);
    await press(`do/${String(id)}/state`, { state: 'charged_back' });
    expect((await press('do/7/fund')).status).toBe(404);
    const page = await (await fetch(`${wise.box.sandbox.url}/sandbox/wise`)).text();
    expect(page).toContain('Pay by hand');
    expect(page).toContain('Let the token be enough');
  });
});

describe('webhooks', () => {
  const isSigned = ({ raw, headers }: WiseHook): boolean =>
    createVerify('RSA-SHA256').update(raw).verify(wise.publicKey, String(headers['x-signature-sha256']), 'base64');

  it('are signed, tried at the beginning, and tell of every step', async () => {
    await wise.box.control('POST', 'deliveries/flush', {});
    expect(wise.hooks.every(isSigned)).toBe(true);
    expect(new Set(wise.hooks.map(({ headers }) => headers['x-delivery-id'])).size).toBe(wise.hooks.length);
    const tests = wise.hooks.filter(({ headers }) => headers['x-test-notification'] === 'true');
    expect(tests).toHaveLength(3);
    wise.hooks.length = 0;
    const { id } = (await wise.transfer()).body;
    await wise.fund(id);
    await wise.pass(5000);
    await wise.move(id, { state: 'bounced_back', reason: 'WRONG_ID_NUMBER' });
    await wise.box.control('POST', 'deliveries/flush', {});
    const told = wise.hooks.map(({ body: { event_type: type, data } }) => [
      type,
      data['current_state'] ?? data['transaction_type'] ?? data['failure_reason_code'],
    ]);
    expect(told).toHaveLength(7);
    expect(told).toEqual(
      expect.arrayContaining([
        ['transfers#state-change', 'incoming_payment_waiting'],
        ['balances#update', 'debit'],
        ['transfers#state-change', 'processing'],
        ['transfers#state-change', 'outgoing_payment_sent'],
        ['transfers#payout-failure', 'WRONG_ID_NUMBER'],
        ['transfers#state-change', 'bounced_back'],
      ]),
    );
    const moments = wise.hooks.map(({ body }) => body.data['occurred_at']);
    expect(new Set(moments).size).toBe(moments.length);
  });

  it('come twice where chaos wants it, and before the answer', async () => {
    wise.hooks.length = 0;
    await wise.box.control('PUT', 'chaos', {
      api: [{ fault: 'late_answer', latencyMs: 60_000, pathPrefix: '/v1/transfers', times: 1 }],
      webhooks: [{ fault: 'duplicate', types: ['transfers#state-change'], times: 1 }],
    });
    const early = new AbortController();
    const [targetAccount, quote] = [await wise.recipient(), await wise.quote({ targetAmount: 7 })];
    const ask = { targetAccount, quoteUuid: quote.body.id, customerTransactionId: randomUUID() };
    const asking = fetch(`${wise.box.sandbox.url}/v1/transfers`, {
      ...{ method: 'POST', body: JSON.stringify(ask), signal: early.signal },
      headers: { authorization: `Bearer ${wise.token}`, 'content-type': 'application/json' },
    });
    const arrived = async (): Promise<void> => {
      while (wise.hooks.length < 2) await wise.box.control('POST', 'deliveries/flush', {});
    };
    await Promise.race([arrived(), asking]);
    early.abort();
    await expect(asking).rejects.toThrow();
    expect(new Set(wise.hooks.map(({ raw }) => raw)).size).toBe(1);
    expect(new Set(wise.hooks.map(({ headers }) => headers['x-delivery-id'])).size).toBe(2);
  });

  it('go to who has subscribed, until he ends that', async () => {
    const wanted = {
      name: 'mine',
      trigger_on: 'transfers#state-change',
      delivery: { version: '2.0.0', url: 'http://127.0.0.1:9/' },
    };
    const create = (body: object): Promise<WiseAnswer> =>
      wise.ask('POST /v3/profiles/{profileId}/subscriptions', { body });
    const made = await create(wanted);
    expect((await create(wanted)).body['id']).toBe(made.body['id']);
    expect(codesOf(await create({ ...wanted, trigger_on: 'cats#purr' }))).toEqual([['NOT_VALID', 'trigger_on']]);
    const ids = { subscriptionId: made.body['id'] };
    expect((await wise.ask('GET /v3/profiles/{profileId}/subscriptions/{subscriptionId}', { ids })).status).toBe(200);
    expect((await wise.ask('DELETE /v3/profiles/{profileId}/subscriptions/{subscriptionId}', { ids })).status).toBe(
      204,
    );
    const left = await wise.ask<object[]>('GET /v3/profiles/{profileId}/subscriptions');
    expect(left.body).toHaveLength(3);
  });
});
