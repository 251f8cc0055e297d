import { ExpiringCards } from '../../src/modules/billing/payment-methods/expiring-cards.service';
import { Buyers, type Buyer } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { booksHold } from '../support/verified';

const METHODS = '/billing/payment-methods';
/** Cards of the tests are good to the end of June: 30 days before that are the first of June. */
const START = new Date('2026-03-10T10:00:00Z');
const HOUR_MS = 3_600_000;
const NOTICE = new Date('2026-06-01T00:00:00Z');

interface Notice {
  user: string;
  payload: Record<string, unknown>;
}

describe('cards that expire', () => {
  let house: House;
  let buyers: Buyers;
  const people = new Map<string, Buyer>();

  const renew = async (card: string, expYear: number, expMonth = 6): Promise<void> => {
    await house.box.control('POST', 'cards/renew', { paymentMethod: card, expMonth, expYear });
    await house.settle();
  };
  const buy = async (user: string): Promise<Buyer> => {
    const buyer = await buyers.subscribe(user);
    await renew(buyer.card, 2026);
    people.set(user, buyer);
    return buyer;
  };
  const eventsOf = (type: string): Promise<Notice[]> =>
    house.rows<Notice>(
      `SELECT c.user_id AS user, e.payload FROM outbox_events e JOIN customers c ON c.id = e.customer_id
       WHERE e.type = $1 ORDER BY c.user_id, e.seq`,
      [type],
    );
  const told = async (): Promise<string[]> =>
    (await eventsOf('payment_method.expiring')).map(({ user, payload }) => `${user} ${String(payload['expYear'])}`);
  const sweep = (): Promise<number> => house.app.app.get(ExpiringCards, { strict: false }).sweep();
  const rowOf = async (ref: string): Promise<Record<string, unknown>> => {
    const [row] = await house.rows<{ row: Record<string, unknown> }>(
      'SELECT to_jsonb(m) AS row FROM payment_methods m WHERE provider_id = $1',
      [ref],
    );
    return row?.row ?? {};
  };

  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
  }, 40_000);
  afterAll(() => house.close());

  it('mirrors what is attached, renewed and detached, and tells of each once', async () => {
    const { card, customer } = await buy('mirrored');
    expect(await rowOf(card)).toMatchObject({
      ...{
        status: 'attached',
        type: 'card',
        brand: 'visa',
        last4: '4242',
        exp_month: 6,
        exp_year: 2026,
        country: 'US',
      },
      ...{ provider: 'stripe', fact_count: 2 },
    });
    const [account] = await house.rows('SELECT provider_method_id FROM provider_customers WHERE provider_id = $1', [
      customer,
    ]);
    expect(account).toEqual({ provider_method_id: card });
    const second = await house.box.stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    await house.settle();
    await house.box.stripe.paymentMethods.detach(second.id);
    await house.settle();
    expect(await rowOf(second.id)).toMatchObject({ status: 'detached', brand: 'mastercard', last4: '4444' });
    const events = (await eventsOf('payment_method.updated')).filter(({ user }) => user === 'mirrored');
    expect(events.map(({ payload }) => [payload['methodRef'], payload['change']])).toEqual([
      [card, 'attached'],
      [card, 'changed'],
      [second.id, 'attached'],
      [second.id, 'detached'],
    ]);
    expect(
      JSON.stringify(await house.rows("SELECT payload FROM facts WHERE object_type = 'payment_method'")),
    ).not.toMatch(/fingerprint|fp4242/);
  });

  it('knows at once what our own calls have changed', async () => {
    const { card, customer, providerId } = await buy('chooser');
    const other = await house.box.stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    expect((await house.as('chooser', 'POST', `${METHODS}/${other.id}/default`)).status).toBe(200);
    const [charged] = await house.rows(
      `SELECT s.provider_method_id AS subscription, c.provider_method_id AS customer FROM subscriptions s
       JOIN provider_customers c ON c.customer_id = s.customer_id WHERE s.provider_id = $1`,
      [providerId],
    );
    expect(charged).toEqual({ subscription: other.id, customer: other.id });
    expect((await house.as('chooser', 'DELETE', `${METHODS}/${card}`)).status).toBe(204);
    expect(await rowOf(card)).toMatchObject({ status: 'detached' });
    await house.settle();
    expect(await rowOf(card)).toMatchObject({ status: 'detached' });
    expect(await rowOf(other.id)).toMatchObject({ status: 'attached' });
  });

  it('are told of 30 days before, where a renewal will be charged to them, and not earlier', async () => {
    const spare = await buy('spare');
    const good = await house.box.stripe.paymentMethods.attach('pm_card_mastercard', { customer: spare.customer });
    await house.as('spare', 'POST', `${METHODS}/${good.id}/default`);
    const removed = await buy('removed');
    await house.as('removed', 'DELETE', `${METHODS}/${removed.card}`);
    const replaced = await buy('replaced');
    await renew(replaced.card, 2031);
    for (const user of ['leaving', 'left']) await buy(user);
    expect((await house.as('leaving', 'DELETE', '/billing/subscriptions?atPeriodEnd=true')).status).toBe(200);
    expect((await house.as('left', 'DELETE', '/billing/subscriptions?atPeriodEnd=false')).status).toBe(200);
    await house.settle();
    await buy('renewing');
    await house.advance(new Date(NOTICE.getTime() - HOUR_MS));
    await sweep();
    expect(await told()).toEqual([]);
    await house.advance(new Date(NOTICE.getTime() + HOUR_MS));
    await sweep();
    expect(await told()).toEqual(['mirrored 2026', 'renewing 2026']);
    const [first] = await eventsOf('payment_method.expiring');
    expect(first?.payload).toEqual({
      ...{ paymentMethodId: expect.stringMatching(/^pm_/) as string, methodRef: people.get('mirrored')?.card },
      ...{ provider: 'stripe', brand: 'visa', last4: '4242', expMonth: 6, expYear: 2026 },
      expiresAt: '2026-07-01T00:00:00.000Z',
    });
  }, 60_000);

  it('are told of once, however often and by however many they are looked through', async () => {
    await Promise.all([sweep(), sweep(), sweep()]);
    await house.advance(new Date('2026-06-20T00:00:00Z'));
    await sweep();
    expect(await told()).toEqual(['mirrored 2026', 'renewing 2026']);
  }, 30_000);

  it('are told of again for a new date, when that comes', async () => {
    await renew(people.get('renewing')!.card, 2026, 7);
    await sweep();
    expect(await told()).toHaveLength(2);
    await house.advance(new Date('2026-07-02T01:00:00Z'));
    await sweep();
    expect((await told()).filter((line) => line.startsWith('renewing'))).toHaveLength(2);
    expect(await told()).toHaveLength(3);
  }, 60_000);

  it('and are renewed by the network tell which invoices wait for that', async () => {
    const { card } = people.get('mirrored')!;
    // June's card was declined in July.
    await house.advance(new Date('2026-07-12T00:00:00Z'));
    const [open] = await house.rows<{ id: string }>(
      `SELECT i.id FROM invoices i JOIN customers c ON c.id = i.customer_id WHERE c.user_id = 'mirrored' AND i.status = 'open'`,
    );
    expect(open).toBeDefined();
    await renew(card, 2031);
    const events = (await eventsOf('payment_method.updated')).filter(({ user }) => user === 'mirrored');
    expect(events.at(-1)?.payload).toMatchObject({
      ...{ methodRef: card, change: 'changed', expMonth: 6, expYear: 2031 },
      expiredInvoiceIds: [open?.id],
    });
    // Nobody else waits for anything.
    await renew(people.get('replaced')!.card, 2032);
    const others = (await eventsOf('payment_method.updated')).filter(({ user }) => user === 'replaced');
    expect(others.at(-1)?.payload['expiredInvoiceIds']).toEqual([]);
  }, 60_000);

  it('leave what any order of events would', async () => {
    await booksHold(house);
  }, 120_000);
});
