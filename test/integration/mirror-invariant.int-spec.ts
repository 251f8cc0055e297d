import { MirrorInvariant } from '../../src/modules/billing';
import { InboxWorker } from '../../src/modules/webhooks';
import { InboxAcceptance } from '../../src/platform/inbox';
import { STRIPE_API_VERSION } from '../../src/providers/stripe/stripe-version';
import { startBench, type Bench } from '../support/bench';

let bench: Bench;
let invariant: MirrorInvariant;

beforeAll(async () => {
  bench = await startBench({ STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRETS: 'whsec_x' });
  invariant = bench.get(MirrorInvariant);
  await bench.rows("INSERT INTO customers (id, user_id, created_at, updated_at) VALUES ('cus_1', 'u', now(), now())");
  await bench.rows(
    "INSERT INTO customer_accounts (provider, provider_id, customer_id, created_at) VALUES ('stripe', 'cus_s', 'cus_1', now())",
  );
  for (let n = 0; n < 450; n += 1) await tell(`pi_${String(n).padStart(4, '0')}`);
  await bench.get(InboxWorker).drain();
}, 60_000);
afterAll(() => bench.close());

/** A payment succeeds. */
async function tell(id: string): Promise<void> {
  const created = 1_780_000_000;
  const object = {
    id,
    object: 'payment_intent',
    customer: 'cus_s',
    amount: 5,
    currency: 'usd',
    status: 'succeeded',
    created,
  };
  const type = 'payment_intent.succeeded';
  const event = { id: `evt_${id}`, type, api_version: STRIPE_API_VERSION, created, livemode: false, data: { object } };
  await bench.get(InboxAcceptance).accept({
    provider: 'stripe',
    eventId: event.id,
    type,
    apiVersion: STRIPE_API_VERSION,
    livemode: false,
    objectType: 'payment_intent',
    objectId: id,
    aggregate: 'stripe:cus_s',
    occurredAt: new Date(created * 1000),
    rawBody: Buffer.from(JSON.stringify(event)),
    headers: {},
  });
}

const spoil = (column: string, value: string, id: string): Promise<unknown> =>
  bench.rows(`UPDATE payments SET ${column} = ${value} WHERE provider_id = $1`, [id]);

describe('mirror rows', () => {
  it('are what their facts say, as far as the whole table goes', async () => {
    expect(await invariant.checkAll()).toEqual({ checked: 450, differences: [] });
  });

  it('go round: each sweep takes the next ones, and after the last it begins again', async () => {
    const checked: (number | undefined)[] = [];
    for (let pass = 0; pass < 4; pass += 1) checked.push((await invariant.sweep())?.checked);
    expect(checked).toEqual([200, 200, 50, 200]);
  });

  it('are checked by one process at a time', async () => {
    const turns = await Promise.all([invariant.sweep(), invariant.sweep(), invariant.sweep()]);
    expect(turns.filter((turn) => turn !== null).length).toBeGreaterThan(0);
    await bench.rows("UPDATE sweep_cursors SET position = ''");
  });

  it('that somebody has spoiled are told by column, and raise one alert however often they are met', async () => {
    await spoil('amount', '7', 'pi_0003');
    await spoil('status', "'pending'", 'pi_0007');
    const differences = [
      { provider: 'stripe', providerId: 'pi_0003', column: 'amount', actual: 7, expected: 5 },
      { provider: 'stripe', providerId: 'pi_0007', column: 'status', actual: 'pending', expected: 'succeeded' },
    ];
    expect((await invariant.sweep())?.differences).toEqual(differences);
    await bench.rows("UPDATE sweep_cursors SET position = ''");
    expect((await invariant.sweep())?.differences).toEqual(differences);
    const alerts = await bench.rows(
      "SELECT cause_key, count, details FROM alerts WHERE kind = 'mirror.differs' ORDER BY 1",
    );
    expect(alerts).toEqual([
      {
        cause_key: 'mirror.differs:stripe:pi_0003',
        count: 2,
        details: { object: 'stripe:pi_0003', columns: ['amount'] },
      },
      {
        cause_key: 'mirror.differs:stripe:pi_0007',
        count: 2,
        details: { object: 'stripe:pi_0007', columns: ['status'] },
      },
    ]);
  });

  it('do not mind what the facts do not decide', async () => {
    await spoil('verified_at', 'now()', 'pi_0009');
    const { differences } = await invariant.checkAll();
    expect(new Set(differences.map(({ providerId }) => providerId))).toEqual(new Set(['pi_0003', 'pi_0007']));
  });

  it('are mended by working any event of the object again', async () => {
    await bench.rows(
      `UPDATE inbox_events SET status = 'received', handled_at = NULL WHERE object_id IN ('pi_0003', 'pi_0007')`,
    );
    await bench.get(InboxWorker).drain();
    expect((await invariant.checkAll()).differences).toEqual([]);
  });
});
