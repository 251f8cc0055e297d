import { randomBytes } from 'node:crypto';
import { Buyers } from '../support/buyers';
import { CardTester } from '../support/card-tester';
import { startHouse, type House } from '../support/house';
import { booksHold } from '../support/verified';

describe('one trial per card', () => {
  let house: House;
  let buyers: Buyers;
  let tester: CardTester;

  beforeAll(async () => {
    house = await startHouse({ settings: { ENCRYPTION_KEYS: randomBytes(32).toString('base64') } });
    buyers = new Buyers(house);
    tester = new CardTester(house);
  }, 40_000);
  afterAll(() => house.close());

  const buy = (user: string, more: object = {}) =>
    house.as(user, 'POST', '/billing/subscriptions', { plan: 'PRO', ...more });
  const statusOf = (answer: { body: Record<string, unknown> }): string =>
    (answer.body['subscription'] as { status: string }).status;

  it('gives a card that is named at the purchase its trial once, whoever comes with it', async () => {
    const card = await tester.saveCard('first', 'pm_card_visa');
    expect(statusOf(await buy('first', { paymentMethodId: card }))).toBe('trialing');

    const again = await tester.saveCard('second', 'pm_card_visa');
    const refused = await buy('second', { paymentMethodId: again });
    expect(refused).toMatchObject({ status: 201, body: { subscription: { status: 'incomplete', trialEndsAt: null } } });
    expect(refused.body['clientSecret']).toMatch(/^pi_/);

    const other = await tester.saveCard('third', 'pm_card_mastercard');
    expect(statusOf(await buy('third', { paymentMethodId: other }))).toBe('trialing');
    await house.settle();
    expect(await buyers.mine('first')).toMatchObject({ status: 'trialing' });
  });

  it("does not spend the trial of somebody else's card", async () => {
    const card = await tester.saveCard('holder', 'pm_card_bypassPending');
    expect((await buy('thief', { paymentMethodId: card })).status).toBeGreaterThanOrEqual(400);
    expect(statusOf(await buy('holder', { paymentMethodId: card }))).toBe('trialing');
  });

  it('calls a trial off whose card, confirmed later, has given one: without a charge', async () => {
    const begun = await buy('late');
    expect(statusOf(begun)).toBe('trialing');
    const [setup = ''] = String(begun.body['clientSecret']).split('_secret_');
    await house.box.stripe.setupIntents.confirm(setup, { payment_method: 'pm_card_visa' });
    await house.settle();

    expect(await buyers.mine('late')).toMatchObject({ status: 'canceled' });
    const invoices = await buyers.invoicesOf('late');
    expect(invoices.map(({ amount_paid: paid }) => paid)).toEqual([0]);
    expect((await house.as('late', 'GET', '/entitlements/check?feature=seats')).body).toMatchObject({ allowed: false });
    expect(await house.rows("SELECT actor_type FROM audit_log WHERE action = 'subscription.trial_refused'")).toEqual([
      { actor_type: 'system' },
    ]);
    // He may buy, and pays from the first day on.
    expect(statusOf(await buy('late'))).toBe('incomplete');
  });

  it('leaves a trial alone whose card is its own, however often it is told', async () => {
    const begun = await buy('loyal');
    const [setup = ''] = String(begun.body['clientSecret']).split('_secret_');
    await house.box.stripe.setupIntents.confirm(setup, { payment_method: 'pm_card_amex' });
    await house.settle();
    const [subscription] = await house.rows<{ provider_id: string }>(
      'SELECT s.provider_id FROM subscriptions s JOIN customers c ON c.id = s.customer_id WHERE c.user_id = $1',
      ['loyal'],
    );
    await house.box.stripe.subscriptions.update(subscription?.provider_id ?? '', { metadata: { told: 'again' } });
    await house.settle();
    expect(await buyers.mine('loyal')).toMatchObject({ status: 'trialing' });
  });

  it('gives one trial to two accounts that come with one card at once', async () => {
    const racers = ['racer-1', 'racer-2'];
    const cards: string[] = [];
    for (const racer of racers) cards.push(await tester.saveCard(racer, 'pm_card_discover'));
    const answers = await Promise.all(racers.map((racer, i) => buy(racer, { paymentMethodId: cards[i] })));
    expect(answers.map(statusOf).sort()).toEqual(['incomplete', 'trialing']);
    await house.settle();
    const statuses = await Promise.all(racers.map(async (racer) => (await buyers.mine(racer))['status']));
    expect(statuses.sort()).toEqual(['incomplete', 'trialing']);
  });

  it('gives one trial to two accounts whose cards are confirmed at once', async () => {
    const racers = ['late-1', 'late-2'];
    const setups = [];
    for (const racer of racers) setups.push(String((await buy(racer)).body['clientSecret']).split('_secret_')[0] ?? '');
    await Promise.all(
      setups.map((setup) => house.box.stripe.setupIntents.confirm(setup, { payment_method: 'pm_card_visa_debit' })),
    );
    await house.settle();
    const statuses = await Promise.all(racers.map(async (racer) => (await buyers.mine(racer))['status']));
    expect(statuses.sort()).toEqual(['canceled', 'trialing']);
  });

  it('is all a function of what was told', async () => {
    await booksHold(house);
  }, 60_000);
});
