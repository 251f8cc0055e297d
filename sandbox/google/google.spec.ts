import { createVerify, X509Certificate } from 'node:crypto';
import { sign } from 'jsonwebtoken';
import { startTestSandbox, type TestSandbox } from '../../test/support/stripe-sandbox';
import { MovableClock } from '../clock';
import { Chaos } from '../control/chaos';
import { SeededRandom } from '../control/random';
import { ACTIONS } from './actions';
import { GoogleWorld } from './index';
import { certsOf } from './keys';
import type { Purchase } from './till';
import { subscriptionShown } from './wire';

const START = Date.parse('2026-01-15T10:00:00Z') / 1000;
const DAY = 86_400;

/** A Google Play whose time is moved by days. */
function openStore(): { google: GoogleWorld; pass: (days: number) => void; told: () => string[] } {
  const clock = new MovableClock(START);
  const delivery = { retryDelaysMs: [], timeoutMs: 1_000, concurrency: 1 };
  const chaos = new Chaos(new SeededRandom(1));
  const google = new GoogleWorld({ clock, seed: 7, chaos, delivery, onChange: () => undefined });
  return {
    google,
    pass: (days) => {
      clock.moveTo(clock.now() + days * DAY);
      google.advance();
    },
    told: () => [...google.book.pushes.values()].map(({ type }) => type.replace('subscription.', '')),
  };
}

function buy(google: GoogleWorld, product: string, more: Partial<Purchase> = {}): string {
  return google.store.buy({ product, obfuscatedAccountId: 'ann', ...more }, google.now());
}

describe('a purchase that nobody acknowledges', () => {
  it('is given back after three days, and ends', () => {
    const { google, pass, told } = openStore();
    const token = buy(google, 'pro:monthly', { offer: 'none' });
    pass(2.9);
    expect(google.book.subscription(token).state).toBe('ACTIVE');
    pass(0.2);
    expect(google.book.subscription(token).state).toBe('EXPIRED');
    expect([...google.book.orders.values()].map(({ state }) => state)).toEqual(['REFUNDED']);
    expect(google.book.voided).toMatchObject([{ token, reason: 8 }]);
    expect(told()).toEqual(['PURCHASED', 'REVOKED', 'voided']);
  });

  it('of something bought once is given back too, unless it is consumed or acknowledged', () => {
    const { google, pass, told } = openStore();
    const [lost, consumed, kept] = [1, 2, 3].map(() => buy(google, 'credits.100')) as [string, string, string];
    google.store.consume(consumed);
    google.store.acknowledge(kept);
    pass(4);
    expect([lost, consumed, kept].map((token) => google.book.purchase(token).state)).toEqual([
      ...['CANCELLED', 'PURCHASED', 'PURCHASED'],
    ]);
    expect(told().slice(-2)).toEqual(['product.CANCELED', 'voided']);
  });

  it('of several pieces is given back piece by piece', () => {
    const { google, told } = openStore();
    const token = buy(google, 'credits.100', { quantity: 3 });
    const { orderId } = google.book.purchase(token);
    google.store.refundPieces(orderId, 2, google.now());
    expect(google.book.purchase(token)).toMatchObject({ state: 'PURCHASED', refundable: 1 });
    expect(google.book.order(orderId)).toMatchObject({ state: 'PARTIALLY_REFUNDED', partials: [{ amount: 9_980 }] });
    expect(() => {
      google.store.refundPieces(orderId, 2, google.now());
    }).toThrow('not so many');
    google.store.refundPieces(orderId, 1, google.now());
    expect(google.book.purchase(token)).toMatchObject({ state: 'CANCELLED', refundable: 0 });
    expect(google.book.voided).toMatchObject([{ quantity: 2 }, { quantity: null }]);
    expect(told()).toEqual(['product.PURCHASED', 'voided', 'voided']);
  });

  it('is not given back while it is pending, and cannot be acknowledged', () => {
    const { google, pass } = openStore();
    const token = buy(google, 'lifetime', { pending: true });
    expect(() => {
      google.store.acknowledge(token);
    }).toThrow('not paid');
    pass(10);
    google.store.settlePending(token, true, google.now());
    expect(google.book.purchase(token)).toMatchObject({ state: 'PURCHASED', completedAt: google.now() });
  });
});

describe('a subscription', () => {
  function subscribed(product = 'basic:monthly'): ReturnType<typeof openStore> & { token: string } {
    const store = openStore();
    const token = buy(store.google, product);
    store.google.store.acknowledge(token);
    return { ...store, token };
  }

  it('goes from its trial through renewals, grace, hold and recovery', () => {
    const { google, pass, told, token } = subscribed();
    const record = google.book.subscription(token);
    pass(14);
    expect(google.book.order(record.latestOrderId ?? '')).toMatchObject({
      total: 9_000,
      orderId: /\.\.0$/.exec(record.latestOrderId ?? '')?.input,
    });
    google.store.setPays(record, false, google.now());
    pass(31);
    expect(record.state).toBe('IN_GRACE_PERIOD');
    expect(record.expiryTime - record.periodEnd).toBe(7 * DAY * 1000);
    pass(7);
    expect(record.state).toBe('ON_HOLD');
    google.store.setPays(record, true, google.now());
    expect([record.state, record.periodEnd > google.now()]).toEqual(['ACTIVE', true]);
    expect(told()).toEqual(['PURCHASED', 'RENEWED', 'IN_GRACE_PERIOD', 'ON_HOLD', 'RECOVERED']);
  });

  it('ends when nobody pays for the length of the hold', () => {
    const { google, pass, token } = subscribed();
    google.store.setPays(google.book.subscription(token), false, google.now());
    pass(14 + 7 + 30);
    expect(google.book.subscription(token)).toMatchObject({ state: 'EXPIRED', canceledBy: 'system' });
  });

  it('is paused from the end of its period on, and resumes by itself', () => {
    const { google, pass, told, token } = subscribed();
    google.store.pause(google.book.subscription(token), 10, google.now());
    pass(14);
    expect(google.book.subscription(token).state).toBe('PAUSED');
    pass(10);
    expect(google.book.subscription(token).state).toBe('ACTIVE');
    expect(told()).toEqual(['PURCHASED', 'PAUSE_SCHEDULE_CHANGED', 'PAUSED', 'RECOVERED']);
  });

  it('is put off, and ends where nobody consents to its new price', () => {
    const { google, pass, told, token } = subscribed();
    const record = google.book.subscription(token);
    google.store.defer(record, 6, google.now());
    google.store.changePrice(record, 12_000, true, google.now());
    pass(19);
    expect(record.state).toBe('ACTIVE');
    pass(1);
    expect(record.state).toBe('EXPIRED');
    expect(told()).toEqual(['PURCHASED', 'DEFERRED', 'PRICE_CHANGE_UPDATED', 'EXPIRED']);
  });

  it('costs the new price once that is consented to', () => {
    const { google, pass, token } = subscribed();
    const record = google.book.subscription(token);
    google.store.changePrice(record, 12_000, true, google.now());
    google.store.consent(record, google.now());
    pass(14);
    expect(google.book.order(record.latestOrderId ?? '').total).toBe(12_000);
  });

  it('is replaced by the purchase that names it', () => {
    const { google, told, token } = subscribed();
    const upgrade = buy(google, 'pro:monthly');
    expect(google.book.subscription(token)).toMatchObject({ state: 'EXPIRED', canceledBy: 'replacement' });
    expect(subscriptionShown(google.book.subscription(upgrade))).toMatchObject({ linkedPurchaseToken: token });
    expect(() => buy(google, 'pro:monthly')).toThrow('subscribed to already');
    expect(told()).toEqual(['PURCHASED', 'PURCHASED', 'EXPIRED']);
  });
});

describe('its records', () => {
  it('slip where somebody wants that, and nobody is told', () => {
    const { google, pass, told } = openStore();
    const token = buy(google, 'pro:monthly', { offer: 'none' });
    google.store.acknowledge(token);
    const { orderBase } = google.book.subscription(token);
    const slip = (name: string, orderId: string, input = {}): void => {
      ACTIONS[name]?.run(google, orderId, input);
    };
    expect(() => {
      slip('lose', orderBase);
    }).toThrow('cannot be lost');
    slip('repeat', orderBase);
    pass(31);
    expect(google.book.subscription(token).latestOrderId).toBe(`${orderBase}..1`);
    expect(() => {
      slip('repeat', orderBase);
    }).toThrow('only the latest');
    slip('restate', `${orderBase}..0`, { total: 1_000 });
    slip('lose', orderBase);
    expect([...google.book.orders.values()].map(({ orderId, total }) => [orderId, total])).toEqual([
      [`${orderBase}..0`, 1_000],
      [`${orderBase}..1`, 29_000],
    ]);
    expect(told()).toEqual(['PURCHASED', 'RENEWED']);
  });
});

describe('over HTTP', () => {
  let box: TestSandbox;
  beforeAll(async () => {
    box = await startTestSandbox({ start: START });
  });
  afterAll(() => box.sandbox.close());

  const API = '/androidpublisher/v3/applications/com.example.kassa';
  const ask = (bearer: string, path = '/purchases/voidedpurchases'): Promise<Response> =>
    fetch(`${box.sandbox.url}${API}${path}`, { headers: { authorization: `Bearer ${bearer}` } });

  it('lets in who has signed in as the service account', async () => {
    const { serviceAccount } = await box.control<{
      serviceAccount: { private_key: string; client_email: string; token_uri: string };
    }>('GET', 'google/credentials');
    const { private_key: key, client_email: issuer, token_uri: audience } = serviceAccount;
    const signIn = (scope: string): Promise<Response> =>
      fetch(audience, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: sign({ scope }, key, { algorithm: 'RS256', issuer, audience, expiresIn: 60 }),
        }),
      });
    expect((await signIn('https://www.googleapis.com/auth/drive')).status).toBe(400);
    const answer = await signIn('https://www.googleapis.com/auth/androidpublisher');
    const { access_token: bearer } = (await answer.json()) as { access_token: string };
    expect([(await ask(bearer)).status, (await ask('nobody')).status]).toEqual([200, 401]);
    const buyOne = (): Promise<{ orderId: string }> =>
      box.control('POST', 'google/purchases', { product: 'credits.100' });
    const [one, other] = [(await buyOne()).orderId, (await buyOne()).orderId];
    const many = (...ids: string[]): Promise<Response> =>
      ask(bearer, `/orders:batchGet?${ids.map((id) => `orderIds=${id}`).join('&')}`);
    expect(await (await many(other, one)).json()).toMatchObject({ orders: [{ orderId: other }, { orderId: one }] });
    expect([(await many(one, 'GPA.0')).status, (await many(one, one)).status, (await many()).status]).toEqual([
      ...[404, 400, 400],
    ]);
  });

  it('shows the certificate of the key that pushes are signed with', () => {
    const { google } = openStore();
    const { keys } = google.book;
    const pem = certsOf(keys)[keys.keyId] ?? '';
    const [head, body, signature] = sign({}, keys.pushKey, { algorithm: 'RS256' }).split('.');
    const isSigned = createVerify('RSA-SHA256').update(`${head ?? ''}.${body ?? ''}`);
    expect(isSigned.verify(new X509Certificate(pem).publicKey, signature ?? '', 'base64url')).toBe(true);
  });

  it('has a page to buy on', async () => {
    await box.submit('/sandbox/google/buy', { product: 'pro:monthly', obfuscatedAccountId: 'ann' });
    const text = await (await fetch(`${box.sandbox.url}/sandbox/google`)).text();
    expect(text).toContain('Refund and revoke');
  });
});
