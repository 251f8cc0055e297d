import { Webhook } from 'standardwebhooks';
import { UnitOfWork } from '../../src/platform/database';
import { Outbox, OutboxRelay } from '../../src/platform/outbox';
import { OutgoingDelivery } from '../../src/modules/notifications/outgoing/outgoing-delivery.flow';
import { Backend, type Reaction, type Told } from './backend';
import { startBench, type Bench } from './bench';
import { fetchAnswer, jsonPost, type Answer } from './http-client';
import { asUser } from './tokens';
import { until } from './until';

export interface TestEndpoint {
  id: string;
  path: string;
  secret: string;
}
export interface DeliveryRow {
  id: string;
  messageId: string;
  objectId: string;
  status: string;
  nextAttemptAt: string | null;
}
export type DeliveryDetail = DeliveryRow & { payload: unknown; attemptLog: { response: string | null }[] };

/** What tests of outgoing webhooks have in common: an installation, and the customer's own backend. */
export class OutgoingStage {
  private made: { bench: Bench; backend: Backend } | undefined;
  private serial = 0;

  constructor(readonly settings: Readonly<Record<string, string>>) {}

  async start(): Promise<void> {
    const [bench, backend] = await Promise.all([startBench(this.settings), Backend.start()]);
    this.made = { bench, backend };
  }

  get bench(): Bench {
    return this.parts.bench;
  }

  get backend(): Backend {
    return this.parts.backend;
  }

  /** The next story's events are for its own endpoint. */
  clear = async (): Promise<void> => {
    await this.bench.get(OutboxRelay).drain();
    const { body } = await this.call('GET', '/webhook-endpoints?limit=100');
    for (const { id } of body['data'] as { id: string }[]) await this.call('DELETE', `/webhook-endpoints/${id}`);
  };

  async close(): Promise<void> {
    await this.bench.close();
    await this.backend.close();
  }

  /** As an admin, below `/admin`. */
  call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const identity = { ...asUser('operator', 'admin'), ...headers };
    const init = body === undefined ? { method, headers: identity } : { ...jsonPost(body, identity), method };
    return fetchAnswer(`${this.bench.url}/v1/admin${path}`, init);
  };

  /** At a path of its own, told of everything. */
  endpoint = async (...reactions: Reaction[]): Promise<TestEndpoint> => {
    const path = `/${(this.serial += 1)}`;
    this.backend.reacts(path, ...reactions);
    const made = await this.call('POST', '/webhook-endpoints', { url: this.backend.url(path), eventTypes: ['*'] });
    if (made.status !== 201) throw new Error(`No endpoint was made: ${made.text}`);
    return { path, ...(made.body as unknown as { id: string; secret: string }) };
  };

  /** Paid invoices, as events that nobody has been told of yet. */
  append = (...objectIds: string[]): Promise<void> =>
    this.bench.get(UnitOfWork).service((tx) => this.bench.get(Outbox).append(tx, objectIds.map(eventOf)));

  /** Events happen, and become messages: by our relay, or by that of another process, which we wait for. */
  happen = async (...objectIds: string[]): Promise<void> => {
    await this.append(...objectIds);
    await until('the events have become messages', async () => {
      await this.bench.get(OutboxRelay).drain();
      return (await this.bench.rows('SELECT FROM outbox_deliveries WHERE handled_at IS NULL')).length === 0;
    });
  };

  send = (from: Bench = this.bench): Promise<number> => from.get(OutgoingDelivery).drain();

  /** The time of the next attempt has come. */
  due = (): Promise<unknown> =>
    this.bench.rows("UPDATE webhook_deliveries SET next_attempt_at = now() - interval '1 s' WHERE status = 'pending'");

  deliveriesOf = async ({ id }: TestEndpoint, query = ''): Promise<DeliveryRow[]> =>
    (await this.call('GET', `/webhook-endpoints/${id}/deliveries${query}`)).body['data'] as DeliveryRow[];

  /** Its newest delivery, with the log. */
  newest = async (of: TestEndpoint): Promise<DeliveryDetail> => {
    const [row] = await this.deliveriesOf(of);
    return (await this.call('GET', `/webhook-deliveries/${row?.id}`)).body as unknown as DeliveryDetail;
  };

  stateOf = async ({ id }: TestEndpoint): Promise<Record<string, unknown>> =>
    (await this.call('GET', `/webhook-endpoints/${id}`)).body;

  private get parts(): { bench: Bench; backend: Backend } {
    if (!this.made) throw new Error('The stage is not there yet');
    return this.made;
  }
}

const eventOf = (objectId: string, index: number) => ({
  type: 'invoice.paid',
  objectType: 'invoice',
  objectId,
  customerId: null,
  payload: { invoiceId: objectId, amount: index + 1, currency: 'USD', email: 'ada@test.example' },
  occurredAt: new Date('2026-01-01T00:00:00Z'),
});

/** As the receiver's own backend would verify it. @throws where the signature is not one of this secret. */
export function verified({ raw, headers }: Told, secret: string): unknown {
  return new Webhook(secret).verify(raw, headers as Record<string, string>);
}
