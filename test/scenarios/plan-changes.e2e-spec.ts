import { Story, paidBill } from '../support/story';

const PLAN = '/billing/subscriptions/plan';

/*
 * All amounts are cents. Stripe prorates to the second and rounds each line by itself, half away from zero; every moment
 * here is one at which a second more or less does not matter to the cent.
 */
describe('a subscription is changed', () => {
  let story: Story;
  afterEach(() => story.close());

  it('to a bigger plan in the middle of a month: the difference is charged at once', async () => {
    story = await Story.begin('2026-01-15T10:00');
    await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ held: 2_900, invoiced: -2_900 });
    // 19 of 31 days are left: 2900 x 19/31 = 1777.42, and 19900 x 19/31 = 12196.77.
    await story.at('2026-01-27T10:00');
    expect(await story.ask('POST', `${PLAN}/preview`, { plan: 'ENTERPRISE' })).toMatchObject({
      amountDueNow: 12_197 - 1_777,
      nextInvoiceAmount: 19_900,
    });
    await story.ask('PATCH', PLAN, { plan: 'ENTERPRISE' });
    expect(await story.access()).toBe('ENTERPRISE');
    // The renewal waits an hour as a draft; access does not wait for it.
    await story.at('2026-02-15T10:30');
    expect(await story.access()).toBe('ENTERPRISE');
    await story.at('2026-02-15T11:00');
    expect(await story.bills()).toEqual([
      paidBill('0001', 2_900, ['2900 1 × Pro (at $29.00 / month) [2026-01-15..2026-02-15]']),
      paidBill('0002', 10_420, [
        '-1777 Unused time on Pro after 27 Jan 2026 [2026-01-27..2026-02-15]',
        '12197 Remaining time on Enterprise after 27 Jan 2026 [2026-01-27..2026-02-15]',
      ]),
      paidBill('0003', 19_900, ['19900 1 × Enterprise (at $199.00 / month) [2026-02-15..2026-03-15]']),
    ]);
    expect(await story.payments()).toEqual(['2900 succeeded', '10420 succeeded', '19900 succeeded']);
    // 2900 + 10420 + 19900
    expect(await story.books()).toEqual({ held: 33_220, invoiced: -33_220 });
    await story.end();
  });

  it('to a smaller plan: what was paid too much is credit, and the next months are taken from it', async () => {
    story = await Story.begin('2026-03-01T00:00');
    await story.buy({ plan: 'ENTERPRISE', trialPeriodDays: 0 });
    // 19 of 31 days are left: 12196.77 back and 1777.42 to pay, which leaves 12197 - 1777 = 10420 of credit.
    await story.at('2026-03-13T00:00');
    expect(await story.ask('POST', `${PLAN}/preview`, { plan: 'PRO' })).toMatchObject({
      amountDueNow: 0,
      nextInvoiceAmount: 0,
    });
    await story.ask('PATCH', PLAN, { plan: 'PRO' });
    expect(await story.access()).toBe('PRO');
    expect(await story.balance()).toBe(-10_420);
    // 19900 - 10420 = 9480 stays invoiced.
    expect(await story.books()).toEqual({ held: 19_900, credit: -10_420, invoiced: -9_480 });
    // April, May and June cost 8700 of it; July finds 1720 left and costs 1180.
    await story.at('2026-06-01T01:00');
    expect(await story.balance()).toBe(-1_720);
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ held: 19_900, credit: -1_720, invoiced: -18_180 });
    await story.at('2026-07-01T01:00');
    expect(await story.balance()).toBe(0);
    const month = (days: string): string => `2900 1 × Pro (at $29.00 / month) [${days}]`;
    expect(await story.bills()).toEqual([
      paidBill('0001', 19_900, ['19900 1 × Enterprise (at $199.00 / month) [2026-03-01..2026-04-01]']),
      paidBill('0002', 0, [
        '-12197 Unused time on Enterprise after 13 Mar 2026 [2026-03-13..2026-04-01]',
        '1777 Remaining time on Pro after 13 Mar 2026 [2026-03-13..2026-04-01]',
      ]),
      paidBill('0003', 0, [month('2026-04-01..2026-05-01')]),
      paidBill('0004', 0, [month('2026-05-01..2026-06-01')]),
      paidBill('0005', 0, [month('2026-06-01..2026-07-01')]),
      paidBill('0006', 1_180, [month('2026-07-01..2026-08-01')]),
    ]);
    expect(await story.payments()).toEqual(['19900 succeeded', '1180 succeeded']);
    // 19900 + 1180 paid; 9480 + 4 x 2900 invoiced.
    expect(await story.books()).toEqual({ held: 21_080, invoiced: -21_080 });
    await story.end();
  });

  it('from years to months: the rest of the year pays seven of them', async () => {
    story = await Story.begin('2026-01-01T00:00');
    await story.buy({ plan: 'PRO', billingCycle: 'annual', trialPeriodDays: 0 });
    expect(await story.subscription()).toMatchObject({
      billingCycle: 'annual',
      amount: 29_000,
      currentPeriodEnd: '2027-01-01T00:00:00.000Z',
    });
    // After 31 + 28 + 14 = 73 of 365 days, a fifth, 23200 is unused; the first month takes 2900 of it.
    await story.at('2026-03-15T00:00');
    await story.ask('PATCH', PLAN, { plan: 'PRO', billingCycle: 'monthly' });
    expect(await story.balance()).toBe(-20_300);
    expect(await story.subscription()).toMatchObject({
      billingCycle: 'monthly',
      amount: 2_900,
      currentPeriodStart: '2026-03-15T00:00:00.000Z',
      currentPeriodEnd: '2026-04-15T00:00:00.000Z',
    });
    expect(await story.books()).toEqual({ held: 29_000, credit: -20_300, invoiced: -8_700 });
    // 20300 is seven months to the cent, from April to October.
    await story.at('2026-10-15T01:00');
    expect(await story.balance()).toBe(0);
    expect(await story.payments()).toEqual(['29000 succeeded']);
    expect(await story.books()).toEqual({ held: 29_000, invoiced: -29_000 });
    await story.at('2026-11-15T01:00');
    const bills = await story.bills();
    expect(bills.slice(0, 2)).toEqual([
      paidBill('0001', 29_000, ['29000 1 × Pro (at $290.00 / year) [2026-01-01..2027-01-01]']),
      paidBill('0002', 0, [
        '-23200 Unused time on Pro after 15 Mar 2026 [2026-03-15..2027-01-01]',
        '2900 1 × Pro (at $29.00 / month) [2026-03-15..2026-04-15]',
      ]),
    ]);
    expect(bills.slice(2).map(({ due }) => due)).toEqual([0, 0, 0, 0, 0, 0, 0, 2_900]);
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ held: 31_900, invoiced: -31_900 });
    await story.end();
  });

  it('from months to years: the rest of the month is taken off the year', async () => {
    story = await Story.begin('2026-04-01T12:00');
    await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    // Half of 30 days is left: 29000 - 1450.
    await story.at('2026-04-16T12:00');
    const asked = { plan: 'PRO', billingCycle: 'annual' };
    expect(await story.ask('POST', `${PLAN}/preview`, asked)).toMatchObject({
      amountDueNow: 27_550,
      nextInvoiceAmount: 29_000,
    });
    await story.ask('PATCH', PLAN, asked);
    expect(await story.subscription()).toMatchObject({
      currentPeriodStart: '2026-04-16T12:00:00.000Z',
      currentPeriodEnd: '2027-04-16T12:00:00.000Z',
    });
    await story.at('2027-04-16T13:00');
    expect(await story.bills()).toEqual([
      paidBill('0001', 2_900, ['2900 1 × Pro (at $29.00 / month) [2026-04-01..2026-05-01]']),
      paidBill('0002', 27_550, [
        '-1450 Unused time on Pro after 16 Apr 2026 [2026-04-16..2026-05-01]',
        '29000 1 × Pro (at $290.00 / year) [2026-04-16..2027-04-16]',
      ]),
      paidBill('0003', 29_000, ['29000 1 × Pro (at $290.00 / year) [2027-04-16..2028-04-16]']),
    ]);
    expect(await story.access()).toBe('PRO');
    // 2900 + 27550 + 29000
    expect(await story.books()).toEqual({ held: 59_450, invoiced: -59_450 });
    await story.end();
  });

  it('to more pieces, and to fewer', async () => {
    story = await Story.begin('2026-04-01T12:00');
    await story.buy({ plan: 'PRO', quantity: 2, trialPeriodDays: 0 });
    // Half a month: 5800/2 back, 14500/2 to pay.
    await story.at('2026-04-16T12:00');
    expect(await story.ask('PATCH', PLAN, { plan: 'PRO', quantity: 5 })).toMatchObject({ quantity: 5, amount: 14_500 });
    // A third of the month: 14500/3 = 4833.33 back, 2900/3 = 966.67 to pay, 3866 of credit.
    await story.at('2026-04-21T12:00');
    expect(await story.ask('PATCH', PLAN, { plan: 'PRO', quantity: 1 })).toMatchObject({ quantity: 1, amount: 2_900 });
    expect(await story.balance()).toBe(-3_866);
    expect(await story.books()).toEqual({ held: 10_150, credit: -3_866, invoiced: -6_284 });
    // May takes 2900, June the 966 that are left.
    await story.at('2026-06-01T13:00');
    expect(await story.bills()).toEqual([
      paidBill('0001', 5_800, ['5800 2 × Pro (at $29.00 / month) [2026-04-01..2026-05-01]']),
      paidBill('0002', 4_350, [
        '-2900 Unused time on 2 × Pro after 16 Apr 2026 [2026-04-16..2026-05-01]',
        '7250 Remaining time on 5 × Pro after 16 Apr 2026 [2026-04-16..2026-05-01]',
      ]),
      paidBill('0003', 0, [
        '-4833 Unused time on 5 × Pro after 21 Apr 2026 [2026-04-21..2026-05-01]',
        '967 Remaining time on Pro after 21 Apr 2026 [2026-04-21..2026-05-01]',
      ]),
      paidBill('0004', 0, ['2900 1 × Pro (at $29.00 / month) [2026-05-01..2026-06-01]']),
      paidBill('0005', 1_934, ['2900 1 × Pro (at $29.00 / month) [2026-06-01..2026-07-01]']),
    ]);
    // 5800 + 4350 + 1934
    expect(await story.books()).toEqual({ held: 12_084, invoiced: -12_084 });
    await story.end();
  });

  it('to a pause and back: no invoices and no access, and the unused half month pays half of the next', async () => {
    story = await Story.begin('2026-04-01T12:00');
    await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    await story.at('2026-04-16T12:00');
    expect(await story.ask('POST', '/billing/subscriptions/pause')).toMatchObject({ status: 'paused' });
    expect(await story.access()).toBeNull();
    await story.at('2026-06-16T12:00');
    expect(await story.bills()).toHaveLength(1);
    expect(await story.access()).toBeNull();
    expect(await story.books()).toEqual({ held: 2_900, invoiced: -2_900 });
    expect(await story.ask('POST', '/billing/subscriptions/resume')).toMatchObject({
      status: 'active',
      currentPeriodStart: '2026-06-16T12:00:00.000Z',
      currentPeriodEnd: '2026-07-16T12:00:00.000Z',
    });
    expect(await story.access()).toBe('PRO');
    await story.at('2026-07-16T13:00');
    expect(await story.bills()).toEqual([
      paidBill('0001', 2_900, ['2900 1 × Pro (at $29.00 / month) [2026-04-01..2026-05-01]']),
      paidBill('0002', 1_450, [
        '-1450 Unused time on Pro after 16 Apr 2026 [2026-04-16..2026-05-01]',
        '2900 1 × Pro (at $29.00 / month) [2026-06-16..2026-07-16]',
      ]),
      paidBill('0003', 2_900, ['2900 1 × Pro (at $29.00 / month) [2026-07-16..2026-08-16]']),
    ]);
    expect(await story.books()).toEqual({ held: 7_250, invoiced: -7_250 });
    await story.end();
  });
});
