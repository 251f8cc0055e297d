import { Buyers, sumsOfBooks } from '../support/buyers';
import { expectRefusal, type Answer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { verifyHouse } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const PLAN = '/billing/subscriptions/plan';

describe('pausing and resuming', () => {
  let house: House;
  let buyers: Buyers;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
  }, 30_000);
  afterAll(() => house.close());

  const later = async (ms: number) => {
    moved = new Date(moved.getTime() + ms);
    await house.advance(moved);
  };
  const subscribe = (user: string) => buyers.subscribe(user);
  const invoicesOf = (user: string) => buyers.invoicesOf(user);
  const mine = (user: string) => buyers.mine(user);
  const features = async (user: string) => {
    const { body } = await house.as(user, 'GET', '/entitlements/me');
    return Object.values(body['features'] as Record<string, { granted: boolean }>).filter(({ granted }) => granted)
      .length;
  };

  const tally = (answers: Answer[]) => [
    ...new Set(answers.map(({ status, body }) => body.error?.code ?? String(status))),
  ];
  const booksBalance = async () => {
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
  };

  it('pauses without access and invoices, and goes on with a new period less the unused time', async () => {
    await subscribe('resting');
    await later(10 * DAY_MS);
    expect(await features('resting')).toBeGreaterThan(0);
    const before = (await invoicesOf('resting')).length;
    expect((await house.as('resting', 'POST', '/billing/subscriptions/pause')).body).toMatchObject({
      status: 'paused',
    });
    await house.settle();
    expect(await features('resting')).toBe(0);
    expect((await house.as('resting', 'POST', '/billing/subscriptions/pause')).status).toBe(200);
    expectRefusal(await house.as('resting', 'PATCH', PLAN, { plan: 'BASIC' }), 422, 'INVALID_STATE_TRANSITION');
    await later(60 * DAY_MS);
    expect(await invoicesOf('resting')).toHaveLength(before);
    const resumed = await house.as('resting', 'POST', '/billing/subscriptions/resume');
    expect(resumed).toMatchObject({ status: 200, body: { status: 'active' } });
    await house.settle();
    expect(await mine('resting')).toMatchObject({ status: 'active' });
    expect(await features('resting')).toBeGreaterThan(0);
    const invoice = (await invoicesOf('resting')).at(-1)!;
    const [credit] = invoice.lines.data;
    expect(credit!.amount).toBeLessThan(0);
    expect(invoice).toMatchObject({
      status: 'paid',
      amount_paid: ((await mine('resting'))['amount'] as number) + credit!.amount,
    });
    expectRefusal(await house.as('resting', 'POST', '/billing/subscriptions/resume'), 422, 'INVALID_STATE_TRANSITION');
    const told = await house.rows(
      `SELECT n.template FROM notifications n JOIN customers c ON c.id = n.customer_id
       WHERE c.user_id = 'resting' AND n.channel = 'email' AND n.template LIKE 'subscription%' ORDER BY n.created_at, n.id`,
    );
    expect(told).toEqual([{ template: 'subscription_paused' }, { template: 'subscription_resumed' }]);
    await booksBalance();
  });

  it('goes on past due where the payment of the new period fails', async () => {
    const { card } = await subscribe('broke');
    await later(20 * DAY_MS);
    expect((await house.as('broke', 'POST', '/billing/subscriptions/pause')).status).toBe(200);
    await later(40 * DAY_MS);
    await buyers.cardIs(card, 'insufficient_funds');
    const resumed = await house.as('broke', 'POST', '/billing/subscriptions/resume');
    expect(resumed).toMatchObject({ status: 200, body: { status: 'past_due' } });
    await house.settle();
    expect(await mine('broke')).toMatchObject({ status: 'past_due' });
    expectRefusal(await house.as('broke', 'PATCH', PLAN, { plan: 'BASIC' }), 422, 'INVALID_STATE_TRANSITION');
    expectRefusal(await house.as('broke', 'POST', '/billing/subscriptions/pause'), 422, 'INVALID_STATE_TRANSITION');
  });

  it('pauses and resumes once of 20 requests at once', async () => {
    const { providerId } = await subscribe('hesitant');
    for (const [path, status] of [
      ['pause', 'paused'],
      ['resume', 'active'],
    ] as const) {
      const ask = () => house.as('hesitant', 'POST', `/billing/subscriptions/${path}`);
      const words = tally(await Promise.all(Array.from({ length: 20 }, ask)));
      expect(words).toContain('200');
      for (const word of words) {
        expect(['200', 'REQUEST_IN_PROGRESS', 'INVALID_STATE_TRANSITION', 'TRY_AGAIN']).toContain(word);
      }
      await house.settle();
      expect(await house.box.stripe.subscriptions.retrieve(providerId)).toMatchObject({ status });
      expect(await mine('hesitant')).toMatchObject({ status });
    }
    expect(await invoicesOf('hesitant')).toHaveLength(2);
  });

  it('takes a cancellation back', async () => {
    await subscribe('wavering');
    expect((await house.as('wavering', 'DELETE', '/billing/subscriptions')).body).toMatchObject({
      cancelAtPeriodEnd: true,
    });
    expect((await house.as('wavering', 'POST', '/billing/subscriptions/resume')).body).toMatchObject({
      cancelAtPeriodEnd: false,
      canceledAt: null,
      status: 'active',
    });
    await house.settle();
    expect(await mine('wavering')).toMatchObject({ cancelAtPeriodEnd: false });
  });

  it('ends the same in whatever order all of it is told', async () => {
    await house.settle();
    expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  }, 120_000);
});
