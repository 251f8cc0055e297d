import fc from 'fast-check';
import { stepOf } from './currencies';
import { at, customerWith, DAY, harness, invoiceNow, shop, subscribe, subscriptionNow, type Harness } from './harness';
import type { CustomerObject, InvoiceObject, PriceObject, SubscriptionObject } from './wire';

interface Wares {
  readonly small: PriceObject;
  readonly big: PriceObject;
}

function wares(h: Harness, currency: string, small: number, big: number, behavior = 'exclusive'): Wares {
  const product = h.call('POST', '/v1/products', { name: 'Plan' }) as { id: string };
  const price = (amount: number): PriceObject =>
    h.call('POST', '/v1/prices', {
      product: product.id,
      currency,
      unit_amount: amount,
      recurring: { interval: 'month' },
      tax_behavior: behavior,
    }) as PriceObject;
  return { small: price(small), big: price(big) };
}

const latest = (h: Harness, sub: SubscriptionObject): InvoiceObject =>
  invoiceNow(h, subscriptionNow(h, sub.id).latest_invoice);
const upgrade = (h: Harness, sub: SubscriptionObject, price: PriceObject): void => {
  const items = [{ id: sub.items.data[0]?.id, price: price.id }];
  h.call('POST', `/v1/subscriptions/${sub.id}`, { items, proration_behavior: 'always_invoice' });
};
const sum = (amounts: readonly { amount: number }[] | null): number =>
  (amounts ?? []).reduce((total, part) => total + part.amount, 0);

describe('prices in currencies', () => {
  it.each([
    ['jpy', 1200, 3500, [-600, 1750]],
    ['kwd', 3_330, 9_990, [-1_670, 5_000]],
    ['huf', 399_900, 999_900, [-199_950, 499_950]],
    ['isk', 129_900, 349_900, [-65_000, 175_000]],
    ['ugx', 3_700_000, 9_900_000, [-1_850_000, 4_950_000]],
  ])('%s: an upgrade halfway gives back and charges halves', (currency, small, big, expected) => {
    const h = harness(at('2027-04-01T00:00:00Z'));
    const plans = wares(h, currency, small, big);
    const sub = subscribe(h, customerWith(h, 'pm_card_visa').customer.id, plans.small.id);
    h.go(at('2027-04-16T00:00:00Z'));
    upgrade(h, sub, plans.big);
    expect(latest(h, sub).lines.data.map((line) => line.amount)).toEqual(expected);
    expect(latest(h, sub).amount_paid).toBe(sum(latest(h, sub).lines.data));
  });

  it.each([
    [{ currency: 'kwd', unit_amount: 1005 }, 'divisible by 10'],
    [{ currency: 'isk', unit_amount: 150 }, 'divisible by 100'],
    [{ currency: 'ugx', unit_amount: 150 }, 'divisible by 100'],
    [{ currency: 'zzz', unit_amount: 100 }, 'Invalid currency'],
    [{ currency: 'usd', unit_amount: -1 }, 'non-negative'],
    [{ currency: 'usd', unit_amount: 1.5 }, 'whole'],
    [{ currency: 'usd', unit_amount: 2 ** 53 }, 'whole'],
  ])('refuse %j', (params, message) => {
    const h = harness();
    const product = h.call('POST', '/v1/products', { name: 'Plan' }) as { id: string };
    const make = (): unknown =>
      h.call('POST', '/v1/prices', { product: product.id, recurring: { interval: 'month' }, ...params });
    expect(make).toThrow(message);
  });

  it('bind a customer while anything of his is left in them, and no longer', () => {
    const h = harness();
    const yen = wares(h, 'jpy', 1_200, 3_500).small.id;
    const forints = wares(h, 'huf', 399_900, 999_900).small.id;
    const { customer } = customerWith(h, 'pm_card_visa');
    const mixed = 'You cannot combine currencies on a single customer';
    const open = (price: string): unknown =>
      h.call('POST', '/v1/checkout/sessions', {
        ...{ mode: 'subscription', customer: customer.id, success_url: 'https://shop.test/ok' },
        line_items: [{ price, quantity: 1 }],
      });
    const first = subscribe(h, customer.id, yen);
    expect(() => subscribe(h, customer.id, forints)).toThrow(mixed);
    expect(() => open(forints)).toThrow(mixed);
    h.call('DELETE', `/v1/subscriptions/${first.id}`);
    h.call('POST', `/v1/customers/${customer.id}/balance_transactions`, { amount: -500, currency: 'jpy' });
    expect(() => subscribe(h, customer.id, forints)).toThrow(mixed);
    h.call('POST', `/v1/customers/${customer.id}/balance_transactions`, { amount: 500, currency: 'jpy' });
    expect(() => open(forints)).not.toThrow();
    expect(subscribe(h, customer.id, forints)).toMatchObject({ status: 'active', currency: 'huf' });
    expect(h.call('GET', `/v1/customers/${customer.id}`)).toMatchObject({ currency: 'huf' });
    expect(() => subscribe(h, customer.id, yen)).toThrow(mixed);
  });

  it('move to the balance what is too small to charge', () => {
    const h = harness();
    const { small } = wares(h, 'huf', 10_000, 20_000);
    const { customer } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, small.id);
    expect(latest(h, sub)).toMatchObject({ total: 10_000, amount_due: 0, status: 'paid', ending_balance: 10_000 });
    h.go(at('2027-02-28T12:00:00Z'));
    expect(latest(h, sub)).toMatchObject({ total: 10_000, amount_due: 20_000, amount_paid: 20_000 });
  });
});

describe('tax', () => {
  function taxed(address: object, customerParams: object = {}, behavior = 'exclusive') {
    const h = harness();
    const { small } = wares(h, 'usd', 10_000, 20_000, behavior);
    const { customer } = customerWith(h, 'pm_card_visa');
    h.call('POST', `/v1/customers/${customer.id}`, { address, ...customerParams });
    const sub = subscribe(h, customer.id, small.id, { automatic_tax: { enabled: true } });
    return { h, sub, invoice: latest(h, sub) };
  }

  it.each([
    [{ country: 'DE' }, 'exclusive', 11_900, [1_900]],
    [{ country: 'DE' }, 'inclusive', 10_000, [1_597]],
    [{ country: 'US', state: 'CA' }, 'exclusive', 10_850, [850]],
    [{ country: 'US', state: 'OR' }, 'exclusive', 10_000, [0]],
    [{ country: 'CA', state: 'QC' }, 'exclusive', 11_498, [500, 998]],
    [{ country: 'CA', state: 'BC' }, 'inclusive', 10_000, [446, 625]],
    [{ country: 'HU' }, 'exclusive', 12_700, [2_700]],
    [{ country: 'BR' }, 'exclusive', 10_000, [0]],
  ])('%j, %s: %i', (address, behavior, total, taxes) => {
    const { invoice } = taxed(address, {}, behavior);
    expect(invoice).toMatchObject({ total, amount_paid: total, automatic_tax: { status: 'complete' } });
    expect(invoice.total_taxes.map((tax) => tax.amount)).toEqual(taxes);
    expect(invoice.total_excluding_tax).toBe(total - sum(invoice.total_taxes));
  });

  it.each([
    [{ tax_exempt: 'exempt' }, 'customer_exempt'],
    [{ tax_exempt: 'reverse' }, 'reverse_charge'],
  ])('of a customer with %j is zero: %s', (params, reason) => {
    const { invoice } = taxed({ country: 'DE' }, params);
    expect(invoice).toMatchObject({ total: 10_000, total_taxes: [{ amount: 0, taxability_reason: reason }] });
  });

  it('is the business of a business that has a number', () => {
    const { h, sub } = taxed({ country: 'DE' });
    const path = `/v1/customers/${sub.customer}/tax_ids`;
    expect(() => h.call('POST', path, { type: 'eu_vat', value: 'x' })).toThrow('Invalid value');
    const id = h.call('POST', path, { type: 'eu_vat', value: 'DE123456789' }) as { id: string };
    const preview = h.call('POST', '/v1/invoices/create_preview', { subscription: sub.id }) as InvoiceObject;
    expect(preview).toMatchObject({
      total: 10_000,
      customer_tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }],
      total_taxes: [{ taxability_reason: 'reverse_charge' }],
    });
    const other = customerWith(h).customer.id;
    expect(() => h.call('GET', `/v1/customers/${other}/tax_ids/${id.id}`)).toThrow('No such tax_id');
    h.call('DELETE', `${path}/${id.id}`);
    h.go(at('2027-02-28T12:00:00Z'));
    expect(latest(h, sub).total).toBe(11_900);
  });

  it('waits for an address in previews, and is left out of an invoice that finds none', () => {
    const { h, sub } = taxed({ country: 'DE' });
    const preview = (params: object): InvoiceObject =>
      h.call('POST', '/v1/invoices/create_preview', { subscription: sub.id, ...params }) as InvoiceObject;
    expect(preview({ customer_details: { address: '' } })).toMatchObject({
      total: 10_000,
      automatic_tax: { status: 'requires_location_inputs' },
      total_taxes: [],
    });
    expect(preview({ customer_details: { address: { country: 'FR' } } }).total).toBe(12_000);
    h.call('POST', `/v1/customers/${sub.customer}`, { address: '' });
    h.go(at('2027-02-28T12:00:00Z'));
    expect(latest(h, sub)).toMatchObject({
      total: 10_000,
      status: 'paid',
      automatic_tax: { enabled: false, disabled_reason: 'finalization_requires_location_inputs' },
    });
    expect(subscriptionNow(h, sub.id).automatic_tax).toMatchObject({ enabled: false });
    const enable = (): unknown => h.call('POST', `/v1/subscriptions/${sub.id}`, { automatic_tax: { enabled: true } });
    expect(enable).toThrow("isn't recognized");
  });

  it('is on what a discount leaves', () => {
    const h = harness();
    const { small } = wares(h, 'usd', 10_000, 20_000);
    const { id } = h.call('POST', '/v1/coupons', { amount_off: 2_500, currency: 'usd' }) as { id: string };
    const { customer } = customerWith(h, 'pm_card_visa');
    h.call('POST', `/v1/customers/${customer.id}`, { address: { country: 'FR' } });
    const more = { automatic_tax: { enabled: true }, discounts: [{ coupon: id }] };
    expect(latest(h, subscribe(h, customer.id, small.id, more))).toMatchObject({
      subtotal: 10_000,
      total: 9_000,
      total_taxes: [{ amount: 1_500, taxable_amount: 7_500 }],
    });
  });
});

function expectConsistent(invoice: InvoiceObject): void {
  const lines = invoice.lines.data;
  const step = stepOf(invoice.currency);
  const exclusive = sum(invoice.total_taxes.filter((tax) => tax.tax_behavior === 'exclusive'));
  const discounts = sum(invoice.total_discount_amounts);
  expect(invoice.subtotal).toBe(sum(lines));
  expect(invoice.total).toBe(invoice.subtotal - discounts + exclusive);
  expect(invoice.total_excluding_tax).toBe(invoice.total - sum(invoice.total_taxes));
  expect(sum(lines.flatMap((line) => line.discount_amounts ?? []))).toBe(discounts);
  expect(sum(lines.flatMap((line) => line.taxes))).toBe(sum(invoice.total_taxes));
  for (const amount of [invoice.total, invoice.amount_due, ...lines.map((line) => line.amount)]) {
    expect(Math.abs(amount % step)).toBe(0);
  }
}

const currencies = fc.constantFrom('usd', 'eur', 'jpy', 'kwd', 'huf', 'isk', 'ugx', 'bhd', 'gbp', 'clp');
const life = fc.record({
  currency: currencies,
  small: fc.integer({ min: 1, max: 20_000 }),
  big: fc.integer({ min: 1, max: 20_000 }),
  quantity: fc.integer({ min: 1, max: 9 }),
  percent: fc.option(fc.integer({ min: 1, max: 10_000 })),
  amount: fc.option(fc.integer({ min: 1, max: 9_000 })),
  duration: fc.constantFrom('once', 'forever'),
  address: fc.constantFrom({ country: 'DE' }, { country: 'CA', state: 'QC' }, { country: 'US', state: 'NY' }, null),
  behavior: fc.constantFrom('exclusive', 'inclusive'),
  later: fc.integer({ min: 0, max: 27 * DAY }),
});

describe('every invoice', () => {
  it('comes to its lines less its discounts plus its tax, in every currency, whatever happened', () => {
    fc.assert(
      fc.property(life, (input) => {
        const h = harness();
        const step = stepOf(input.currency);
        const plans = wares(h, input.currency, input.small * step, input.big * step, input.behavior);
        const { customer } = customerWith(h, 'pm_card_visa');
        if (input.address !== null) h.call('POST', `/v1/customers/${customer.id}`, { address: input.address });
        const coupon = (params: object): { coupon: string } => {
          const made = h.call('POST', '/v1/coupons', { duration: input.duration, ...params }) as { id: string };
          return { coupon: made.id };
        };
        const sub = h.call('POST', '/v1/subscriptions', {
          customer: customer.id,
          items: [{ price: plans.small.id, quantity: input.quantity }],
          automatic_tax: { enabled: input.address !== null },
          discounts: [
            ...(input.percent === null ? [] : [coupon({ percent_off: input.percent / 100 })]),
            ...(input.amount === null ? [] : [coupon({ amount_off: input.amount * step, currency: input.currency })]),
          ],
        }) as SubscriptionObject;
        h.go(h.now() + input.later);
        upgrade(h, sub, plans.big);
        h.go(at('2027-04-01T00:00:00Z'));
        const invoices = (h.call('GET', '/v1/invoices', { subscription: sub.id }) as { data: InvoiceObject[] }).data;
        expect(invoices.length).toBeGreaterThanOrEqual(3);
        for (const invoice of invoices) expectConsistent(invoice);
        const owner = h.call('GET', `/v1/customers/${customer.id}`) as CustomerObject;
        const billed = invoices.reduce((total, invoice) => total + invoice.total, 0);
        const paid = invoices.reduce((total, invoice) => total + invoice.amount_paid, 0);
        // What was not paid stands on the balance, in the customer's favour or not.
        expect(paid + owner.balance).toBe(billed);
      }),
      { numRuns: 150 },
    );
  });

  it('is quoted to the cent by the preview of its change', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 27 * DAY }), fc.integer({ min: 1, max: 9_000 }), (later, percent) => {
        const h = harness();
        const { basic, pro } = shop(h);
        const { customer } = customerWith(h, 'pm_card_visa');
        h.call('POST', `/v1/customers/${customer.id}`, { address: { country: 'FI' } });
        const { id } = h.call('POST', '/v1/coupons', { percent_off: percent / 100, duration: 'forever' }) as {
          id: string;
        };
        const sub = subscribe(h, customer.id, basic.id, {
          discounts: [{ coupon: id }],
          automatic_tax: { enabled: true },
        });
        h.go(h.now() + later);
        const items = [{ id: sub.items.data[0]?.id, price: pro.id }];
        const preview = h.call('POST', '/v1/invoices/create_preview', {
          subscription: sub.id,
          subscription_details: { items, proration_behavior: 'always_invoice', proration_date: h.now() },
        }) as InvoiceObject;
        upgrade(h, sub, pro);
        const { total, amount_due, total_taxes } = latest(h, sub);
        expect({ total, amount_due, total_taxes }).toEqual({
          total: preview.total,
          amount_due: preview.amount_due,
          total_taxes: preview.total_taxes,
        });
      }),
      { numRuns: 60 },
    );
  });
});
