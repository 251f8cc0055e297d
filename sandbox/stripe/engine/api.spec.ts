import { StripeSandboxError } from '../contract';
import { customerWith, harness, shop, subscribe, type Harness } from './harness';
import type { CustomerObject, PriceObject } from './wire';

function refusal(work: () => unknown): StripeSandboxError {
  try {
    work();
  } catch (error) {
    if (error instanceof StripeSandboxError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

interface Page {
  data: { id: string }[];
  has_more: boolean;
  next_page?: string | null;
}

function customers(h: Harness, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    h.set(h.now() + 1);
    const made = h.call('POST', '/v1/customers', {
      email: `user${index}@example.com`,
      metadata: { userId: `u${index}`, even: String(index % 2 === 0) },
    });
    return (made as CustomerObject).id;
  });
}

describe('the API', () => {
  it('answers unknown ids as Stripe does', () => {
    const h = harness();
    expect(refusal(() => h.call('GET', '/v1/customers/cus_none'))).toMatchObject({
      status: 404,
      error: { code: 'resource_missing', message: "No such customer: 'cus_none'", param: 'id' },
    });
    const sub = refusal(() => subscribe(h, 'cus_none', 'price_none'));
    expect(sub.error).toMatchObject({ param: 'customer', code: 'resource_missing' });
    expect(refusal(() => h.call('POST', '/v1/subscriptions', {})).error).toMatchObject({
      code: 'parameter_missing',
      message: 'Missing required param: customer.',
    });
    const { customer } = customerWith(h);
    expect(refusal(() => subscribe(h, customer.id, 'price_none')).error).toMatchObject({
      message: "No such price: 'price_none'",
      param: 'items[0][price]',
    });
  });

  it.each([
    ['/v1/customers', { email: 'nonsense' }, 'email_invalid'],
    ['/v1/customers', { metadata: { ['k'.repeat(41)]: 'v' } }, undefined],
    ['/v1/customers', { metadata: { k: 'v'.repeat(501) } }, undefined],
    ['/v1/products', {}, 'parameter_missing'],
    ['/v1/prices', { currency: 'usd', unit_amount: 9.5, product_data: { name: 'x' } }, 'parameter_invalid_integer'],
    ['/v1/payment_intents', { currency: 'usd', amount: 0 }, 'parameter_invalid_integer'],
    ['/v1/checkout/sessions', { mode: 'payment' }, undefined],
    ['/v1/billing_portal/sessions', {}, 'parameter_missing'],
  ])('refuses %s %j', (path, params, code) => {
    const error = refusal(() => harness().call('POST', path, params));
    expect(error.status).toBe(400);
    expect(error.error.code).toBe(code);
  });

  it('merges metadata and removes what is empty', () => {
    const h = harness();
    const { customer } = customerWith(h);
    const set = (metadata: unknown): unknown => {
      const changed = h.call('POST', `/v1/customers/${customer.id}`, { metadata }) as CustomerObject;
      return changed.metadata;
    };
    expect(set({ a: '1', b: '2' })).toEqual({ a: '1', b: '2' });
    expect(h.events.at(-1)?.previous).toEqual({ metadata: { a: null, b: null } });
    expect(set({ a: '', c: '3' })).toEqual({ b: '2', c: '3' });
    expect(h.events.at(-1)?.previous).toEqual({ metadata: { a: '1', c: null } });
    expect(set('')).toEqual({});
  });

  it('lists newest first, in pages both ways', () => {
    const h = harness();
    const ids = customers(h, 5).reverse();
    const page = (params: object): Page => h.call('GET', '/v1/customers', params) as Page;
    expect(page({ limit: 2 })).toMatchObject({ data: [{ id: ids[0] }, { id: ids[1] }], has_more: true });
    expect(page({ limit: 3, starting_after: ids[1] })).toMatchObject({
      data: [{ id: ids[2] }, { id: ids[3] }, { id: ids[4] }],
      has_more: false,
    });
    expect(page({ limit: 2, ending_before: ids[3] })).toMatchObject({
      data: [{ id: ids[1] }, { id: ids[2] }],
      has_more: true,
    });
    expect(page({ created: { gte: h.now() } }).data).toHaveLength(1);
    expect(page({ email: 'user3@example.com' }).data).toHaveLength(1);
    expect(refusal(() => page({ limit: 101 })).error.code).toBe('parameter_invalid_integer');
    expect(refusal(() => page({ starting_after: 'cus_none' })).status).toBe(404);
  });

  it('lists objects by customer, time and state, ended subscriptions only where asked', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const ended = subscribe(h, customer.id, pro.id);
    h.call('DELETE', `/v1/subscriptions/${ended.id}`);
    h.set(h.now() + 10);
    const since = h.now();
    const running = subscribe(h, customer.id, pro.id);
    subscribe(h, customerWith(h, 'pm_card_visa').customer.id, pro.id);
    const list = (path: string, params: object = {}): Page => h.call('GET', `/v1/${path}`, { ...params }) as Page;
    const ids = (page: Page): string[] => page.data.map(({ id }) => id);
    const own = { customer: customer.id };
    expect(ids(list('subscriptions', own))).toEqual([running.id]);
    expect(ids(list('subscriptions', { ...own, status: 'all' }))).toEqual([running.id, ended.id]);
    expect(ids(list('subscriptions', { ...own, status: 'canceled' }))).toEqual([ended.id]);
    const first = list('subscriptions', { status: 'all', limit: 2 });
    expect(first.has_more).toBe(true);
    const [, last] = ids(first);
    expect(list('subscriptions', { status: 'all', starting_after: last })).toMatchObject({
      data: [{ id: ended.id }],
      has_more: false,
    });
    for (const path of ['subscriptions', 'invoices', 'payment_intents']) {
      expect(list(path, { created: { gte: since } }).data).toHaveLength(2);
      expect(
        list(path, { ...(path === 'subscriptions' && { status: 'all' }), created: { lt: since } }).data,
      ).toHaveLength(1);
      expect(list(path, { ...own, created: { lte: since, gt: since - 1 } }).data).toHaveLength(1);
    }
  });

  it('searches by equality joined with AND', () => {
    const h = harness();
    const ids = customers(h, 4);
    const find = (query: string, more: object = {}): Page =>
      h.call('GET', '/v1/customers/search', { query, ...more }) as Page;
    expect(find('metadata["userId"]:"u2"').data.map((found) => found.id)).toEqual([ids[2]]);
    expect(find(`email:"user1@example.com" AND metadata['even']:'false'`).data).toHaveLength(1);
    expect(find('email:"user1@example.com" AND metadata["even"]:"true"').data).toEqual([]);
    const first = find('metadata["even"]:"true"', { limit: 1 });
    expect(first).toMatchObject({ data: [{ id: ids[2] }], has_more: true });
    expect(find('metadata["even"]:"true"', { limit: 1, page: first.next_page }).data[0]?.id).toBe(ids[0]);
    expect(refusal(() => find('email~"user"')).status).toBe(400);
    expect(refusal(() => find('balance:"0"')).status).toBe(400);
  });

  it('finds prices by lookup key and moves the key on request', () => {
    const h = harness();
    const { basic, pro } = shop(h);
    const byKey = (): string[] =>
      (h.call('GET', '/v1/prices', { lookup_keys: ['basic', 'pro'], active: true }) as Page).data.map(({ id }) => id);
    expect(byKey()).toEqual([pro.id, basic.id]);
    const again = { product: basic.product, currency: 'usd', unit_amount: 1, lookup_key: 'basic' };
    expect(refusal(() => h.call('POST', '/v1/prices', again)).error.message).toContain('already uses that lookup key');
    const next = h.call('POST', '/v1/prices', { ...again, transfer_lookup_key: true }) as PriceObject;
    expect(byKey()).toEqual([next.id, pro.id]);
    expect(h.heard().slice(-2)).toEqual(['price.updated', 'price.created']);
  });

  it('answers with copies and shows objects only as copies', () => {
    const h = harness();
    const { customer } = customerWith(h);
    customer.balance = 5;
    const stored = h.engine.store.get(customer.id) as CustomerObject;
    expect(stored.balance).toBe(0);
    expect(h.engine.store.list('customer')).toHaveLength(1);
    expect(h.engine.control.snapshot().customers).toHaveLength(1);
    expect(
      refusal(() => {
        h.engine.control.setCardBehavior('pm_none', 'succeeds');
      }).status,
    ).toBe(404);
  });
});
