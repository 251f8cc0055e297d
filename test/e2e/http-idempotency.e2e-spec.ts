import { IdempotencyService } from '../../src/platform/http';
import { expectRefusal } from '../support/http-client';
import { asUser } from '../support/tokens';
import { ledger, useEdge } from './http-edge.fixture';

const { post, running, sql } = useEdge();

describe('idempotency keys', () => {
  let serial = 0;
  const newKey = () => `key-${++serial}`;
  const charge = (key: string, body: object, user = 'payer') =>
    post('/edge/charge', body, { ...asUser(user), 'idempotency-key': key });

  it('replays the first answer, whatever it was', async () => {
    const [good, refused] = [newKey(), newKey()];
    const first = await charge(good, { amount: 5, mode: 'created-elsewhere' });
    expect(first).toMatchObject({ status: 201, body: { number: 1, amount: 5 } });
    expect(first.headers.has('idempotent-replayed')).toBe(false);
    const again = await post(
      '/v1/edge/charge',
      { amount: 5, mode: 'created-elsewhere' },
      { ...asUser('payer'), 'idempotency-key': good },
    );
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe('/edge/things/1');

    expectRefusal(await charge(refused, { amount: 5, mode: 'refuse' }), 422, 'PAYMENT_FAILED');
    const replay = await charge(refused, { amount: 5, mode: 'refuse' });
    expect(replay).toMatchObject({ status: 422, body: { error: { code: 'PAYMENT_FAILED', details: { number: 2 } } } });
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect(ledger.charges).toHaveLength(2);
  });

  it('refuses the key for another body', async () => {
    const key = newKey();
    await charge(key, { amount: 5 });
    expectRefusal(await charge(key, { amount: 6 }), 409, 'IDEMPOTENCY_KEY_REUSED');
    expect(ledger.charges).toHaveLength(1);
  });

  it('carries out once what comes 50 times at once', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 50 }, () => charge(key, { amount: 5 })));
    expect(ledger.charges).toEqual([{ by: 'payer', amount: 5, key }]);
    const counts = new Map<string, number>();
    for (const { status, body, headers } of answers) {
      const replayed = headers.get('idempotent-replayed') === 'true' ? ' replayed' : '';
      const name = `${status}${replayed} ${body.error?.code ?? ''}`.trim();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(counts.get('201')).toBe(1);
    expect([...counts.keys()].filter((name) => !/^(201|201 replayed|409 REQUEST_IN_PROGRESS)$/.test(name))).toEqual([]);
    expect((await charge(key, { amount: 5 })).headers.get('idempotent-replayed')).toBe('true');
  });

  it('says so while the first is running', async () => {
    const key = newKey();
    const arrived = ledger.arrival();
    const first = charge(key, { amount: 5, mode: 'wait' });
    await arrived;
    expectRefusal(await charge(key, { amount: 5, mode: 'wait' }), 409, 'REQUEST_IN_PROGRESS');
    expectRefusal(await charge(key, { amount: 6 }), 409, 'IDEMPOTENCY_KEY_REUSED');
    ledger.open();
    expect((await first).status).toBe(201);
  });

  it('lets a repetition take over once the lease of a crashed process has run out', async () => {
    const key = newKey();
    const arrived = ledger.arrival();
    const stuck = charge(key, { amount: 5, mode: 'wait' });
    await arrived;
    await sql(`UPDATE idempotency_keys SET lease_until = now() - interval '1 second' WHERE key = $1`, [key]);
    expectRefusal(await charge(key, { amount: 6 }), 409, 'IDEMPOTENCY_KEY_REUSED');

    const arrivedAgain = ledger.arrival();
    const second = charge(key, { amount: 5, mode: 'wait' });
    await arrivedAgain;
    expect(ledger.charges).toEqual([
      { by: 'payer', amount: 5, key },
      { by: 'payer', amount: 5, key },
    ]);
    // The one believed dead wakes up first; its answer must not be kept over the one that has taken over.
    ledger.open();
    expect((await stuck).body).toMatchObject({ number: 1 });
    expectRefusal(await charge(key, { amount: 5, mode: 'wait' }), 409, 'REQUEST_IN_PROGRESS');
    ledger.open();
    expect((await second).body).toMatchObject({ number: 2 });
    expect((await charge(key, { amount: 5, mode: 'wait' })).body).toMatchObject({ number: 2 });
  });

  it('keeps callers apart', async () => {
    const key = newKey();
    await charge(key, { amount: 5 }, 'one');
    expect((await charge(key, { amount: 6 }, 'two')).status).toBe(201);
    expect(ledger.charges.map(({ by }) => by)).toEqual(['one', 'two']);
  });

  it('does not keep failures of ours', async () => {
    const key = newKey();
    expectRefusal(await charge(key, { amount: 5, mode: 'crash' }), 500, 'UNEXPECTED');
    expectRefusal(await charge(key, { amount: 5, mode: 'crash' }), 500, 'UNEXPECTED');
    expect((await charge(key, { amount: 6 })).status).toBe(201);
    expect(ledger.charges).toHaveLength(3);
  });

  it.each(['', ' ', 'a b', 'x'.repeat(256), 'schl\u00fcssel'])('refuses the key %j', async (key) => {
    const answer = await charge(key, { amount: 5 });
    expectRefusal(answer, 400, 'INVALID_INPUT');
    expect(ledger.charges).toHaveLength(0);
  });

  it('works as usual without a key, and forgets keys after a day', async () => {
    await post('/edge/charge', { amount: 5 }, asUser());
    await post('/edge/charge', { amount: 5 }, asUser());
    expect(ledger.charges.map(({ key }) => key)).toEqual([undefined, undefined]);
    const key = newKey();
    await charge(key, { amount: 5 });
    await sql(`UPDATE idempotency_keys SET expires_at = now() - interval '1 second' WHERE key = $1`, [key]);
    expect((await charge(key, { amount: 6 })).status).toBe(201);
  });

  it('purges what is over', async () => {
    await sql(`UPDATE idempotency_keys SET expires_at = now() - interval '1 second' WHERE status = 'completed'`);
    const [before] = await sql(`SELECT count(*)::int AS n FROM idempotency_keys WHERE expires_at <= now()`);
    expect(await running().app.get(IdempotencyService, { strict: false }).purge()).toBe(before?.['n']);
    expect(await sql(`SELECT key FROM idempotency_keys WHERE expires_at <= now()`)).toEqual([]);
  });
});
