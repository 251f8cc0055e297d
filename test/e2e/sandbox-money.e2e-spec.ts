import type Stripe from 'stripe';
import { startTestSandbox, type TestSandbox } from '../support/stripe-sandbox';

const START = Date.parse('2027-01-31T10:00:00Z') / 1000;
const DAY = 86_400;

/** A payment of 50 dollars, its charge with all that hangs on it. */
async function pay({ stripe }: TestSandbox): Promise<Stripe.Charge> {
  const customer = await stripe.customers.create({ email: 'ada@example.com', payment_method: 'pm_card_visa' });
  const [card] = (await stripe.customers.listPaymentMethods(customer.id)).data;
  const intent = await stripe.paymentIntents.create({
    amount: 5000,
    currency: 'usd',
    customer: customer.id,
    ...(card === undefined ? {} : { payment_method: card.id }),
    confirm: true,
    off_session: true,
    expand: ['latest_charge.balance_transaction'],
  });
  return intent.latest_charge as Stripe.Charge;
}

async function types({ stripe }: TestSandbox): Promise<string[]> {
  const events = await stripe.events.list({ limit: 100 });
  return events.data.map(({ type }) => type).reverse();
}

describe('money that goes back, through the SDK', () => {
  let sandbox: TestSandbox;

  beforeEach(async () => {
    sandbox = await startTestSandbox({ start: START, seed: 5 });
  });

  afterEach(async () => {
    await sandbox.sandbox.close();
  });

  it('is refunded once however often it is asked for, and told with what was before', async () => {
    const { stripe } = sandbox;
    const charge = await pay(sandbox);
    expect(charge.balance_transaction).toMatchObject({ amount: 5000, fee: 175, net: 4825, status: 'pending' });
    const ask = (): Promise<Stripe.Refund> =>
      stripe.refunds.create(
        { charge: charge.id, amount: 2000, metadata: { intent: 'i1' }, expand: ['balance_transaction', 'charge'] },
        { idempotencyKey: 'refund-i1' },
      );
    const first = await ask();
    expect((await ask()).id).toBe(first.id);
    expect(first).toMatchObject({
      status: 'succeeded',
      metadata: { intent: 'i1' },
      balance_transaction: { amount: -2000, type: 'refund' },
      charge: { id: charge.id, amount_refunded: 2000 },
    });
    const shown = await stripe.charges.retrieve(charge.id, { expand: ['refunds'] });
    expect(shown.refunds?.data).toMatchObject([{ id: first.id }]);
    await expect(stripe.refunds.create({ charge: charge.id, amount: 3001 })).rejects.toMatchObject({
      statusCode: 400,
      param: 'amount',
    });
    await sandbox.control('POST', `refunds/${first.id}`, { status: 'failed', reason: 'lost_or_stolen_card' });
    expect(await stripe.refunds.retrieve(first.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'lost_or_stolen_card',
    });
    expect((await types(sandbox)).slice(-5)).toEqual([
      'refund.created',
      'charge.refunded',
      'refund.updated',
      'charge.updated',
      'refund.failed',
    ]);
    const sums = await stripe.balance.retrieve();
    expect(sums.pending).toMatchObject([{ amount: 4825, currency: 'usd' }]);
    expect(sums.available).toMatchObject([{ amount: 0, currency: 'usd' }]);
  });

  it('is taken by a dispute, and comes back when it is won', async () => {
    const { stripe } = sandbox;
    const charge = await pay(sandbox);
    const opened = await sandbox.control<Stripe.Dispute>('POST', 'disputes', { charge: charge.id, dueInDays: 3 });
    await expect(stripe.refunds.create({ charge: charge.id })).rejects.toMatchObject({ code: 'charge_disputed' });
    const answered = await stripe.disputes.update(opened.id, {
      evidence: { product_description: 'Seats', uncategorized_text: 'logs' },
      metadata: { ticket: 't1' },
    });
    expect(answered).toMatchObject({ status: 'under_review', metadata: { ticket: 't1' } });
    await sandbox.control('POST', `disputes/${opened.id}`, { status: 'won' });
    const won = await stripe.disputes.retrieve(opened.id, { expand: ['charge'] });
    expect(won).toMatchObject({ status: 'won', charge: { id: charge.id, disputed: true } });
    expect(won.balance_transactions.map(({ net }) => net)).toEqual([-6500, 5000]);
    await expect(
      sandbox.control('POST', 'disputes', { charge: charge.id, paymentIntent: 'both', reason: 'x' }),
    ).rejects.toThrow('400');
  });

  it('is suspected, paid out and sent back by the bank', async () => {
    const { stripe } = sandbox;
    const charge = await pay(sandbox);
    await sandbox.control('POST', 'early_fraud_warnings', { paymentIntent: charge.payment_intent });
    const review = await sandbox.control<Stripe.Review>('POST', 'reviews', { charge: charge.id });
    expect((await stripe.radar.earlyFraudWarnings.list({ charge: charge.id })).data).toHaveLength(1);
    expect((await stripe.reviews.list()).data).toMatchObject([{ id: review.id, open: true }]);
    await sandbox.control('POST', `reviews/${review.id}/close`, { reason: 'approved' });
    await sandbox.control('PUT', 'settings', { payouts: 'daily' });
    await sandbox.control('POST', 'clock', { advanceSeconds: 3 * DAY });
    const [payout] = (await stripe.payouts.list()).data;
    expect(payout).toMatchObject({ amount: 4825, status: 'in_transit' });
    const parts = await stripe.balanceTransactions.list({ payout: payout?.id ?? '' });
    expect(parts.data.map(({ net }) => net)).toEqual([4825, -4825]);
    await sandbox.control('POST', `payouts/${payout?.id ?? ''}/fail`, { code: 'no_account' });
    expect(await stripe.payouts.retrieve(payout?.id ?? '')).toMatchObject({ failure_code: 'no_account' });
    expect((await types(sandbox)).slice(-5)).toEqual([
      'radar.early_fraud_warning.created',
      'review.opened',
      'review.closed',
      'payout.created',
      'payout.failed',
    ]);
  });

  it('is shown on the dashboard, where banks can be played by hand', async () => {
    const charge = await pay(sandbox);
    const post = (path: string): Promise<Response> => sandbox.submit(`/sandbox/dashboard/${path}`, {});
    expect((await post(`charges/${charge.id}/dispute`)).headers.get('location')).toBe('/sandbox#disputes');
    const [dispute] = (await sandbox.stripe.disputes.list()).data;
    const twice = await post(`charges/${charge.id}/dispute`);
    expect([twice.status, await twice.text()]).toEqual([400, expect.stringContaining('disputed already')]);
    await post(`disputes/${dispute?.id ?? ''}/won`);
    const refund = await sandbox.stripe.refunds.create({ charge: charge.id, amount: 100 });
    await post(`refunds/${refund.id}/fail`);
    const shown = await (await fetch(`${sandbox.sandbox.url}/sandbox`)).text();
    for (const text of [charge.id, refund.id, 'won', 'failed', '$50.00', '$1.75']) expect(shown).toContain(text);
    expect((await post('payouts/po_nobody/fail')).status).toBe(400);
  });
});
