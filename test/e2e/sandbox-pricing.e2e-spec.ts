import type Stripe from 'stripe';
import { createMonthlyPrice, startTestSandbox, type TestSandbox } from '../support/stripe-sandbox';

const START = Date.parse('2027-01-31T10:00:00Z') / 1000;

describe('discounts, tax and slow payments, through the SDK', () => {
  let sandbox: TestSandbox;
  let price: Stripe.Price;

  beforeEach(async () => {
    sandbox = await startTestSandbox({ start: START, seed: 5 });
    price = await createMonthlyPrice(sandbox.stripe, 'Pro', 2999);
  });

  afterEach(async () => {
    await sandbox.sandbox.close();
  });

  it('takes a code off a taxed first invoice that a bank account pays days later', async () => {
    const { stripe, control } = sandbox;
    const coupon = await stripe.coupons.create({
      percent_off: 12.5,
      duration: 'repeating',
      duration_in_months: 3,
      applies_to: { products: [price.product as string] },
    });
    expect(coupon).not.toHaveProperty('applies_to');
    const full = await stripe.coupons.retrieve(coupon.id, { expand: ['applies_to'] });
    expect(full.applies_to?.products).toEqual([price.product]);
    const code = await stripe.promotionCodes.create({
      promotion: { type: 'coupon', coupon: coupon.id },
      code: 'HELLO',
      restrictions: { first_time_transaction: true },
    });
    const customer = await stripe.customers.create({ address: { country: 'CA', state: 'QC' } });
    const setup = await stripe.setupIntents.create({
      customer: customer.id,
      allowed_payment_method_types: ['us_bank_account'],
      payment_method_options: { us_bank_account: { financial_connections: { permissions: ['payment_method'] } } },
    });
    await control('POST', 'bank_accounts', { intent: setup.id });
    const [account] = (await stripe.paymentMethods.list({ customer: customer.id, type: 'us_bank_account' })).data;
    const sub = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      discounts: [{ promotion_code: code.id }],
      automatic_tax: { enabled: true },
      ...(account === undefined ? {} : { default_payment_method: account.id }),
      expand: ['discounts.source.coupon', 'latest_invoice'],
    });
    expect(sub).toMatchObject({
      status: 'active',
      discounts: [{ promotion_code: code.id, source: { coupon: { id: coupon.id, times_redeemed: 1 } } }],
      // 29.99 - 3.75 = 26.24, and 5 % and 9.975 % of that.
      latest_invoice: { status: 'open', total: 2624 + 131 + 262, total_discount_amounts: [{ amount: 375 }] },
    });
    await control('POST', 'clock', { advanceSeconds: 4 * 86_400 });
    const [invoice] = (await stripe.invoices.list({ subscription: sub.id })).data;
    expect(invoice).toMatchObject({ status: 'paid', amount_paid: 3017 });
    await expect(
      stripe.subscriptions.create({
        customer: customer.id,
        items: [{ price: price.id }],
        discounts: [{ promotion_code: code.id }],
      }),
    ).rejects.toMatchObject({ statusCode: 400, param: 'discounts[0][promotion_code]' });
  });

  it('takes codes on the hosted page, and says why it does not', async () => {
    const { stripe, submit } = sandbox;
    const coupon = await stripe.coupons.create({ amount_off: 1000, currency: 'usd' });
    await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: 'TENOFF' });
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [{ price: price.id, quantity: 1 }],
      allow_promotion_codes: true,
      success_url: 'https://shop.test/ok',
    });
    const path = `/checkout/${session.id}`;
    const wrong = await submit(`${path}/code`, { code: '<script>\u0000' });
    expect(wrong.status).toBe(402);
    expect(await wrong.text()).toContain('This promotion code is invalid.');
    expect((await submit(`${path}/code`, { code: 'tenoff' })).status).toBe(303);
    const paid = await submit(path, { card: '4242424242424242', email: 'ada@example.com' });
    expect(paid.headers.get('location')).toBe('https://shop.test/ok');
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      payment_status: 'paid',
      amount_total: 1999,
      total_details: { amount_discount: 1000 },
    });
  });

  it('answers bad input with 4xx and changes nothing', async () => {
    const { stripe } = sandbox;
    const before = (await stripe.events.list({ limit: 100 })).data.length;
    const attempts: (() => Promise<unknown>)[] = [
      () => stripe.coupons.create({ percent_off: 0 }),
      () => stripe.coupons.create({ amount_off: 2 ** 53, currency: 'usd' }),
      () => stripe.coupons.create({ id: 'a'.repeat(10_000), percent_off: 5 }),
      () => stripe.coupons.create({ id: "'; drop table--", percent_off: 5 }),
      () => stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: 'no\u0000' } }),
      () => stripe.customers.create({ tax_id_data: [{ type: 'eu_vat', value: 'x' }] }),
      () => stripe.setupIntents.create({ allowed_payment_method_types: ['klarna'] }),
      () => stripe.paymentIntents.create({ amount: 1005, currency: 'kwd' }),
      () => stripe.subscriptionSchedules.create({ from_subscription: 'sub_no' }),
      () =>
        stripe.invoices.createPreview({ customer: 'cus_no', subscription_details: { items: [{ price: price.id }] } }),
    ];
    for (const attempt of attempts) {
      const error: unknown = await attempt().catch((reason: unknown) => reason);
      expect([400, 404]).toContain((error as Stripe.errors.StripeError).statusCode);
    }
    expect((await stripe.events.list({ limit: 100 })).data).toHaveLength(before);
  });
});
