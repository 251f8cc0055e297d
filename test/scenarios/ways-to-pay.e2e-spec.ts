import { expectRefusal } from '../support/http-client';
import { RETURN_ORIGIN } from '../support/house';
import { Story, paidBill, unpaidBill } from '../support/story';

const CHECKOUT = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
const basic = (days: string): string => `900 1 × Basic (at $9.00 / month) [${days}]`;
const pro = (days: string): string => `2900 1 × Pro (at $29.00 / month) [${days}]`;

describe('a payment', () => {
  let story: Story;
  afterEach(() => story.close());

  const openCheckout = async (plan: string): Promise<string> =>
    new URL((await story.ask('POST', '/billing/checkout', { plan, ...CHECKOUT }))['url'] as string).pathname;
  const pay = async (page: string, means: string): Promise<number> => {
    const { status } = await story.house.box.submit(page, { card: means });
    await story.house.settle();
    return status;
  };

  it('by a card that expires goes on when the network renews it, and when it does so late', async () => {
    story = await Story.begin('2026-02-15T10:00');
    await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    const [card] = await story.methods();
    const renew = async (expMonth: number, expYear: number): Promise<void> => {
      await story.house.box.control('POST', 'cards/renew', { paymentMethod: card!.id, expMonth, expYear });
      await story.house.settle();
    };
    await story.stripe.paymentMethods.update(card!.id, { card: { exp_month: 3, exp_year: 2026 } });
    // Good to the end of March; renewed on 2 April, before anything is due.
    await story.at('2026-04-02T10:00');
    await renew(4, 2026);
    expect(await story.methods()).toMatchObject([{ id: card!.id, expMonth: 4, expYear: 2026, isDefault: true }]);
    await story.at('2026-04-15T11:00');
    expect(await story.subscription()).toMatchObject({ status: 'active' });
    expect(await story.books()).toEqual({ held: 8_700, invoiced: -8_700 });
    // Good to the end of April; May finds it expired.
    await story.at('2026-05-15T11:00');
    expect(await story.subscription()).toMatchObject({ status: 'past_due', graceUntil: '2026-05-22T11:00:00.000Z' });
    expect(await story.access()).toBe('PRO');
    expect((await story.payments()).at(-1)).toBe('2900 failed expired_card');
    expect(await story.books()).toEqual({ held: 8_700, receivable: 2_900, invoiced: -11_600 });
    await story.at('2026-05-15T20:00');
    await renew(12, 2029);
    expect((await story.retry()).body).toMatchObject({ status: 'paid' });
    expect(await story.subscription()).toMatchObject({ status: 'active', graceUntil: null });
    await story.at('2026-06-15T11:00');
    expect(await story.bills()).toEqual([
      paidBill('0001', 2_900, [pro('2026-02-15..2026-03-15')]),
      paidBill('0002', 2_900, [pro('2026-03-15..2026-04-15')]),
      paidBill('0003', 2_900, [pro('2026-04-15..2026-05-15')]),
      paidBill('0004', 2_900, [pro('2026-05-15..2026-06-15')]),
      paidBill('0005', 2_900, [pro('2026-06-15..2026-07-15')]),
    ]);
    expect(await story.books()).toEqual({ held: 14_500, invoiced: -14_500 });
    await story.end();
  });

  it('that nobody makes leaves nothing: the checkout expires in a day, the first invoice in 23 hours', async () => {
    story = await Story.begin('2026-03-01T10:00');
    const left = await openCheckout('BASIC');
    await story.at('2026-03-02T10:00');
    expect(await pay(left, '4242424242424242')).toBeGreaterThanOrEqual(400);
    expectRefusal(await story.request('GET', '/billing/subscriptions/me'), 404, 'SUBSCRIPTION_NOT_FOUND');
    expect(await story.bills()).toEqual([]);
    // In the app: a client secret that is not used.
    await story.ask('POST', '/billing/subscriptions', { plan: 'BASIC' });
    expect(await story.subscription()).toMatchObject({ status: 'incomplete' });
    expect(await story.access()).toBeNull();
    expect(await story.books()).toEqual({ receivable: 900, invoiced: -900 });
    await story.at('2026-03-03T09:00');
    expectRefusal(await story.request('GET', '/billing/subscriptions/me'), 404, 'SUBSCRIPTION_NOT_FOUND');
    expect(await story.access()).toBeNull();
    const abandoned = unpaidBill('0001', 'void', 900, [basic('2026-03-02..2026-04-02')]);
    expect(await story.bills()).toEqual([abandoned]);
    expect(await story.books()).toEqual({});
    // And then somebody pays after all.
    expect(await pay(await openCheckout('BASIC'), '4242424242424242')).toBe(303);
    expect(await story.access()).toBe('BASIC');
    expect(await story.bills()).toEqual([abandoned, paidBill('0002', 900, [basic('2026-03-03..2026-04-03')])]);
    expect(await story.books()).toEqual({ held: 900, invoiced: -900 });
    await story.end();
  });

  it('by debit at checkout gives access at once, and arrives four days later', async () => {
    story = await Story.begin('2026-03-01T10:00');
    expect(await pay(await openCheckout('BASIC'), 'pm_usBankAccount_success')).toBe(303);
    expect(await story.subscription()).toMatchObject({ status: 'active' });
    expect(await story.access()).toBe('BASIC');
    expect(await story.payments()).toEqual(['900 pending']);
    expect(await story.bills()).toEqual([unpaidBill('0001', 'open', 900, [basic('2026-03-01..2026-04-01')])]);
    expect(await story.books()).toEqual({ receivable: 900, invoiced: -900 });
    await story.at('2026-03-05T10:00');
    expect(await story.payments()).toEqual(['900 succeeded']);
    expect(await story.books()).toEqual({ held: 900, invoiced: -900 });
    // April's is under way an hour after the month began, and there four days later.
    await story.at('2026-04-05T10:59');
    expect(await story.books()).toEqual({ held: 900, receivable: 900, invoiced: -1_800 });
    expect(await story.access()).toBe('BASIC');
    await story.at('2026-04-05T11:00');
    expect(await story.bills()).toEqual([
      paidBill('0001', 900, [basic('2026-03-01..2026-04-01')]),
      paidBill('0002', 900, [basic('2026-04-01..2026-05-01')]),
    ]);
    expect(await story.books()).toEqual({ held: 1_800, invoiced: -1_800 });
    await story.end();
  });

  it('by debit that comes back days later is owed, and a card pays it in the days of grace', async () => {
    story = await Story.begin('2026-03-01T10:00');
    const { clientSecret } = await story.ask('POST', '/billing/payment-methods/setup', { type: 'us_bank_account' });
    const [intent] = (clientSecret as string).split('_secret_');
    await story.house.box.control('POST', 'bank_accounts', { intent, account: '000222222227' });
    const [account] = await story.methods();
    const bought = await story.ask('POST', '/billing/subscriptions', {
      ...{ plan: 'PRO', trialPeriodDays: 0, paymentMethodId: account!.id },
    });
    await story.confirm(bought['clientSecret'] as string, account!.id);
    expect(await story.subscription()).toMatchObject({ status: 'active' });
    expect(await story.payments()).toEqual(['2900 pending']);
    expect(await story.access()).toBe('PRO');
    await story.at('2026-03-05T10:00');
    expect(await story.subscription()).toMatchObject({ status: 'past_due', graceUntil: '2026-03-12T10:00:00.000Z' });
    expect(await story.payments()).toEqual(['2900 failed insufficient_funds']);
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ receivable: 2_900, invoiced: -2_900 });
    await story.at('2026-03-08T10:00');
    await story.useCard('pm_card_visa');
    expect((await story.retry()).body).toMatchObject({ status: 'paid' });
    await story.at('2026-04-01T11:00');
    expect(await story.subscription()).toMatchObject({ status: 'active', graceUntil: null });
    expect(await story.bills()).toEqual([
      paidBill('0001', 2_900, [pro('2026-03-01..2026-04-01')]),
      paidBill('0002', 2_900, [pro('2026-04-01..2026-05-01')]),
    ]);
    expect(await story.books()).toEqual({ held: 5_800, invoiced: -5_800 });
    await story.end();
  });
});
