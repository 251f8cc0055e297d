import type Stripe from 'stripe';
import { startHouse, type House } from '../support/house';
import { until } from '../support/until';

interface Row {
  event_id: string;
  status: string;
  retry_count: number;
  error_context: { code: string } | null;
}

const aggregateOf = (customer: Stripe.Subscription['customer']): string =>
  `stripe:${typeof customer === 'string' ? customer : customer.id}`;

/** Customers on a price of ours whom no event and no call of ours has introduced. */
describe('events of customers nobody has told us of', () => {
  let house: House;
  let price: string;
  beforeAll(async () => {
    house = await startHouse({ settings: { ROLE: 'all' } });
    const [mirror] = await house.rows<{ provider_id: string }>(
      `SELECT m.provider_id FROM catalog_mirrors m JOIN prices p ON p.id = m.object_id JOIN plans l ON l.id = p.plan_id
       WHERE m.object_type = 'price' AND l.code = 'BASIC'`,
    );
    price = mirror!.provider_id;
  }, 30_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  const buy = async (metadata: Record<string, string>): Promise<Stripe.Subscription> => {
    const { customers, subscriptions } = house.box.stripe;
    const customer = await customers.create({
      metadata,
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    return subscriptions.create({ customer: customer.id, items: [{ price }] });
  };
  const rowsOf = (customer: Stripe.Subscription['customer']): Promise<Row[]> =>
    house.rows<Row>('SELECT * FROM inbox_events WHERE aggregate = $1 ORDER BY id', [aggregateOf(customer)]);
  /** A customer of ours whose account at the provider is not known. */
  const unlinked = async (user: string): Promise<string> => {
    await house.as(user, 'POST', '/billing/checkout', {
      plan: 'BASIC',
      successUrl: 'https://app.test.example/ok',
      cancelUrl: 'https://app.test.example/no',
    });
    const [row] = await house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [user]);
    // The link was lost between the provider's answer and our commit.
    await house.rows('DELETE FROM customer_accounts WHERE customer_id = $1', [row!.id]);
    return row!.id;
  };

  it('are read at the provider, where the customer bears our id', async () => {
    const kassaCustomerId = await unlinked('introduced');
    const { customer } = await buy({ kassaCustomerId });
    await house.settle();
    const rows = await rowsOf(customer);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(['processed', 'stale', 'ignored']).toContain(row.status);
    const mine = await house.as('introduced', 'GET', '/billing/subscriptions/me');
    expect(mine.body).toMatchObject({ status: 'active', plan: { code: 'BASIC' } });
    const invoices = await house.as('introduced', 'GET', '/billing/invoices');
    expect(invoices.body['data']).toMatchObject([{ status: 'paid', amountPaid: 900 }]);
  });

  it('wait where nobody introduces him, and end in tickets', async () => {
    const { customer } = await buy({});
    await house.box.control('POST', 'deliveries/flush', { hurry: true });
    const waiting = async (): Promise<Row[]> => (await rowsOf(customer)).filter(({ status }) => status === 'retrying');
    await until('they wait', async () => {
      const rows = await waiting();
      return rows.length > 0 && rows.every((row) => row.error_context?.code === 'CUSTOMER_UNKNOWN');
    });
    const [first] = await waiting();
    // Three days of waiting, all but the last try.
    await house.rows('UPDATE inbox_events SET retry_count = 59, next_retry_at = now() WHERE handled_at IS NULL');
    await house.settle();
    expect((await rowsOf(customer)).find(({ event_id }) => event_id === first!.event_id)).toMatchObject({
      status: 'failed',
      retry_count: 60,
      error_context: { code: 'CUSTOMER_UNKNOWN' },
    });
    const tickets = await house.rows(
      `SELECT t.status FROM payment_support_tickets t JOIN inbox_events e ON e.id = t.event_id WHERE e.event_id = $1`,
      [first!.event_id],
    );
    expect(tickets).toEqual([{ status: 'open' }]);
    expect(await house.rows('SELECT 1 FROM facts WHERE aggregate = $1', [aggregateOf(customer)])).toEqual([]);
  });
});
