import { expectRefusal } from '../support/http-client';
import { Story } from '../support/story';

/** Stripe's fee of a charge of 29 dollars: 2.9 %, which is 84.1, and 30. */
const FEE = 114;
/** What it takes for a dispute, and keeps when it is won. */
const DISPUTE_FEE = 1_500;

interface Paid {
  id: string;
  providerId: string;
  amountRefunded: number;
}

describe('money that goes back', () => {
  let story: Story;
  afterEach(() => story.close());

  /** The customer's payments as he sees them, oldest first. */
  const paid = async (): Promise<Paid[]> => ((await story.ask('GET', '/billing/payments'))['data'] as Paid[]).reverse();
  const clearing = async (): Promise<{ clearing: number | undefined; fees: number | undefined }> => {
    const accounts = await story.accounts();
    return { clearing: accounts.get('stripe.clearing'), fees: accounts.get('fees.stripe') };
  };

  it('by refunds after a renewal: of an old month nothing ends, of the whole new one access does', async () => {
    story = await Story.begin('2026-03-01T10:00');
    await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    await story.at('2026-04-03T10:00');
    const [march, april] = (await paid()) as [Paid, Paid];
    const refund = (payment: Paid, amount?: number) =>
      story.operate('finance', 'POST', '/billing/refunds', {
        ...{ paymentId: payment.id, reason: 'requested_by_customer' },
        ...(amount === undefined ? {} : { amount }),
      });
    expect(await refund(march)).toMatchObject({ status: 201, body: { amount: 2_900, status: 'succeeded' } });
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ held: 2_900, refunded: 2_900, invoiced: -5_800 });
    expect(await clearing()).toEqual({ clearing: 2_900 - 2 * FEE, fees: 2 * FEE });
    // April in two parts, and not a cent more.
    await story.at('2026-04-10T10:00');
    expect((await refund(april, 1_000)).body).toMatchObject({ amount: 1_000 });
    expect(await story.access()).toBe('PRO');
    expectRefusal(await refund(april, 1_901), 422, 'REFUND_EXCEEDS_PAYMENT');
    expect((await refund(april)).body).toMatchObject({ amount: 1_900 });
    expect(await story.access()).toBeNull();
    expect((await paid()).map(({ amountRefunded }) => amountRefunded)).toEqual([2_900, 2_900]);
    expect(await story.books()).toEqual({ refunded: 5_800, invoiced: -5_800 });
    // The subscription goes on, and May is paid for.
    await story.at('2026-05-01T11:00');
    expect(await story.access()).toBe('PRO');
    expect(await story.payments()).toEqual(['2900 succeeded', '2900 succeeded', '2900 succeeded']);
    expect(await story.books()).toEqual({ held: 2_900, refunded: 5_800, invoiced: -8_700 });
    expect(await clearing()).toEqual({ clearing: 2_900 - 3 * FEE, fees: 3 * FEE });
    await story.end();
  });

  it('by a dispute that is lost, and then won after all', async () => {
    story = await Story.begin('2026-03-01T10:00');
    await story.buy({ plan: 'PRO', trialPeriodDays: 0 });
    const [march] = (await paid()) as [Paid];
    await story.at('2026-03-05T10:00');
    const { id: disputeRef } = await story.house.box.control<{ id: string }>('POST', 'disputes', {
      ...{ paymentIntent: march.providerId, reason: 'fraudulent' },
    });
    await story.house.settle();
    // The bank has the money, Stripe its fee, and access rests.
    const taken = -FEE - DISPUTE_FEE;
    expect(await story.access()).toBeNull();
    expect(await story.books()).toEqual({ disputed: 2_900, invoiced: -2_900 });
    expect(await clearing()).toEqual({ clearing: taken, fees: -taken });
    const disputes = await story.operate('finance', 'GET', '/billing/disputes');
    const [dispute] = disputes.body['data'] as { id: string }[];
    expect(dispute).toMatchObject({ paymentId: march.id, amount: 2_900, status: 'needs_response' });
    expect((await story.operate('support', 'GET', '/support/tickets')).body['data']).toHaveLength(1);
    await story.at('2026-03-07T10:00');
    const evidence = { evidence: { uncategorizedText: 'The service was used every day' } };
    const answer = await story.operate('finance', 'POST', `/billing/disputes/${dispute!.id}/evidence`, evidence);
    expect(answer).toMatchObject({ status: 200, body: { status: 'under_review' } });
    const decide = async (status: 'lost' | 'won'): Promise<void> => {
      await story.house.box.control('POST', `disputes/${disputeRef}`, { status });
      await story.house.settle();
    };
    await story.at('2026-03-12T10:00');
    await decide('lost');
    expect(await story.access()).toBeNull();
    expect(await story.books()).toEqual({ lost: 2_900, invoiced: -2_900 });
    await story.at('2026-03-20T10:00');
    await decide('won');
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ held: 2_900, invoiced: -2_900 });
    expect(await clearing()).toEqual({ clearing: 2_900 + taken, fees: -taken });
    await story.at('2026-04-01T11:00');
    expect(await story.access()).toBe('PRO');
    expect(await story.books()).toEqual({ held: 5_800, invoiced: -5_800 });
    await story.end();
  });
});
