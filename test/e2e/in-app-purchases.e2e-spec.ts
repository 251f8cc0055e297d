import { createChain, signJws } from '../../sandbox/apple/signing';
import { AppStore, appStoreSettings, productOf } from '../support/app-store';
import { expectRefusal, type Answer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { until } from '../support/until';
import { verifyHouse } from '../support/verified';

let house: House;
let store: AppStore;

beforeAll(async () => {
  house = await startHouse({
    start: new Date('2026-01-15T10:00:00Z'),
    settings: async (box) => ({ ...(await appStoreSettings(box)), ROLE: 'all' }),
  });
  store = await AppStore.open(house);
});

afterAll(() => house.close());

interface Validated {
  valid: boolean;
  subscription: { id: string; provider: string; status: string; plan: { code: string } } | null;
  purchase: { provider: string; providerId: string; productId: string };
  entitlements: { features: Record<string, { granted: boolean; limit: number | null; grants: { source: string }[] }> };
}
const validated = ({ body }: Answer): Validated => body as unknown as Validated;
const validate = (userId: string, claim: object): Promise<Answer> =>
  house.as(userId, 'POST', '/iap/validate', { platform: 'ios', ...claim });
const grantsOf = ({ entitlements }: Validated): number =>
  Object.values(entitlements.features).filter(({ grants }) => grants.some(({ source }) => source === 'apple')).length;
const drop = (): Promise<unknown> => house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
const calm = (): Promise<unknown> => house.box.control('PUT', 'chaos', {});
const count = async (sql: string): Promise<number> => {
  const [row] = await house.rows<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`);
  return Number(row?.n);
};
/** Bought on a device that nobody is signed in on. */
const buyAnonymously = (product: string, more: object = {}) =>
  house.box.control<{
    transaction: { transactionId: string; originalTransactionId: string };
    signedTransaction: string;
  }>('POST', 'apple/purchases', { productId: productOf(product), ...more });

describe('a purchase that the app shows', () => {
  it('is taken in without any notification, twenty times at once as once', async () => {
    await drop();
    const { body: identity } = await house.as('ann', 'GET', '/iap/identity');
    expect(identity).toEqual({
      appAccountToken: await store.tokenOf('ann'),
      obfuscatedExternalAccountId: await store.tokenOf('ann'),
    });
    const { transaction, signedTransaction } = await store.buy('ann', 'pro.monthly', { offer: 'none' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => validate('ann', { signedTransaction })));
    await calm();
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const first = validated(answers[0] as Answer);
    expect(first).toMatchObject({
      ...{ valid: true, subscription: { provider: 'apple', status: 'active', plan: { code: 'PRO' } } },
      purchase: { providerId: transaction.originalTransactionId, productId: productOf('pro.monthly') },
    });
    expect(grantsOf(first)).toBeGreaterThan(0);
    expect(await count(`payments WHERE provider = 'apple'`)).toBe(1);
    expect(await count(`facts WHERE object_type = 'payment' AND provider = 'apple'`)).toBe(1);
    await house.settle();
    expect(await count(`payment_support_tickets`)).toBe(0);
  });

  it('counts for what it is now, however long ago it was signed', async () => {
    const { transaction, signedTransaction } = await store.buy('old', 'pro.monthly', { offer: 'none' });
    await store.act('transactions', transaction.transactionId, 'refund');
    await house.settle();
    const refunded = validated(await validate('old', { signedTransaction }));
    expect(refunded).toMatchObject({ valid: true, subscription: { status: 'canceled' } });
    expect(grantsOf(refunded)).toBe(0);
  });

  it('is his whom its token names, else his who is first', async () => {
    const named = await store.buy('bob', 'basic.monthly', { offer: 'none' });
    expectRefusal(
      await validate('eve', { signedTransaction: named.signedTransaction }),
      409,
      'RECEIPT_OWNED_BY_ANOTHER_USER',
    );
    const free = await buyAnonymously('basic.monthly', { offer: 'none' });
    await until('its event waits for somebody to know its customer', async () => {
      return (await count(`inbox_events WHERE status = 'retrying'`)) === 1;
    });
    const { transactionId } = free.transaction;
    const race = await Promise.all(['cid', 'dan', 'cid', 'dan'].map((user) => validate(user, { transactionId })));
    expect(race.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409]);
    await house.settle();
    // What came before anybody was known is his too by now.
    expect(await count(`inbox_events WHERE status NOT IN ('processed', 'stale', 'ignored')`)).toBe(0);
  });

  it('of the family is the member’s own, until it is taken from him', async () => {
    const owner = await store.buy('fay', 'pro.monthly', { offer: 'none' });
    const shared = await house.box.control<{
      signedTransaction: string;
      transaction: { originalTransactionId: string };
    }>('POST', `apple/subscriptions/${owner.transaction.originalTransactionId}/share`, {});
    const { signedTransaction } = shared;
    expect(grantsOf(validated(await validate('kid', { signedTransaction })))).toBeGreaterThan(0);
    await store.act('subscriptions', shared.transaction.originalTransactionId, 'revoke');
    expect(grantsOf(validated(await validate('kid', { signedTransaction })))).toBe(0);
    expect(await count(`payments p JOIN customers c ON c.id = p.customer_id WHERE c.user_id = 'kid'`)).toBe(0);
  });

  it('is restored with all that its store account has bought, but for what is another’s', async () => {
    const account = 'account-of-gus';
    await store.buy('gus', 'basic.monthly', { account, offer: 'none' });
    await store.act(
      'subscriptions',
      (await store.buy('gus', 'pro.monthly', { account })).transaction.originalTransactionId,
      'auto_renew',
      { on: false },
    );
    const other = await buyAnonymously('lifetime', { account, appAccountToken: await store.tokenOf('hal') });
    await house.settle();
    const { transactionId } = other.transaction;
    const answer = await house.as('gus', 'POST', '/iap/restore', { platform: 'ios', transactionIds: [transactionId] });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toMatchObject({ purchases: [{ productId: productOf('pro.monthly') }] });
    await house.settle();
  });
});

describe('a receipt is refused', () => {
  const stranger = createChain();
  const claims = { environment: 'Production', transactionId: '1', originalTransactionId: '1' };
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');

  it('and nothing is granted: what is no signature of the store', async () => {
    const { signedTransaction } = await store.buy('ivy', 'pro.monthly', { offer: 'none' });
    const [header = '', payload = '', signature = ''] = signedTransaction.split('.');
    const bad: [string, string][] = [
      ['truncated', signedTransaction.slice(0, -10)],
      ['without its signature', `${header}.${payload}.`],
      ['of another payload', `${header}.${part(claims)}.${signature}`],
      ['signed again', signJws(claims, stranger)],
      ['alg none', `${part({ alg: 'none' })}.${payload}.x`],
      ['HS256', `${part({ alg: 'HS256' })}.${payload}.${signature}`],
      ['two certificates', signJws(claims, { ...stranger, x5c: stranger.x5c.slice(0, 2) })],
      ['four certificates', signJws(claims, { ...stranger, x5c: [...stranger.x5c, stranger.x5c[2] ?? ''] })],
      ['almost a megabyte', 'a'.repeat(1_000_000)],
      ['text', 'receipt'],
    ];
    for (const [what, receipt] of bad) {
      const { status, body } = await validate('mal', { signedTransaction: receipt });
      expect({ what, status, code: body.error?.code }).toEqual({ what, status: 422, code: 'RECEIPT_INVALID' });
    }
    expect((await validate('mal', { signedTransaction: 'a'.repeat(1_100_000) })).status).toBe(413);
    for (const transactionId of [
      '999999999999',
      'abc',
      "1' OR '1'='1",
      '../../notifications/history',
      '9'.repeat(255),
    ]) {
      expectRefusal(await validate('mal', { transactionId }), 422, 'RECEIPT_INVALID');
    }
    expect(await count(`customer_accounts a JOIN customers c ON c.id = a.customer_id WHERE c.user_id = 'mal'`)).toBe(0);
  });

  it('of another environment, or while the store cannot be asked', async () => {
    await house.box.control('PUT', 'apple/settings', { environment: 'Sandbox' });
    const { signedTransaction, transaction } = await buyAnonymously('pro.monthly', { offer: 'none' });
    await house.box.control('PUT', 'apple/settings', { environment: 'Production' });
    expectRefusal(await validate('jon', { signedTransaction }), 422, 'RECEIPT_INVALID');
    expectRefusal(await validate('jon', { transactionId: transaction.transactionId }), 422, 'RECEIPT_INVALID');
    const mine = await store.buy('jon', 'pro.monthly', { offer: 'none' });
    const receipt = { signedTransaction: mine.signedTransaction };
    await house.box.control('PUT', 'chaos', { api: [{ fault: 'error_429', retryAfterSeconds: 30 }] });
    const busy = await validate('jon', receipt);
    expectRefusal(busy, 503, 'PROVIDER_BUSY');
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(20);
    await house.box.control('PUT', 'chaos', { down: true });
    expectRefusal(await validate('jon', receipt), 502, 'PROVIDER_ERROR');
    await calm();
    expect((await validate('jon', receipt)).status).toBe(200);
  });

  it.each([
    ['nothing', {}],
    ['both', { signedTransaction: 'a', transactionId: '1' }],
    ['a number', { transactionId: 1 }],
    ['too long a number', { transactionId: '9'.repeat(256) }],
    ['a field nobody knows', { transactionId: '1', receipt: 'x' }],
    ['NUL', { transactionId: '1\u0000' }],
    ['another platform', { platform: 'web', transactionId: '1' }],
  ])('as a bad request: %s', async (_what, claim) => {
    expectRefusal(await validate('mal', claim), 400, 'INVALID_INPUT');
  });
});

it('leaves books that hold', async () => {
  expect(await verifyHouse(house)).toMatchObject({ failure: null });
});
