import { expectRefusal } from '../support/http-client';
import { Story, paidBill, unpaidBill } from '../support/story';

const TRIAL = paidBill('0001', 0, ['0 Trial period for Pro [2026-01-01..2026-01-15]']);
const MONTH = ['2900 1 × Pro (at $29.00 / month) [2026-01-15..2026-02-15]'];

describe('a trial', () => {
  let story: Story;
  afterEach(() => story.close());

  it('that converts is charged once it is over, and is not given again', async () => {
    story = await Story.begin('2026-01-01T10:00');
    // More days than the plan gives are not given.
    expect(await story.buy({ plan: 'PRO', trialPeriodDays: 60 })).toMatchObject({
      status: 'trialing',
      trialEndsAt: '2026-01-15T10:00:00.000Z',
    });
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({});
    // Stripe tells of the end three days before it: nothing is charged yet.
    await story.at('2026-01-15T09:59');
    expect(await story.bills()).toEqual([TRIAL]);
    expect(await story.payments()).toEqual([]);
    expect(await story.access()).toBe('PRO');
    await story.at('2026-01-15T11:00');
    expect(await story.subscription()).toMatchObject({
      status: 'active',
      currentPeriodStart: '2026-01-15T10:00:00.000Z',
      currentPeriodEnd: '2026-02-15T10:00:00.000Z',
    });
    expect(await story.bills()).toEqual([TRIAL, paidBill('0002', 2_900, MONTH)]);
    expect(await story.payments()).toEqual(['2900 succeeded']);
    expect(await story.books()).toEqual({ held: 2_900, invoiced: -2_900 });
    // Gone for good, and back: the month is paid at once.
    await story.at('2026-01-20T10:00');
    await story.ask('DELETE', '/billing/subscriptions?atPeriodEnd=false');
    expect(await story.access()).toBeNull();
    await story.at('2026-04-10T10:00');
    expect(await story.buy({ plan: 'PRO', trialPeriodDays: 14 })).toMatchObject({ trialEndsAt: null });
    expect(await story.access()).toBe('PRO');
    expect((await story.bills()).at(-1)).toEqual(
      paidBill('0003', 2_900, ['2900 1 × Pro (at $29.00 / month) [2026-04-10..2026-05-10]']),
    );
    expect(await story.books()).toEqual({ held: 5_800, invoiced: -5_800 });
    await story.end();
  });

  it('that support extends is charged the later for it', async () => {
    story = await Story.begin('2026-01-01T10:00');
    await story.buy({ plan: 'PRO' });
    const [customer] = await story.house.rows<{ id: string }>('SELECT id FROM customers');
    await story.at('2026-01-10T10:00');
    const extension = { days: 7, reason: 'The import took a week' };
    const path = `/admin/customers/${customer!.id}/trial-extension`;
    expect(await story.operate('support', 'POST', path, extension)).toMatchObject({
      status: 200,
      body: { status: 'trialing', trialEndsAt: '2026-01-22T10:00:00.000Z' },
    });
    await story.at('2026-01-22T09:59');
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({});
    await story.at('2026-01-22T11:00');
    expect((await story.bills()).at(-1)).toEqual(
      paidBill('0002', 2_900, ['2900 1 × Pro (at $29.00 / month) [2026-01-22..2026-02-22]']),
    );
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ held: 2_900, invoiced: -2_900 });
    await story.end();
  });

  it('whose card fails keeps its access for the days of grace, in which another card saves it', async () => {
    story = await Story.begin('2026-01-01T10:00');
    await story.buy({ plan: 'PRO' }, 'pm_card_chargeCustomerFail');
    await story.at('2026-01-15T11:00');
    // The first failure and seven days.
    expect(await story.subscription()).toMatchObject({ status: 'past_due', graceUntil: '2026-01-22T11:00:00.000Z' });
    expect(await story.access()).toBe('PRO');
    expect(await story.bills()).toEqual([TRIAL, unpaidBill('0002', 'open', 2_900, MONTH)]);
    expect(await story.payments()).toEqual(['2900 failed generic_decline']);
    expect(await story.books()).toEqual({ receivable: 2_900, invoiced: -2_900 });
    expectRefusal(await story.retry(), 422, 'PAYMENT_FAILED');
    await story.at('2026-01-18T10:00');
    expect(await story.access()).toBe('PRO');
    await story.useCard('pm_card_mastercard');
    expect((await story.retry()).body).toMatchObject({ status: 'paid' });
    expect(await story.subscription()).toMatchObject({ status: 'active', graceUntil: null });
    expect(await story.bills()).toEqual([TRIAL, paidBill('0002', 2_900, MONTH)]);
    expect(await story.payments()).toEqual(['2900 succeeded']);
    expect(await story.books()).toEqual({ held: 2_900, invoiced: -2_900 });
    // The period began when the trial ended, not when it was paid.
    await story.at('2026-02-15T11:00');
    expect((await story.bills()).at(-1)).toEqual(
      paidBill('0003', 2_900, ['2900 1 × Pro (at $29.00 / month) [2026-02-15..2026-03-15]']),
    );
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ held: 5_800, invoiced: -5_800 });
    await story.end();
  });

  it('whose card fails for good ends with the days of grace; the debt stands in the books until it is paid', async () => {
    story = await Story.begin('2026-01-01T10:00');
    await story.buy({ plan: 'PRO' }, 'pm_card_chargeCustomerFail');
    await story.at('2026-01-22T10:59');
    expect(await story.access()).toBe('PRO');
    await story.at('2026-01-22T11:00');
    expect(await story.access()).toBeNull();
    await story.at('2026-03-01T10:00');
    expect(await story.access()).toBeNull();
    expect(await story.bills()).toEqual([TRIAL, unpaidBill('0002', 'open', 2_900, MONTH)]);
    expect(await story.books()).toEqual({ receivable: 2_900, invoiced: -2_900 });
    // Whoever pays his debt after all has paid it, and no more: the subscription is over.
    await story.useCard('pm_card_visa');
    expect((await story.retry()).body).toMatchObject({ status: 'paid' });
    expect(await story.subscription()).toMatchObject({ status: 'canceled' });
    expect(await story.access()).toBeNull();
    expect(await story.books()).toEqual({ held: 2_900, invoiced: -2_900 });
    await story.end();
  });
});
