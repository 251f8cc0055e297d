import { at, customerWith, DAY, harness, invoiceNow, shop, subscribe, subscriptionNow, type Harness } from './harness';
import type { InvoiceObject, PriceObject, SubscriptionObject } from './wire';
import type { CouponObject, PromotionCodeObject } from './wire-pricing';

const coupon = (h: Harness, params: object): CouponObject => h.call('POST', '/v1/coupons', params) as CouponObject;
const code = (h: Harness, id: string, params: object = {}): PromotionCodeObject =>
  h.call('POST', '/v1/promotion_codes', {
    promotion: { type: 'coupon', coupon: id },
    ...params,
  }) as PromotionCodeObject;
const latest = (h: Harness, sub: SubscriptionObject): InvoiceObject =>
  invoiceNow(h, subscriptionNow(h, sub.id).latest_invoice);
const off = (invoice: InvoiceObject): number =>
  (invoice.total_discount_amounts ?? []).reduce((sum, part) => sum + part.amount, 0);
const itemOf = (sub: SubscriptionObject): string | undefined => sub.items.data[0]?.id;

function start(discounts: object[], plan: 'basic' | 'pro' = 'pro', h = harness()) {
  const plans = shop(h);
  const { customer } = customerWith(h, 'pm_card_visa');
  const sub = subscribe(h, customer.id, plans[plan].id, { discounts });
  return { h, plans, customer, sub };
}

describe('coupons', () => {
  it.each([
    [{}, 'exactly one'],
    [{ percent_off: 10, amount_off: 100, currency: 'usd' }, 'exactly one'],
    [{ percent_off: 0 }, 'greater than 0'],
    [{ percent_off: 101 }, 'at most 100'],
    [{ amount_off: 100 }, 'currency'],
    [{ amount_off: 100, currency: 'xyz' }, 'Invalid currency'],
    [{ amount_off: 105, currency: 'kwd' }, 'divisible by 10'],
    [{ percent_off: 10, duration: 'repeating' }, 'duration_in_months'],
    [{ percent_off: 10, duration: 'once', duration_in_months: 2 }, 'only valid when'],
    [{ percent_off: 10, redeem_by: 1 }, 'future'],
    [{ percent_off: 10, max_redemptions: 0 }, 'greater than or equal to 1'],
    [{ percent_off: 10, applies_to: { products: ['prod_none'] } }, 'No such product'],
  ])('refuse %j', (params, message) => {
    const h = harness();
    expect(() => coupon(h, params)).toThrow(message);
    expect(h.events).toEqual([]);
  });

  it('tell of their making, changing and going; who has redeemed keeps the discount', () => {
    const h = harness();
    const { id } = coupon(h, { id: 'WELCOME', percent_off: 25, duration: 'forever' });
    expect(() => coupon(h, { id: 'WELCOME', percent_off: 5 })).toThrow('already exists');
    h.call('POST', `/v1/coupons/${id}`, { name: 'Welcome' });
    const { sub } = start([{ coupon: id }], 'pro', h);
    expect(h.call('DELETE', `/v1/coupons/${id}`)).toEqual({ id, object: 'coupon', deleted: true });
    const types = h.heard().filter((type) => type.startsWith('coupon.'));
    expect(types).toEqual(['coupon.created', 'coupon.updated', 'coupon.updated', 'coupon.deleted']);
    h.go(at('2027-02-28T12:00:00Z'));
    expect(latest(h, sub)).toMatchObject({ subtotal: 2999, total: 2249, amount_paid: 2249 });
  });

  it('are used up after the last redemption, and with them their codes', () => {
    const h = harness();
    const { id } = coupon(h, { percent_off: 10, max_redemptions: 1 });
    const promo = code(h, id, { code: 'ONLY' });
    const { plans, customer } = start([{ promotion_code: promo.id }], 'pro', h);
    expect(h.call('GET', `/v1/coupons/${id}`)).toMatchObject({ times_redeemed: 1, valid: false });
    expect(h.call('GET', `/v1/promotion_codes/${promo.id}`)).toMatchObject({ times_redeemed: 1, active: false });
    const count = h.events.length;
    expect(() => subscribe(h, customer.id, plans.basic.id, { discounts: [{ coupon: id }] })).toThrow('Coupon expired');
    expect(h.events.length).toBe(count);
  });

  it('end at their date', () => {
    const h = harness();
    const { id } = coupon(h, { percent_off: 10, redeem_by: h.now() + DAY });
    h.go(h.now() + DAY);
    expect(h.call('GET', `/v1/coupons/${id}`)).toMatchObject({ valid: true });
    h.go(h.now() + 1);
    expect(h.call('GET', `/v1/coupons/${id}`)).toMatchObject({ valid: false });
    expect(() => start([{ coupon: id }], 'pro', h)).toThrow('Coupon expired');
  });
});

describe('promotion codes', () => {
  it('are unique whatever their case, as long as they are active', () => {
    const h = harness();
    const { id } = coupon(h, { percent_off: 10 });
    const first = code(h, id, { code: 'Summer' });
    expect(() => code(h, id, { code: 'SUMMER' })).toThrow('already exists');
    h.call('POST', `/v1/promotion_codes/${first.id}`, { active: false });
    expect(code(h, id, { code: 'SUMMER' }).active).toBe(true);
    expect(() => h.call('POST', `/v1/promotion_codes/${first.id}`, { active: true })).toThrow('already exists');
    expect(h.call('GET', '/v1/promotion_codes', { code: 'sUMMER' })).toMatchObject({ data: [{ active: true }, {}] });
  });

  it.each([
    [{ restrictions: { first_time_transaction: true } }, 'prior transactions'],
    [{ restrictions: { minimum_amount: 5000, minimum_amount_currency: 'usd' } }, 'minimum amount'],
    [{ restrictions: { minimum_amount: 100, minimum_amount_currency: 'eur' } }, 'minimum amount'],
    [{ active: false }, 'inactive'],
  ])('with %j are refused to those they are not for', (params, message) => {
    const h = harness();
    const { plans, customer } = start([], 'pro', h);
    const promo = code(h, coupon(h, { percent_off: 10 }).id, params);
    const count = h.events.length;
    const use = (): unknown => subscribe(h, customer.id, plans.basic.id, { discounts: [{ promotion_code: promo.id }] });
    expect(use).toThrow(message);
    expect(h.events.length).toBe(count);
  });

  it('of one customer are nothing to another, and end at their date', () => {
    const h = harness();
    const { plans, customer } = start([], 'pro', h);
    const other = customerWith(h, 'pm_card_visa').customer;
    const own = code(h, coupon(h, { percent_off: 10 }).id, { customer: other.id, expires_at: h.now() + DAY });
    const use = (id: string): SubscriptionObject =>
      subscribe(h, id, plans.basic.id, { discounts: [{ promotion_code: own.id }] });
    expect(() => use(customer.id)).toThrow('another customer');
    expect(use(other.id).discounts).toEqual([]);
    h.go(h.now() + DAY);
    expect(() => use(other.id)).toThrow('expired');
  });
});

describe('discounts', () => {
  it('for one invoice are spent by the first that costs something', () => {
    const h = harness();
    const { sub } = start([{ coupon: coupon(h, { amount_off: 500, currency: 'usd' }).id }], 'pro', h);
    expect(latest(h, sub)).toMatchObject({ subtotal: 2999, total: 2499, amount_paid: 2499 });
    expect(subscriptionNow(h, sub.id).discounts).toEqual([]);
    const told = h.heard().filter((type) => type.startsWith('customer.discount'));
    expect(told).toEqual(['customer.discount.created', 'customer.discount.deleted']);
    h.go(at('2027-02-28T12:00:00Z'));
    expect(latest(h, sub).total).toBe(2999);
  });

  it('for one invoice outlast a trial', () => {
    const h = harness();
    const plans = shop(h);
    const { customer } = customerWith(h, 'pm_card_visa');
    const discounts = [{ coupon: coupon(h, { percent_off: 50 }).id }];
    const sub = subscribe(h, customer.id, plans.pro.id, { discounts, trial_period_days: 7 });
    expect(sub.discounts).toHaveLength(1);
    h.go(h.now() + 8 * DAY);
    expect(latest(h, sub)).toMatchObject({ total: 1499, amount_paid: 1499 });
  });

  it('of three months end after three invoices, from a 31st too', () => {
    const h = harness();
    const { id } = coupon(h, { percent_off: 20, duration: 'repeating', duration_in_months: 3 });
    const { sub } = start([{ coupon: id }], 'pro', h);
    const totals = [latest(h, sub).total];
    for (const day of ['2027-02-28', '2027-03-31', '2027-04-30', '2027-05-31']) {
      h.go(at(`${day}T12:00:00Z`));
      totals.push(latest(h, sub).total);
    }
    expect(totals).toEqual([2399, 2399, 2399, 2999, 2999]);
    expect(subscriptionNow(h, sub.id).discounts).toEqual([]);
    const ended = h.events.filter((event) => event.type === 'customer.discount.deleted');
    expect(ended.map((event) => event.created)).toEqual([at('2027-04-30T10:00:00Z')]);
  });

  it('of some months end on their day after a restart too', () => {
    const h = harness();
    const { id } = coupon(h, { percent_off: 20, duration: 'repeating', duration_in_months: 2 });
    const { sub, plans } = start([{ coupon: id }], 'basic', h);
    const kept = JSON.parse(JSON.stringify(h.engine.save())) as ReturnType<typeof h.engine.save>;
    const later = harness(at('2027-02-14T10:00:00Z'), 7, kept);
    const items = [{ id: itemOf(sub), price: plans.pro.id }];
    later.call('POST', `/v1/subscriptions/${sub.id}`, { items, proration_behavior: 'always_invoice' });
    // 9.99 - 2.00 = 7.99 and 29.99 - 6.00 = 23.99, half of each.
    expect(latest(later, sub).lines.data.map((line) => line.amount)).toEqual([-400, 1200]);
    later.go(at('2027-03-31T12:00:00Z'));
    expect(latest(later, sub).total).toBe(2999);
  });

  it('can be given to a draft, once', () => {
    const h = harness();
    const { sub } = start([], 'pro', h);
    const { id } = coupon(h, { amount_off: 1000, currency: 'usd', max_redemptions: 1 });
    h.go(at('2027-02-28T10:00:00Z'));
    const draft = latest(h, sub);
    const give = (): unknown => h.call('POST', `/v1/invoices/${draft.id}`, { discounts: [{ coupon: id }] });
    expect(draft.status).toBe('draft');
    give();
    expect(latest(h, sub)).toMatchObject({ subtotal: 2999, total: 1999, amount_due: 1999 });
    expect(give).toThrow('Coupon expired');
    h.go(at('2027-02-28T12:00:00Z'));
    expect(latest(h, sub)).toMatchObject({ status: 'paid', amount_paid: 1999 });
    expect(give).toThrow('Finalized');
  });

  it('of all of it leave nothing to pay and no payment', () => {
    const h = harness();
    const { sub } = start([{ coupon: coupon(h, { percent_off: 100, duration: 'forever' }).id }], 'pro', h);
    expect(sub.status).toBe('active');
    expect(latest(h, sub)).toMatchObject({ subtotal: 2999, total: 0, amount_due: 0, status: 'paid' });
    expect(h.heard()).not.toContain('payment_intent.created');
  });

  it('are exchanged, kept and taken away', () => {
    const h = harness();
    const [a = '', b = ''] = [10, 20].map((percent) => coupon(h, { percent_off: percent, duration: 'forever' }).id);
    const { sub } = start([{ coupon: a }], 'pro', h);
    const path = `/v1/subscriptions/${sub.id}`;
    h.heard();
    h.call('POST', path, { discounts: [{ coupon: b }] });
    expect(h.heard()).toEqual(['customer.discount.updated', 'coupon.updated', 'customer.subscription.updated']);
    const [kept = ''] = subscriptionNow(h, sub.id).discounts;
    h.call('POST', path, { discounts: [{ discount: kept }, { coupon: a }] });
    expect(subscriptionNow(h, sub.id).discounts).toEqual([kept, expect.any(String)]);
    expect(() => h.call('POST', path, { discounts: [{ discount: 'di_no' }] })).toThrow('No such discount');
    expect(() => h.call('POST', path, { discounts: [{ coupon: a }, { coupon: a }] })).toThrow('more than once');
    h.call('DELETE', `${path}/discount`);
    expect(subscriptionNow(h, sub.id).discounts).toEqual([]);
    expect(() => h.call('DELETE', `${path}/discount`)).toThrow('No such discount');
  });

  it('for a product do not go with others', () => {
    const h = harness();
    const other = h.call('POST', '/v1/products', { name: 'Other' }) as { id: string };
    const { id } = coupon(h, { percent_off: 10, applies_to: { products: [other.id] } });
    expect(() => start([{ coupon: id }], 'pro', h)).toThrow('does not apply to anything');
    expect(h.engine.store.expandable(id, 'applies_to')).toEqual({ products: [other.id] });
  });

  it('in another currency do not go', () => {
    const h = harness();
    expect(() => start([{ coupon: coupon(h, { amount_off: 500, currency: 'eur' }).id }], 'pro', h)).toThrow('in eur');
  });
});

describe('plan changes with discounts', () => {
  const half = at('2027-02-14T10:00:00Z');

  it('prorate what is really paid: 50 % for ever, upgrade halfway, quoted to the cent', () => {
    const h = harness();
    const { plans, sub } = start([{ coupon: coupon(h, { percent_off: 50, duration: 'forever' }).id }], 'basic', h);
    h.go(half);
    const items = [{ id: itemOf(sub), price: plans.pro.id }];
    const preview = h.call('POST', '/v1/invoices/create_preview', {
      subscription: sub.id,
      subscription_details: { items, proration_behavior: 'always_invoice' },
    }) as InvoiceObject;
    h.call('POST', `/v1/subscriptions/${sub.id}`, { items, proration_behavior: 'always_invoice' });
    const invoice = latest(h, sub);
    // 9.99 - 5.00 = 4.99 was paid, 29.99 - 15.00 = 14.99 is due; half of each is left.
    expect(invoice.lines.data.map((line) => line.amount)).toEqual([-250, 750]);
    expect(off(invoice)).toBe(0);
    expect(invoice.total).toBe(500);
    expect(preview.lines.data.map((line) => line.amount)).toEqual([-250, 750]);
    expect(preview.total).toBe(invoice.total);
    h.go(at('2027-02-28T12:00:00Z'));
    expect(latest(h, sub)).toMatchObject({ subtotal: 2999, total: 1499 });
  });

  it('give back no more than was paid with a discount for one invoice', () => {
    const h = harness();
    const { plans, sub } = start([{ coupon: coupon(h, { percent_off: 100 }).id }], 'pro', h);
    h.go(half);
    const items = [{ id: itemOf(sub), price: plans.basic.id }];
    h.call('POST', `/v1/subscriptions/${sub.id}`, { items, proration_behavior: 'always_invoice' });
    expect(latest(h, sub).lines.data.map((line) => line.amount)).toEqual([500]);
  });

  it('are previewed with discounts nobody has redeemed', () => {
    const h = harness();
    const { id } = coupon(h, { percent_off: 10, duration: 'once' });
    const { sub, plans } = start([], 'pro', h);
    const preview = (params: object): InvoiceObject =>
      h.call('POST', '/v1/invoices/create_preview', params) as InvoiceObject;
    expect(preview({ subscription: sub.id, discounts: [{ coupon: id }] }).total).toBe(2699);
    const price: PriceObject = plans.basic;
    const first = preview({
      customer: sub.customer,
      subscription_details: { items: [{ price: price.id, quantity: 2 }] },
      discounts: [{ coupon: id }],
    });
    expect(first).toMatchObject({ subtotal: 1998, total: 1798, billing_reason: 'subscription_create' });
    expect(h.call('GET', `/v1/coupons/${id}`)).toMatchObject({ times_redeemed: 0 });
  });
});
