import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { Buyers, type Buyer } from '../support/buyers';
import { expectRefusal } from '../support/http-client';
import { startHouse, type House } from '../support/house';

const METHODS = '/billing/payment-methods';

describe('payment methods', () => {
  let house: House;
  let buyers: Buyers;
  let owner: Buyer;
  let thief: Buyer;

  beforeAll(async () => {
    house = await startHouse();
    buyers = new Buyers(house);
    owner = await buyers.subscribe('owner');
    thief = await buyers.subscribe('thief');
  }, 40_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  const list = async (user: string) =>
    (await house.as(user, 'GET', METHODS)).body['data'] as { id: string; isDefault: boolean }[];

  it('lists what Stripe has, and nothing for who has none', async () => {
    expect((await house.as('nobody', 'GET', METHODS)).body).toEqual({ data: [], nextCursor: null });
    expect((await house.as('owner', 'GET', METHODS)).body).toMatchObject({
      data: [{ id: owner.card, type: 'card', brand: 'visa', last4: '4242', expMonth: 12, isDefault: true }],
      nextCursor: null,
    });
  });

  it.each(['card', 'us_bank_account'])('begins to add a %s that may be charged later', async (type) => {
    const answer = await house.as('owner', 'POST', `${METHODS}/setup`, { type });
    expect(answer.status).toBe(201);
    const [id] = (answer.body['clientSecret'] as string).split('_secret_');
    const intent = await house.box.stripe.setupIntents.retrieve(id!);
    expect(intent).toMatchObject({ customer: owner.customer, usage: 'off_session', payment_method_types: [type] });
  });

  it('makes a customer for who begins with a card, and shows the card once it is confirmed', async () => {
    const { body } = await house.as('newcomer', 'POST', `${METHODS}/setup`, {});
    const [id] = (body['clientSecret'] as string).split('_secret_');
    await house.box.stripe.setupIntents.confirm(id!, { payment_method: 'pm_card_visa' });
    await house.settle();
    expect(await list('newcomer')).toMatchObject([{ type: 'card', isDefault: false }]);
  });

  it('begins once under one key, also when the answer is lost', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    await house.box.control('PUT', 'chaos', {
      api: [{ fault: 'lose_answer', method: 'POST', pathPrefix: '/v1/setup_intents', times: 6 }],
    });
    const first = await house.as('owner', 'POST', `${METHODS}/setup`, {}, headers);
    expect([201, 502, 503]).toContain(first.status);
    await house.box.control('PUT', 'chaos', {});
    const second = await house.as('owner', 'POST', `${METHODS}/setup`, {}, headers);
    expect(second.status).toBe(201);
    const [intent] = await house.rows<{ provider_id: string }>(
      "SELECT provider_id FROM provider_intents WHERE kind = 'payment_method.setup' AND dedupe_key LIKE '%' || $1",
      [headers['idempotency-key']],
    );
    expect(second.body['clientSecret']).toContain(intent!.provider_id);
  });

  it('charges renewals to the one that was made default', async () => {
    const card = await house.box.stripe.paymentMethods.attach('pm_card_mastercard', { customer: owner.customer });
    const made = await house.as('owner', 'POST', `${METHODS}/${card.id}/default`);
    expect(made).toMatchObject({ status: 200, body: { id: card.id, isDefault: true } });
    const methods = await list('owner');
    expect(methods.filter(({ isDefault }) => isDefault).map(({ id }) => id)).toEqual([card.id]);
    expect((await house.as('owner', 'POST', `${METHODS}/${card.id}/default`)).status).toBe(200);
    await house.advance(new Date('2026-02-16T10:00:00Z'));
    const paid = await house.as('owner', 'GET', '/billing/payments');
    expect((paid.body['data'] as object[])[0]).toMatchObject({ status: 'succeeded', method: { brand: 'mastercard' } });
  });

  it('removes one, for good', async () => {
    const card = await house.box.stripe.paymentMethods.attach('pm_card_visa', { customer: owner.customer });
    expect((await house.as('owner', 'DELETE', `${METHODS}/${card.id}`)).status).toBe(204);
    expect((await list('owner')).map(({ id }) => id)).not.toContain(card.id);
    expectRefusal(await house.as('owner', 'DELETE', `${METHODS}/${card.id}`), 404, 'PAYMENT_METHOD_NOT_FOUND');
    expectRefusal(await house.as('owner', 'POST', `${METHODS}/${card.id}/default`), 404, 'PAYMENT_METHOD_NOT_FOUND');
    const audit = await house.rows(
      "SELECT actor_id FROM audit_log WHERE action = 'payment_method.remove' AND object_id = $1",
      [card.id],
    );
    expect(audit).toEqual([{ actor_id: 'owner' }]);
    await house.settle();
  });

  it("touches nobody else's, and asks Stripe for nothing that is no id", async () => {
    const ids = [
      thief.card,
      'pm_1',
      'pm_card_visa',
      "pm_' OR '1'='1",
      '../customers/cus_1',
      'x'.repeat(90),
      thief.customer,
    ];
    for (const id of ids.map(encodeURIComponent)) {
      expectRefusal(await house.as('owner', 'DELETE', `${METHODS}/${id}`), 404, 'PAYMENT_METHOD_NOT_FOUND');
      expectRefusal(await house.as('owner', 'POST', `${METHODS}/${id}/default`), 404, 'PAYMENT_METHOD_NOT_FOUND');
      expectRefusal(await house.as('nobody', 'DELETE', `${METHODS}/${id}`), 404, 'PAYMENT_METHOD_NOT_FOUND');
    }
    expectRefusal(await house.as('owner', 'DELETE', `${METHODS}/pm_%00`), 400, 'INVALID_INPUT');
    expect([404, 414]).toContain((await house.as('owner', 'DELETE', `${METHODS}/${'p'.repeat(10_240)}`)).status);
    const card = (await house.box.stripe.paymentMethods.retrieve(thief.card)) as Stripe.PaymentMethod;
    expect(card.customer).toBe(thief.customer);
  });

  it.each<[string, unknown]>([
    ['a type nobody takes', { type: 'sepa_debit' }],
    ['null', { type: null }],
    ['a customer', { customer: 'cus_1' }],
    ['a card number', { card: { number: '4242424242424242' } }],
    ['a list', []],
  ])('refuses %s', async (_what, body) => {
    expectRefusal(await house.as('owner', 'POST', `${METHODS}/setup`, body), 400, 'INVALID_INPUT');
  });
});
