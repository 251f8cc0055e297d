import { expectRefusal } from '../support/http-client';
import { Story, paidBill } from '../support/story';

const SUBSCRIPTIONS = '/billing/subscriptions';
const month = (days: string): string => `2900 1 × Pro (at $29.00 / month) [${days}]`;

describe('a cancellation', () => {
  let story: Story;
  afterEach(() => story.close());

  it('that is taken back in time is as if it had not been', async () => {
    story = await Story.begin('2026-03-01T10:00');
    await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    await story.at('2026-03-10T10:00');
    expect(await story.ask('DELETE', SUBSCRIPTIONS)).toMatchObject({
      status: 'active',
      cancelAtPeriodEnd: true,
      canceledAt: '2026-03-10T10:00:00.000Z',
    });
    expect(await story.access()).toBe('PRO');
    await story.at('2026-03-31T10:00');
    expect(await story.access()).toBe('PRO');
    expect(await story.ask('POST', `${SUBSCRIPTIONS}/resume`)).toMatchObject({
      status: 'active',
      cancelAtPeriodEnd: false,
      canceledAt: null,
    });
    await story.at('2026-05-01T11:00');
    expect(await story.bills()).toEqual([
      paidBill('0001', 2_900, [month('2026-03-01..2026-04-01')]),
      paidBill('0002', 2_900, [month('2026-04-01..2026-05-01')]),
      paidBill('0003', 2_900, [month('2026-05-01..2026-06-01')]),
    ]);
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ held: 8_700, invoiced: -8_700 });
    const { data } = (await story.ask('GET', `${SUBSCRIPTIONS}/me/changes`)) as unknown as { data: { type: string }[] };
    expect(data.map(({ type }) => type).reverse()).toEqual([
      'created',
      'activated',
      'cancellation_scheduled',
      'cancellation_revoked',
    ]);
    await story.end();
  });

  it('ends with the period that was paid, and who comes back begins anew', async () => {
    story = await Story.begin('2026-03-01T10:00');
    const first = await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    await story.at('2026-04-05T10:00');
    await story.ask('DELETE', SUBSCRIPTIONS);
    await story.at('2026-05-01T09:59');
    expect(await story.access()).toBe('PRO');
    await story.at('2026-05-01T10:00');
    expect(await story.access()).toBeNull();
    expect(await story.subscription()).toMatchObject({ id: first['id'], status: 'canceled' });
    expectRefusal(await story.request('POST', `${SUBSCRIPTIONS}/resume`), 422, 'INVALID_STATE_TRANSITION');
    await story.at('2026-06-10T10:00');
    expect(await story.bills()).toHaveLength(2);
    const second = await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    expect(second['id']).not.toBe(first['id']);
    expect(await story.access()).toBe('PRO');
    await story.at('2026-07-10T11:00');
    expect(await story.bills()).toEqual([
      paidBill('0001', 2_900, [month('2026-03-01..2026-04-01')]),
      paidBill('0002', 2_900, [month('2026-04-01..2026-05-01')]),
      paidBill('0003', 2_900, [month('2026-06-10..2026-07-10')]),
      paidBill('0004', 2_900, [month('2026-07-10..2026-08-10')]),
    ]);
    // Now, without a refund: what was paid stays paid.
    await story.ask('DELETE', `${SUBSCRIPTIONS}?atPeriodEnd=false`);
    expect(await story.access()).toBeNull();
    await story.at('2026-09-10T11:00');
    expect(await story.bills()).toHaveLength(4);
    expect(await story.books()).toEqual({ held: 11_600, invoiced: -11_600 });
    await story.end();
  });
});
