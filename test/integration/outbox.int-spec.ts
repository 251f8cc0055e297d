import { validation } from '../../src/shared/app-error';
import { UnitOfWork } from '../../src/platform/database';
import { Outbox, OutboxRelay, type OutboxConsumer, type StoredDomainEvent } from '../../src/platform/outbox';
import { OutboxRepository } from '../../src/platform/outbox/outbox.repository';
import { startBench, type Bench } from '../support/bench';

/** Hears everything, and fails where told to. */
class Listener implements OutboxConsumer {
  readonly heard: StoredDomainEvent[] = [];
  fails: Error | null = null;

  constructor(
    readonly name: string,
    readonly types: readonly string[],
  ) {}

  handle(event: StoredDomainEvent): Promise<void> {
    if (this.fails) return Promise.reject(this.fails);
    this.heard.push(event);
    return Promise.resolve();
  }
}

let bench: Bench;
/** Another process on the same database. */
let other: Bench;
let outbox: Outbox;
let unitOfWork: UnitOfWork;
let relay: OutboxRelay;
let serial = 0;
let good: Listener;
let bad: Listener;
let type: string;

beforeAll(async () => {
  bench = await startBench();
  other = await startBench({}, bench.database);
  outbox = bench.get(Outbox);
  unitOfWork = bench.get(UnitOfWork);
  relay = bench.get(OutboxRelay);
});
afterAll(async () => {
  await other.close();
  await bench.close();
});
beforeEach(() => {
  serial += 1;
  type = `test.${serial}`;
  good = new Listener(`good-${serial}`, [type]);
  bad = new Listener(`bad-${serial}`, [type]);
  for (const process of [outbox, other.get(Outbox)]) for (const one of [good, bad]) process.register(one);
});

function append(count: number, of = type): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => ({
    type: of,
    objectType: 'test',
    objectId: `obj_${n}`,
    customerId: null,
    payload: { n },
    occurredAt: new Date('2026-01-01T00:00:00Z'),
  }));
  return unitOfWork.service((tx) => outbox.append(tx, events));
}

interface Delivery {
  status: string;
  attempts: number;
  error_context: { message: string } | null;
}
const deliveriesOf = (consumer: Listener): Promise<Delivery[]> =>
  bench.rows('SELECT status, attempts, error_context, lease_owner FROM outbox_deliveries WHERE consumer = $1', [
    consumer.name,
  ]);
/** The time of the next try has come. */
const due = (): Promise<unknown> =>
  bench.rows("UPDATE outbox_deliveries SET next_retry_at = now() - interval '1 second' WHERE handled_at IS NULL");
describe('the outbox', () => {
  it('tells each consumer everything once, in the order it was written', async () => {
    await append(120);
    await relay.drain();
    for (const consumer of [good, bad])
      expect(consumer.heard.map(({ payload }) => payload['n'])).toEqual([...Array(120).keys()]);
    await relay.drain();
    expect(good.heard).toHaveLength(120);
    expect(good.heard[0]).toMatchObject({ type, objectId: 'obj_0', occurredAt: new Date('2026-01-01T00:00:00Z') });
  });

  it('delivers once with several relays at once', async () => {
    await append(150);
    await Promise.all([relay, other.get(OutboxRelay), relay].map((one) => one.drain()));
    expect(new Set(good.heard.map(({ id }) => id)).size).toBe(150);
    expect(good.heard).toHaveLength(150);
    for (const delivery of await deliveriesOf(good))
      expect(delivery).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  it('says nothing of what was rolled back', async () => {
    const half = unitOfWork.service(async (tx) => {
      await outbox.append(tx, [
        { type, objectType: 'x', objectId: 'x', customerId: null, payload: {}, occurredAt: new Date() },
      ]);
      throw new Error('half way');
    });
    await expect(half).rejects.toThrow('half way');
    await relay.drain();
    expect(good.heard).toEqual([]);
  });

  it('keeps an event that nobody wants, and bothers nobody with it', async () => {
    await append(1, `unwanted.${serial}`);
    await relay.drain();
    expect(await bench.rows('SELECT 1 FROM outbox_events WHERE type = $1', [`unwanted.${serial}`])).toHaveLength(1);
    expect(good.heard).toEqual([]);
  });

  it('does not hold up others for one who fails, and comes back to him', async () => {
    bad.fails = new Error('not today');
    await append(60);
    await relay.drain();
    expect(good.heard).toHaveLength(60);
    // Once each, or again where the first retry was due before the drain was through.
    for (const delivery of await deliveriesOf(bad)) {
      expect(delivery).toMatchObject({ status: 'pending', error_context: { message: 'not today' } });
    }
    bad.fails = null;
    await bench.rows("UPDATE outbox_deliveries SET next_retry_at = now() + interval '1 hour' WHERE status = 'pending'");
    await relay.drain();
    expect(bad.heard).toEqual([]);
    await due();
    await relay.drain();
    expect(bad.heard).toHaveLength(60);
    expect(good.heard).toHaveLength(60);
  });

  it.each([
    ['unknown', new Error('odd')],
    ['permanent', validation('X', 'never')],
  ])('gives up on what is %s only after eight tries', async (_title, error) => {
    bad.fails = error;
    await append(1);
    for (let pass = 0; pass < 12; pass += 1) {
      await relay.drain();
      await due();
    }
    expect(await deliveriesOf(bad)).toMatchObject([{ status: 'failed', attempts: 8 }]);
    expect(await deliveriesOf(good)).toMatchObject([{ status: 'delivered', attempts: 1 }]);
  });

  it('takes over from a relay that died with a lease, not before the lease is over', async () => {
    await append(1);
    await unitOfWork.service((tx) => bench.get(OutboxRepository).claim(tx, 'dead relay', 50));
    await relay.drain();
    expect(good.heard).toEqual([]);
    await bench.rows(
      "UPDATE outbox_deliveries SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL",
    );
    await relay.drain();
    expect(good.heard).toHaveLength(1);
    await unitOfWork.service((tx) => bench.get(OutboxRepository).delivered(tx, 'dead relay', 'any'));
    expect(await deliveriesOf(good)).toMatchObject([{ status: 'delivered', attempts: 1 }]);
  });

  it('takes a name only once', () => {
    expect(() => {
      outbox.register(new Listener(good.name, []));
    }).toThrow('registered twice');
  });
});
