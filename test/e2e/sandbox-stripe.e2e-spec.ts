import Stripe from 'stripe';
import { stripeSchema } from '../../sandbox/stripe/schema/derived-schema';
import { createMonthlyPrice, startTestSandbox, type TestSandbox } from '../support/stripe-sandbox';
import { WebhookReceiver } from '../support/webhook-receiver';

describe('the Stripe sandbox, through the real SDK', () => {
  let receiver: WebhookReceiver;
  let box: TestSandbox;
  let stripe: Stripe;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    box = await startTestSandbox({
      seed: 42,
      webhooks: [{ url: receiver.url, secret: receiver.secret }],
      delivery: { retryDelaysMs: [10, 20], concurrency: 1 },
    });
    stripe = box.stripe;
  });

  afterEach(async () => {
    await box.sandbox.close();
    await receiver.close();
  });

  const flush = (hurry = false): Promise<{ pending: number; delivered: number; failed: number; dropped: number }> =>
    box.control('POST', 'deliveries/flush', { hurry });

  const failure = async (work: Promise<unknown>): Promise<Stripe.errors.StripeError> => {
    try {
      await work;
    } catch (error) {
      if (error instanceof Stripe.errors.StripeError) return error;
      throw error;
    }
    throw new Error('the request succeeded');
  };

  describe('checkout', () => {
    it('takes a customer from checkout to a paid subscription and delivers signed events', async () => {
      const price = await createMonthlyPrice(stripe, 'Pro', 2900);
      const customer = await stripe.customers.create({ email: 'ada@example.com', metadata: { user: 'u1' } });
      const session = await stripe.checkout.sessions.create({
        mode: 'subscription',
        customer: customer.id,
        line_items: [{ price: price.id, quantity: 1 }],
        success_url: 'http://shop.test/ok?session={CHECKOUT_SESSION_ID}',
        cancel_url: 'http://shop.test/cancel',
        subscription_data: { metadata: { user: 'u1' } },
      });
      const path = new URL(session.url ?? '').pathname;

      const declined = await box.submit(path, { card: '4000000000000002' });
      expect(declined.status).toBe(402);
      expect(await declined.text()).toContain('Your card was declined.');

      const paid = await box.submit(path, { card: '4242424242424242' });
      expect(paid.status).toBe(303);
      expect(paid.headers.get('location')).toBe(`http://shop.test/ok?session=${session.id}`);

      const subscriptions = await stripe.subscriptions.list({
        customer: customer.id,
        expand: ['data.latest_invoice.payments'],
      });
      const [subscription] = subscriptions.data;
      expect(subscription).toMatchObject({ status: 'active', metadata: { user: 'u1' } });
      expect(subscription?.latest_invoice).toMatchObject({ status: 'paid', total: 2900, payments: { object: 'list' } });

      expect(await flush()).toMatchObject({ pending: 0, failed: 0, dropped: 0 });
      expect(receiver.refused).toEqual([]);
      expect(receiver.types).toEqual(
        expect.arrayContaining(['checkout.session.completed', 'customer.subscription.created', 'invoice.paid']),
      );
      const completed = receiver.received.find(({ event }) => event.type === 'checkout.session.completed');
      expect(completed?.event).toMatchObject({ livemode: false, api_version: stripeSchema.apiVersion });
    });

    it('asks the bank where the card wants it, and again after a refusal', async () => {
      const price = await createMonthlyPrice(stripe, 'Pro', 2900);
      const session = await stripe.checkout.sessions.create({
        mode: 'subscription',
        line_items: [{ price: price.id, quantity: 1 }],
        success_url: 'http://shop.test/ok',
      });
      const path = new URL(session.url ?? '').pathname;
      const card = { email: 'ada@example.com', number: '4000 0027 6000 3184' };
      expect((await box.submit(path, card)).headers.get('location')).toBe(`${path}/authenticate`);
      const refused = await box.submit(`${path}/authenticate`, { answer: 'refuse' });
      expect(refused.status).toBe(402);
      await box.submit(path, card);
      const approved = await box.submit(`${path}/authenticate`, { answer: 'approve' });
      expect(approved.headers.get('location')).toBe('http://shop.test/ok');
      expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('complete');
    });
  });

  describe('requests', () => {
    it('are refused as Stripe refuses them', async () => {
      const unknown = await failure(stripe.customers.create({ foo: 'bar' } as Stripe.CustomerCreateParams));
      expect(unknown).toMatchObject({ statusCode: 400, code: 'parameter_unknown', param: 'foo' });
      const missing = await failure(stripe.prices.create({} as Stripe.PriceCreateParams));
      expect(missing).toMatchObject({ statusCode: 400, code: 'parameter_missing', param: 'currency' });
      const nowhere = await failure(stripe.rawRequest('GET', '/v1/nowhere'));
      expect(nowhere.message).toContain('Unrecognized request URL (GET: /v1/nowhere)');
      const gone = await failure(stripe.customers.retrieve('cus_none'));
      expect(gone).toMatchObject({ statusCode: 404, code: 'resource_missing' });
      const stranger = new Stripe('sk_live_x', { host: '127.0.0.1', port: box.sandbox.port, protocol: 'http' });
      expect(await failure(stranger.customers.list())).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
      const version = '2020-08-27' as Stripe.RequestOptions['apiVersion'];
      expect(
        await failure(stripe.customers.list({}, version === undefined ? {} : { apiVersion: version })),
      ).toMatchObject({
        statusCode: 400,
      });
    });

    it('carry the time of the sandbox in the Date header', async () => {
      const { now } = await box.control<{ now: number }>('POST', 'clock', { advanceSeconds: 90 * 86_400 });
      const { lastResponse, created } = await stripe.customers.create({});
      const date = Date.parse(lastResponse.headers['date'] ?? '') / 1000;
      expect(date).toBeGreaterThanOrEqual(now);
      expect(date).toBeLessThan(now + 60);
      expect(created).toBeGreaterThanOrEqual(now);
      await expect(box.control('POST', 'clock', { to: now - 1000 })).rejects.toThrow('cannot go back');
    });

    it('are executed once per idempotency key', async () => {
      const options = { idempotencyKey: 'intent-1' };
      const first = await stripe.customers.create({ email: 'a@example.com' }, options);
      const second = await stripe.customers.create({ email: 'a@example.com' }, options);
      expect(second.id).toBe(first.id);
      expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
      expect((await stripe.customers.list()).data).toHaveLength(1);
      const other = await failure(stripe.customers.create({ email: 'b@example.com' }, options));
      expect(other).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' });
      await flush();
      expect(receiver.received[0]?.event.request).toMatchObject({ idempotency_key: 'intent-1' });
    });

    it('conflict while the first with the same key still runs', async () => {
      await box.control('PUT', 'chaos', { api: [{ fault: 'latency', latencyMs: 300, times: 1 }] });
      const options = { idempotencyKey: 'intent-2' };
      const outcomes = await Promise.allSettled([
        stripe.customers.create({}, options),
        stripe.customers.create({}, options),
      ]);
      const refused = outcomes.flatMap((o) => (o.status === 'rejected' ? [o.reason as unknown] : []));
      expect(refused).toHaveLength(1);
      expect(refused[0]).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
      expect((await stripe.customers.list()).data).toHaveLength(1);
    });
  });

  describe('events', () => {
    it('are listed by type and by whether they arrived', async () => {
      await box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop', types: ['customer.updated'] }] });
      const customer = await stripe.customers.create({ email: 'a@example.com' });
      await stripe.customers.update(customer.id, { email: 'b@example.com' });
      expect(await flush()).toMatchObject({ delivered: 1, dropped: 1 });
      expect(receiver.types).toEqual(['customer.created']);
      const missed = await stripe.events.list({ delivery_success: false });
      expect(missed.data.map((event) => event.type)).toEqual(['customer.updated']);
      expect(missed.data[0]?.data.previous_attributes).toEqual({ email: 'a@example.com' });
      const all = await stripe.events.list({ limit: 1 });
      expect(all).toMatchObject({ has_more: true, data: [{ type: 'customer.updated' }] });
      const next = await stripe.events.list({ limit: 1, starting_after: all.data[0]!.id });
      expect(next).toMatchObject({ has_more: false, data: [{ type: 'customer.created', pending_webhooks: 0 }] });
      expect(await stripe.events.retrieve(next.data[0]!.id)).toMatchObject({ type: 'customer.created' });
      expect((await stripe.events.list({ types: ['invoice.*'] })).data).toEqual([]);
    });

    it('reach an endpoint made through the API with the secret it was given', async () => {
      const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['product.created'] });
      await box.control('PUT', 'chaos', {});
      receiver.secret = endpoint.secret ?? '';
      await stripe.products.create({ name: 'Pro' });
      await flush();
      expect(receiver.types).toEqual(['product.created']);
      await stripe.webhookEndpoints.del(endpoint.id);
      expect((await stripe.webhookEndpoints.list()).data).toHaveLength(1);
    });
  });

  describe('chaos in delivery', () => {
    const chaos = (...webhooks: object[]): Promise<unknown> => box.control('PUT', 'chaos', { webhooks });

    it('retries until the endpoint takes it, and gives up in the end', async () => {
      receiver.answers.push(500, 429);
      await stripe.customers.create({});
      expect(await flush()).toMatchObject({ delivered: 1, failed: 0 });
      receiver.answers.push(500, 500, 500);
      const customer = await stripe.customers.create({});
      expect(await flush()).toMatchObject({ delivered: 1, failed: 1 });
      expect(receiver.received).toHaveLength(1);
      const [missed] = (await stripe.events.list({ delivery_success: false })).data;
      expect(missed?.data.object).toMatchObject({ id: customer.id });
      await box.control('POST', `events/${missed?.id ?? ''}/redeliver`, { times: 3 });
      expect(await flush()).toMatchObject({ delivered: 4, failed: 1 });
      expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
    });

    it('duplicates', async () => {
      await chaos({ fault: 'duplicate', copies: 2 });
      await stripe.customers.create({});
      await flush();
      expect(receiver.types).toEqual(['customer.created', 'customer.created', 'customer.created']);
      expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1);
    });

    it('reorders', async () => {
      await chaos({ fault: 'reorder' });
      for (const name of ['a', 'b', 'c', 'd']) await stripe.customers.create({ name });
      await flush();
      const names = receiver.received.map(({ event }) => (event.data.object as Stripe.Customer).name);
      expect(names).not.toEqual(['a', 'b', 'c', 'd']);
      expect([...names].sort()).toEqual(['a', 'b', 'c', 'd']);
    });

    it('delays, until somebody is in a hurry', async () => {
      await chaos({ fault: 'delay', delayMs: 60_000, times: 1 });
      await stripe.customers.create({ name: 'late' });
      await stripe.customers.create({ name: 'on time' });
      expect(await box.control('POST', 'deliveries/flush', { timeoutMs: 100 })).toMatchObject({
        pending: 1,
        delivered: 1,
      });
      expect(await flush(true)).toMatchObject({ pending: 0, delivered: 2 });
    });

    it('renders in an old API version', async () => {
      const price = await createMonthlyPrice(stripe, 'Pro', 2900);
      const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' });
      await chaos({ fault: 'old_api_version', types: ['customer.subscription.created'] });
      await stripe.subscriptions.create({
        customer: customer.id,
        items: [{ price: price.id }],
        trial_period_days: 7,
      });
      await flush();
      const old = receiver.received.find(({ event }) => event.type === 'customer.subscription.created');
      expect(old?.event.api_version).toBe('2020-08-27');
      expect(JSON.parse(old?.raw ?? '{}')).toMatchObject({
        data: { object: { current_period_end: expect.any(Number) as number } },
      });
    });

    it('rotates secrets with both signing meanwhile', async () => {
      const { data } = await box.control<{ data: { id: string }[] }>('GET', 'webhook_endpoints');
      const { secret } = await box.control<{ secret: string }>(
        'POST',
        `webhook_endpoints/${data[0]?.id ?? ''}/rotate`,
        { overlapSeconds: 600 },
      );
      await stripe.customers.create({});
      await flush();
      receiver.secret = secret;
      await stripe.customers.create({});
      await flush();
      expect(receiver.received).toHaveLength(2);
      expect(receiver.received[0]?.header.match(/v1=/g)).toHaveLength(2);
    });
  });

  describe('chaos in the API', () => {
    const chaos = (...api: object[]): Promise<unknown> => box.control('PUT', 'chaos', { api });
    const count = async (): Promise<number> => (await stripe.customers.list()).data.length;

    it('refuses for a while with Retry-After and forgets about it', async () => {
      await chaos({ fault: 'error_429', times: 1, retryAfterSeconds: 2 });
      const options = { idempotencyKey: 'k' };
      const error = await failure(stripe.customers.create({}, options));
      expect(error).toBeInstanceOf(Stripe.errors.StripeRateLimitError);
      expect(error.headers?.['retry-after']).toBe('2');
      await stripe.customers.create({}, options);
      expect(await count()).toBe(1);
    });

    it.each([
      ['error_500', 0],
      ['error_500_after', 1],
    ])('%s answers 500 again and again under one key', async (fault, created) => {
      await chaos({ fault, method: 'POST', times: 1 });
      const options = { idempotencyKey: 'k' };
      expect(await failure(stripe.customers.create({}, options))).toMatchObject({ statusCode: 500 });
      const replay = await failure(stripe.customers.create({}, options));
      expect(replay).toMatchObject({ statusCode: 500 });
      expect(replay.headers?.['idempotent-replayed']).toBe('true');
      expect(await count()).toBe(created);
    });

    it('executes and loses the answer, which the key brings back', async () => {
      // Twice, because the SDK repeats a request once when its connection was closed, even without retries.
      await chaos({ fault: 'lose_answer', method: 'POST', times: 2 });
      const options = { idempotencyKey: 'k' };
      expect(await failure(stripe.customers.create({}, options))).toBeInstanceOf(Stripe.errors.StripeConnectionError);
      const { lastResponse } = await stripe.customers.create({}, options);
      expect(lastResponse.headers['idempotent-replayed']).toBe('true');
      expect(await count()).toBe(1);
    });

    it('is down and comes back', async () => {
      await box.control('PUT', 'chaos', { down: true });
      expect(await failure(stripe.customers.list())).toBeInstanceOf(Stripe.errors.StripeConnectionError);
      await box.control('PUT', 'chaos', {});
      expect(await count()).toBe(0);
    });
  });

  describe('the control API', () => {
    it('moves time and lets it renew subscriptions', async () => {
      const price = await createMonthlyPrice(stripe, 'Pro', 2900);
      const customer = await stripe.customers.create({
        payment_method: 'pm_card_visa',
        invoice_settings: { default_payment_method: 'pm_card_visa' },
      });
      const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
      const end = subscription.items.data[0]!.current_period_end;
      await box.control('POST', 'clock', { to: end + 2 * 3600 });
      const renewed = await stripe.subscriptions.retrieve(subscription.id);
      expect(renewed.status).toBe('active');
      expect(renewed.items.data[0]?.current_period_start).toBe(end);
      await flush();
      expect(receiver.types.filter((type) => type === 'invoice.paid')).toHaveLength(2);
      const renewal = receiver.received.findLast(({ event }) => event.type === 'invoice.paid');
      expect(renewal?.event.request).toMatchObject({ id: null });
    });

    it('refuses what it does not know', async () => {
      await expect(box.control('PUT', 'chaos', { donw: true })).rejects.toThrow('400');
      await expect(box.control('PUT', 'chaos', { api: [{ fault: 'x' }] })).rejects.toThrow('400');
      await expect(box.control('POST', 'clock', { advanceSeconds: '5' })).rejects.toThrow('400');
      await expect(box.control('POST', 'events/evt_none/redeliver', {})).rejects.toThrow('404');
    });

    it('forgets everything on reset but its endpoints and the time', async () => {
      await stripe.customers.create({});
      await flush();
      receiver.clear();
      const before = await box.control<{ now: number }>('POST', 'clock', { advanceSeconds: 5000 });
      await box.control('POST', 'reset');
      expect((await stripe.customers.list()).data).toEqual([]);
      expect((await box.control<{ now: number }>('GET', 'clock')).now).toBeGreaterThanOrEqual(before.now);
      await stripe.customers.create({});
      await flush();
      expect(receiver.types).toEqual(['customer.created']);
    });
  });
});
