import { DateTime } from 'luxon';
import { Story, paidBill } from '../support/story';

/** Where the customer's clocks hang; they are put forward on 8 March 2026 and back on 1 November. */
const HOME = 'America/New_York';

interface Period {
  currentPeriodStart: string;
  currentPeriodEnd: string;
}

describe('months and years', () => {
  let story: Story;
  afterEach(() => story.close());

  const periodEnd = async (): Promise<string> =>
    ((await story.subscription()) as unknown as Period).currentPeriodEnd.replace(':00.000Z', '');
  /** Lets each period pass in turn, the draft's hour too, with the customer's access at every end. */
  const ends = async (count: number): Promise<string[]> => {
    const seen: string[] = [];
    while (seen.length < count) {
      const end = await periodEnd();
      seen.push(end);
      await story.at(end);
      await story.days(1 / 24);
      expect(await story.access()).not.toBeNull();
    }
    return seen;
  };

  it('that begin on the 31st end on the last day, and come back to the 31st', async () => {
    story = await Story.begin('2026-01-31T12:00');
    await story.buy({ plan: 'BASIC' });
    // Half of the short period's 28 days is left: 450 back, 1450 to pay.
    await story.at('2026-02-14T12:00');
    await story.ask('PATCH', '/billing/subscriptions/plan', { plan: 'PRO' });
    expect(await ends(7)).toEqual([
      '2026-02-28T12:00',
      '2026-03-31T12:00',
      '2026-04-30T12:00',
      '2026-05-31T12:00',
      '2026-06-30T12:00',
      '2026-07-31T12:00',
      '2026-08-31T12:00',
    ]);
    const bills = await story.bills();
    expect(bills.slice(0, 4)).toEqual([
      paidBill('0001', 900, ['900 1 × Basic (at $9.00 / month) [2026-01-31..2026-02-28]']),
      paidBill('0002', 1_000, [
        '-450 Unused time on Basic after 14 Feb 2026 [2026-02-14..2026-02-28]',
        '1450 Remaining time on Pro after 14 Feb 2026 [2026-02-14..2026-02-28]',
      ]),
      paidBill('0003', 2_900, ['2900 1 × Pro (at $29.00 / month) [2026-02-28..2026-03-31]']),
      paidBill('0004', 2_900, ['2900 1 × Pro (at $29.00 / month) [2026-03-31..2026-04-30]']),
    ]);
    expect(bills).toHaveLength(9);
    // 900 + 1000 + 7 x 2900
    expect(await story.books()).toEqual({ held: 22_200, invoiced: -22_200 });
    await story.end();
  });

  it('that begin on a leap day end on 28 February, and on the 29th where there is one', async () => {
    story = await Story.begin('2028-02-29T08:00');
    await story.buy({ plan: 'PRO', billingCycle: 'annual', trialPeriodDays: 0 });
    expect(await ends(3)).toEqual(['2029-02-28T08:00', '2030-02-28T08:00', '2031-02-28T08:00']);
    // The year up to the next leap day has 366 days. After a third of it, 122, two thirds are unused: 19333.33 of 29000
    // back, 132666.67 of 199000 to pay.
    await story.at('2031-06-30T08:00');
    await story.ask('PATCH', '/billing/subscriptions/plan', { plan: 'ENTERPRISE' });
    expect(await ends(2)).toEqual(['2032-02-29T08:00', '2033-02-28T08:00']);
    const year = (days: string): string => `29000 1 × Pro (at $290.00 / year) [${days}]`;
    expect(await story.bills()).toEqual([
      paidBill('0001', 29_000, [year('2028-02-29..2029-02-28')]),
      paidBill('0002', 29_000, [year('2029-02-28..2030-02-28')]),
      paidBill('0003', 29_000, [year('2030-02-28..2031-02-28')]),
      paidBill('0004', 29_000, [year('2031-02-28..2032-02-29')]),
      paidBill('0005', 113_334, [
        '-19333 Unused time on Pro after 30 Jun 2031 [2031-06-30..2032-02-29]',
        '132667 Remaining time on Enterprise after 30 Jun 2031 [2031-06-30..2032-02-29]',
      ]),
      paidBill('0006', 199_000, ['199000 1 × Enterprise (at $1,990.00 / year) [2032-02-29..2033-02-28]']),
      paidBill('0007', 199_000, ['199000 1 × Enterprise (at $1,990.00 / year) [2033-02-28..2034-02-28]']),
    ]);
    // 4 x 29000 + 113334 + 2 x 199000
    expect(await story.books()).toEqual({ held: 627_334, invoiced: -627_334 });
    await story.end();
  });

  it.each<[string, string, string[], string[], number]>([
    [
      // 02:30 of 8 March is an hour that the customer's clocks skip.
      'forward',
      '2026-02-08T07:30',
      ['2026-03-08T07:30', '2026-04-08T07:30'],
      ['2026-02-08 02:30 EST', '2026-03-08 03:30 EDT', '2026-04-08 03:30 EDT'],
      28 * 24,
    ],
    [
      // 01:30 of 1 November is an hour that they show twice.
      'back',
      '2026-10-01T05:30',
      ['2026-11-01T05:30', '2026-12-01T05:30'],
      ['2026-10-01 01:30 EDT', '2026-11-01 01:30 EDT', '2026-12-01 00:30 EST'],
      31 * 24,
    ],
  ])('that pass while clocks are put %s are as long as ever', async (_way, start, after, athome, hours) => {
    story = await Story.begin(start);
    await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    const first = (await story.subscription()) as unknown as Period;
    expect((Date.parse(first.currentPeriodEnd) - Date.parse(first.currentPeriodStart)) / 3_600_000).toBe(hours);
    expect(await ends(2)).toEqual(after);
    const shown = [start, ...after].map((moment) =>
      DateTime.fromISO(`${moment}Z`, { zone: HOME }).toFormat('yyyy-MM-dd HH:mm ZZZZ'),
    );
    expect(shown).toEqual(athome);
    const [month1, month2] = after as [string, string];
    const day = (moment: string): string => moment.slice(0, 10);
    expect((await story.bills()).slice(0, 2)).toEqual([
      paidBill('0001', 2_900, [`2900 1 × Pro (at $29.00 / month) [${day(start)}..${day(month1)}]`]),
      paidBill('0002', 2_900, [`2900 1 × Pro (at $29.00 / month) [${day(month1)}..${day(month2)}]`]),
    ]);
    await story.end();
  });
});
