import type Stripe from 'stripe';
import { expectRefusal, fetchAnswer, jsonPost } from '../support/http-client';
import { RETURN_ORIGIN, startHouse, type House } from '../support/house';
import { TaxedBuyers, type ToldTax } from '../support/taxed-buyers';
import { asUser } from '../support/tokens';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const PLAN = '/billing/subscriptions/plan';
const DETAILS = '/billing/details';

describe('tax on top of prices', () => {
  let house: House;
  let buyers: TaxedBuyers;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: { STRIPE_TAX: 'on' } });
    buyers = new TaxedBuyers(house);
  }, 30_000);
  afterAll(() => house.close());

  const later = async (ms: number) => {
    moved = new Date(moved.getTime() + ms);
    await house.advance(moved);
  };

  it('asks for an address before anything is made', async () => {
    const refused = await house.as('nowhere', 'POST', '/billing/subscriptions', { plan: 'PRO' });
    expectRefusal(refused, 422, 'TAX_ADDRESS_REQUIRED');
    expect((await buyers.state()).customers.filter(({ email }) => email?.startsWith('nowhere'))).toEqual([]);
    expect(await house.rows("SELECT 1 FROM provider_intents WHERE kind LIKE 'customer.%'")).toEqual([]);

    // He is a customer by now, but without an address all the same.
    await house.as('nowhere', 'POST', '/billing/payment-methods/setup', {});
    expectRefusal(
      await house.as('nowhere', 'POST', '/billing/subscriptions', { plan: 'PRO' }),
      422,
      'TAX_ADDRESS_REQUIRED',
    );
    const { stripe } = house.box;
    await stripe.customers.update(await buyers.customerOf('nowhere'), { address: { country: 'US' } });
    expectRefusal(
      await house.as('nowhere', 'POST', '/billing/subscriptions', { plan: 'PRO' }),
      422,
      'TAX_ADDRESS_INVALID',
    );
    expect((await buyers.state()).subscriptions).toEqual([]);
  });

  it('charges a German consumer 19 %, and shows it', async () => {
    await buyers.lives('greta', { country: 'DE', postalCode: '10117' });
    await buyers.subscribe('greta');
    const [invoice] = await buyers.told('greta');
    expect(invoice).toMatchObject({
      status: 'paid',
      amountPaid: 3_451,
      tax: 551,
      taxes: [{ amount: 551, inclusive: false, reason: 'standard_rated' }],
      lines: [{ amount: 2_900, tax: 551 }],
    });
    expect((await house.as('greta', 'GET', `/billing/invoices/${invoice!.id}`)).body).toEqual(invoice);
    const entries = await house.rows<{ account: string; amount: string }>(
      `SELECT account_code AS account, amount::text FROM journal_entries e JOIN journal_transactions t ON t.id = e.transaction_id
       WHERE t.type = 'invoice.finalized' AND t.ref_id = $1 ORDER BY 1`,
      [invoice!.id],
    );
    expect(entries).toEqual([
      { account: 'customer.receivable', amount: '3451' },
      { account: 'revenue.deferred', amount: '-2900' },
      { account: 'tax.payable', amount: '-551' },
    ]);
  });

  it.each([
    ['newyorker', { country: 'US', state: 'NY', postalCode: '10001' }, 257, 'standard_rated'],
    ['oregonian', { country: 'US', state: 'OR', postalCode: '97201' }, 0, 'not_collecting'],
  ])('charges a %s', async (user, address, tax, reason) => {
    await buyers.lives(user, address);
    await buyers.subscribe(user);
    expect((await buyers.told(user))[0]).toMatchObject({
      amountPaid: 2_900 + tax,
      tax,
      taxes: [{ amount: tax, reason }],
    });
  });

  it('charges a business abroad nothing, and says that it owes the tax itself', async () => {
    await buyers.lives(
      'biz',
      { country: 'FR' },
      { name: 'Biz SARL', taxIds: [{ type: 'eu_vat', value: 'FR 12 345678901' }] },
    );
    await buyers.subscribe('biz');
    expect((await buyers.told('biz'))[0]).toMatchObject({
      amountPaid: 2_900,
      tax: 0,
      taxes: [{ amount: 0, reason: 'reverse_charge' }],
    });
    expect((await house.as('biz', 'GET', DETAILS)).body).toMatchObject({
      taxIds: [{ type: 'eu_vat', value: 'FR12345678901', country: 'FR', status: 'verified' }],
      taxStatus: 'supported',
    });
  });

  it('quotes a change with its tax, and charges it to the cent', async () => {
    await buyers.lives('changer', { country: 'DE' });
    await buyers.subscribe('changer');
    await later(10 * DAY_MS);
    const body = { plan: 'ENTERPRISE' };
    const { body: quote } = await house.as('changer', 'POST', `${PLAN}/preview`, body);
    const { lines, taxes, amountDueNow } = quote as unknown as {
      lines: ToldTax[];
      taxes: ToldTax[];
      amountDueNow: number;
    };
    expect(taxes).toMatchObject([{ inclusive: false, reason: 'standard_rated' }]);
    expect([...lines, ...taxes].reduce((sum, { amount }) => sum + amount, 0)).toBe(amountDueNow);
    expect(quote['nextInvoiceAmount']).toBe(19_900 + 3_781);
    await later(9 * 60_000);
    expect((await house.as('changer', 'PATCH', PLAN, body)).status).toBe(200);
    await house.settle();
    expect((await buyers.told('changer'))[0]).toMatchObject({ amountPaid: amountDueNow, tax: taxes[0]!.amount });
  });

  it('taxes who has bought before tax was on from his next change on, and asks him where he lives', async () => {
    await buyers.lives('early', { country: 'DE' });
    const { providerId, customer } = await buyers.subscribe('early');
    const { stripe } = house.box;
    await stripe.subscriptions.update(providerId, { automatic_tax: { enabled: false } });
    await stripe.customers.update(customer, { address: '' });
    for (const [method, path] of [['POST', `${PLAN}/preview`] as const, ['PATCH', PLAN] as const]) {
      expectRefusal(await house.as('early', method, path, { plan: 'BASIC' }), 422, 'TAX_ADDRESS_REQUIRED');
    }
    await buyers.lives('early', { country: 'DE' });
    const { body: quote } = await house.as('early', 'POST', `${PLAN}/preview`, { plan: 'ENTERPRISE' });
    expect((await house.as('early', 'PATCH', PLAN, { plan: 'ENTERPRISE' })).status).toBe(200);
    await house.settle();
    const [charged] = await buyers.told('early');
    expect(charged).toMatchObject({ amountPaid: quote['amountDueNow'], taxes: [{ reason: 'standard_rated' }] });
    expect((await stripe.subscriptions.retrieve(providerId)).automatic_tax.enabled).toBe(true);
  });

  it('gives the tax of a voided invoice back', async () => {
    await buyers.lives('fickle', { country: 'DE' });
    const before = await buyers.balance('tax.payable');
    await house.as('fickle', 'POST', '/billing/subscriptions', { plan: 'PRO', trialPeriodDays: 0 });
    await house.settle();
    expect(await buyers.balance('tax.payable')).toBe(before + 551);
    const again = await house.as('fickle', 'POST', '/billing/subscriptions', { plan: 'BASIC' });
    expect(again.status).toBe(201);
    await house.settle();
    expect((await buyers.told('fickle')).map(({ status, tax }) => ({ status, tax }))).toEqual([
      { status: 'open', tax: 171 },
      { status: 'void', tax: 551 },
    ]);
    expect(await buyers.balance('tax.payable')).toBe(before + 171);
  });

  it('bills anew who says where he lives, or that he is a business, only when he sees the price', async () => {
    const order = { plan: 'PRO', trialPeriodDays: 0 };
    const buy = async () => {
      const { status, body } = await house.as('thinker', 'POST', '/billing/subscriptions', order);
      expect(status).toBe(201);
      await house.settle();
      const [open, ...former] = await buyers.told('thinker');
      expect(former.map((invoice) => invoice.status)).not.toContain('open');
      return { id: (body['subscription'] as { id: string }).id, due: open!.amountDue };
    };
    await buyers.lives('thinker', { country: 'DE' });
    const first = await buy();
    expect(first.due).toBe(3_451);
    expect(await buy()).toEqual(first);
    await buyers.lives('thinker', { country: 'FR' });
    const second = await buy();
    expect(second.due).toBe(3_480);
    await buyers.lives('thinker', { country: 'FR' }, { taxIds: [{ type: 'eu_vat', value: 'FR12345678901' }] });
    const third = await buy();
    expect(third.due).toBe(2_900);
    expect(await buy()).toEqual(third);
    expect(new Set([first.id, second.id, third.id]).size).toBe(3);
  });

  it('lets the checkout page ask for what tax needs, and keeps it', async () => {
    const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
    const { body } = await house.as('webber', 'POST', '/billing/checkout', { plan: 'BASIC', ...urls });
    const id = body['sessionId'] as string;
    expect(await house.box.stripe.checkout.sessions.retrieve(id)).toMatchObject({
      automatic_tax: { enabled: true },
      billing_address_collection: 'required',
    });
    const page = new URL(body['url'] as string).pathname;
    expect((await house.box.submit(page, { card: '4242424242424242', country: 'FR' })).status).toBe(303);
    await house.settle();
    expect((await buyers.told('webber'))[0]).toMatchObject({ amountPaid: 1_080, tax: 180 });
    expect((await house.as('webber', 'GET', DETAILS)).body).toMatchObject({ address: { country: 'FR' } });
  });

  it('follows who moves from Germany to France between two renewals', async () => {
    await buyers.lives('mover', { country: 'DE' });
    await buyers.subscribe('mover');
    await buyers.lives('mover', { country: 'FR' });
    expect((await buyers.told('mover'))[0]).toMatchObject({ tax: 551 });
    await later(32 * DAY_MS);
    expect((await buyers.told('mover')).map(({ tax, amountPaid }) => [tax, amountPaid])).toEqual([
      [580, 3_480],
      [551, 3_451],
    ]);
  });

  it('is of what a discount leaves', async () => {
    const boss = asUser('boss', 'admin');
    const off = { code: 'QUARTER', percentOff: 25, duration: 'forever' };
    expect((await fetchAnswer(`${house.app.url}/v1/admin/discounts`, jsonPost(off, boss))).status).toBe(201);
    await house.settle();
    await buyers.lives('saver', { country: 'DE' });
    await buyers.subscribe('saver', 'PRO', { discountCode: 'QUARTER' });
    // 29.00 - 7.25 = 21.75, and 19 % of that.
    expect((await buyers.told('saver'))[0]).toMatchObject({ discount: 725, tax: 413, amountPaid: 2_588 });
    const { body: quote } = await house.as('saver', 'POST', `${PLAN}/preview`, { plan: 'ENTERPRISE' });
    expect((await house.as('saver', 'PATCH', PLAN, { plan: 'ENTERPRISE' })).status).toBe(200);
    await house.settle();
    expect((await buyers.told('saver'))[0]).toMatchObject({ amountPaid: quote['amountDueNow'] });
  });

  it('taxes again who had no address for a while, once he has one', async () => {
    await buyers.lives('nomad', { country: 'DE' });
    const { customer, providerId } = await buyers.subscribe('nomad');
    const { stripe } = house.box;
    await stripe.customers.update(customer, { address: '' });
    await later(32 * DAY_MS);
    expect((await buyers.told('nomad'))[0]).toMatchObject({ amountPaid: 2_900, tax: 0, taxes: [] });
    await buyers.lives('nomad', { country: 'FR' });
    expect((await stripe.subscriptions.retrieve(providerId)).automatic_tax.enabled).toBe(true);
    await later(31 * DAY_MS);
    expect((await buyers.told('nomad'))[0]).toMatchObject({ amountPaid: 3_480, tax: 580 });
  });

  it('leaves books that balance and can be told again', () => buyers.expectSound(), 180_000);
});

describe('tax contained in prices', () => {
  let house: House;
  let buyers: TaxedBuyers;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: { STRIPE_TAX: 'on', STRIPE_TAX_BEHAVIOR: 'inclusive' } });
    buyers = new TaxedBuyers(house);
  }, 30_000);
  afterAll(() => house.close());

  it('takes the tax out of what is earned', async () => {
    await buyers.lives('greta', { country: 'DE' });
    await buyers.subscribe('greta');
    expect((await buyers.told('greta'))[0]).toMatchObject({
      amountPaid: 2_900,
      tax: 463,
      taxes: [{ amount: 463, inclusive: true, reason: 'standard_rated' }],
    });
    expect(await buyers.balance('tax.payable')).toBe(463);
    expect(await buyers.balance('revenue.deferred')).toBe(2_437);
    await house.advance(new Date(START.getTime() + 9 * DAY_MS));
    const { body: quote } = await house.as('greta', 'POST', `${PLAN}/preview`, { plan: 'ENTERPRISE' });
    expect(quote).toMatchObject({ nextInvoiceAmount: 19_900, taxes: [{ inclusive: true }] });
    expect((quote['lines'] as ToldTax[]).reduce((sum, { amount }) => sum + amount, 0)).toBe(quote['amountDueNow']);
    await house.as('greta', 'PATCH', PLAN, { plan: 'ENTERPRISE' });
    await house.settle();
    expect((await buyers.told('greta'))[0]).toMatchObject({ amountPaid: quote['amountDueNow'] });
    await buyers.expectSound();
  }, 180_000);

  it('leaves a price that is settled otherwise as it is', async () => {
    const { prices } = await house.box.control<{ prices: Stripe.Price[] }>('GET', 'state');
    expect(prices.length).toBeGreaterThan(0);
    for (const { id, tax_behavior: behavior } of prices) {
      expect(behavior).toBe('inclusive');
      await expect(house.box.stripe.prices.update(id, { tax_behavior: 'exclusive' })).rejects.toThrow(
        'cannot be changed',
      );
    }
  });
});

describe('without automatic tax', () => {
  let house: House;
  let buyers: TaxedBuyers;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new TaxedBuyers(house);
  }, 30_000);
  afterAll(() => house.close());

  it('says nothing of tax to Stripe, and needs no address', async () => {
    const { providerId } = await buyers.subscribe('plain');
    const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
    const { body } = await house.as('webber', 'POST', '/billing/checkout', { plan: 'BASIC', ...urls });
    expect((await house.as('plain', 'POST', `${PLAN}/preview`, { plan: 'ENTERPRISE' })).body).toMatchObject({
      taxes: [],
    });
    expect((await house.as('plain', 'PATCH', PLAN, { plan: 'ENTERPRISE' })).status).toBe(200);
    const { stripe } = house.box;
    expect((await stripe.subscriptions.retrieve(providerId)).automatic_tax).toMatchObject({ enabled: false });
    expect(await stripe.checkout.sessions.retrieve(body['sessionId'] as string)).toMatchObject({
      automatic_tax: { enabled: false },
      billing_address_collection: null,
    });
    const { prices } = await house.box.control<{ prices: Stripe.Price[] }>('GET', 'state');
    expect(new Set(prices.map(({ tax_behavior: behavior }) => behavior))).toEqual(new Set(['unspecified']));
    expect((await buyers.told('plain'))[0]).toMatchObject({ tax: 0, taxes: [] });
  });

  it('keeps details all the same, wherever they are', async () => {
    await buyers.lives('abroad', { country: 'US' });
    expect((await house.as('abroad', 'GET', DETAILS)).body).toMatchObject({
      address: { country: 'US' },
      taxStatus: null,
    });
    await buyers.expectSound();
  }, 180_000);
});
