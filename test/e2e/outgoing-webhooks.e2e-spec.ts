import { randomBytes } from 'node:crypto';
import Ajv from 'ajv';
import { Webhook } from 'standardwebhooks';
import { answer, Backend } from '../support/backend';
import { Buyers } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { fetchAnswer, jsonPost } from '../support/http-client';
import { asUser } from '../support/tokens';
import { until } from '../support/until';

interface Contract {
  webhooks: Record<string, { post: { requestBody: { content: { 'application/json': { schema: object } } } } }>;
}

let house: House;
let backend: Backend;
let secret: string;

beforeAll(async () => {
  const settings = {
    ...{ ROLE: 'all', WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' },
    ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
  };
  [house, backend] = await Promise.all([startHouse({ settings }), Backend.start()]);
  const body = { url: backend.url('/kassa'), eventTypes: ['*'], description: 'The learning platform' };
  const made = await fetchAnswer(
    `${house.app.url}/v1/admin/webhook-endpoints`,
    jsonPost(body, asUser('operator', 'admin')),
  );
  secret = String(made.body['secret']);
}, 30_000);
afterAll(async () => {
  await house.close();
  await backend.close();
});

const told = (type: string): boolean => backend.at('/kassa').some(({ body }) => body.type === type);

describe("the customer's own backend", () => {
  it('is told of a purchase: signed, and each object in its order', async () => {
    await new Buyers(house).subscribe('ada');
    await until(
      'it has been told',
      () => told('invoice.paid') && told('subscription.updated') && told('entitlements.updated'),
    );
    const all = await house.rows<{ object_id: string; sequence: string }>(
      "SELECT object_id, sequence FROM webhook_messages WHERE object_type = 'subscription' ORDER BY 1, 2",
    );
    expect(all.map(({ sequence }) => Number(sequence))).toEqual(all.map((_, index) => index + 1));
    const [customer] = await house.rows<{ id: string }>('SELECT id FROM customers');
    const { webhooks } = (await (await fetch(`${house.app.url}/openapi.json`)).json()) as Contract;
    const ajv = new Ajv({ strict: false, formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) } });
    for (const { raw, headers, body } of backend.at('/kassa')) {
      // As the contract has it.
      const schema = webhooks[body.type]?.post.requestBody.content['application/json'].schema;
      expect({ type: body.type, fits: ajv.validate(schema ?? false, body) }).toEqual({ type: body.type, fits: true });
      const message = new Webhook(secret).verify(raw, headers as Record<string, string>) as { data: object };
      expect(message.data).toMatchObject({ customerId: customer?.id });
      expect(raw).not.toMatch(/ada|test\.example|cus_|in_/);
    }
  });

  it('is told although it was away, and although Redis forgot about it', async () => {
    backend.reacts('/kassa', answer(503), answer(204));
    const before = backend.told.length;
    await house.as('ada', 'DELETE', '/billing/subscriptions?atPeriodEnd=false');
    await house.settle();
    await until('it has refused', () => backend.told.length > before);
    await house.redis.flush();
    const left = "SELECT 1 FROM webhook_deliveries WHERE status = 'pending'";
    await until('it knows all', async () => (await house.rows(left)).length === 0, 20_000);
    const canceled = backend.told.slice(before).filter(({ body }) => body.data['status'] === 'canceled');
    expect(canceled.length).toBeGreaterThan(0);
    expect(await house.rows("SELECT 1 FROM webhook_deliveries WHERE status <> 'delivered'")).toEqual([]);
    expect(await house.rows('SELECT 1 FROM webhook_attempts WHERE error IS NOT NULL')).not.toEqual([]);
  });
});
