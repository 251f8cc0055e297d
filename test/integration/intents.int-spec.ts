import { AppError, business, provider } from '../../src/shared/app-error';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import {
  Intents,
  type Intent,
  type IntentHandler,
  type IntentSpec,
  type ProviderOutcome,
} from '../../src/platform/intents';
import { startBench, type Bench } from '../support/bench';

const ACTOR = { type: 'user', id: 'user-1', requestId: null } as const;
const HOUR_MS = 3_600_000;

/** A provider that remembers what it was asked, and under which keys. */
class RecordingProvider implements IntentHandler {
  readonly calls: string[] = [];
  readonly made = new Map<string, ProviderOutcome>();
  looks = 0;
  /** What the next calls do: 'lost' acts and fails to answer; an error is thrown without acting. */
  readonly next: (AppError | 'lost')[] = [];
  commits = 0;
  /** Intents that gave back what their guard had taken. */
  readonly released: string[] = [];

  constructor(readonly kind: string) {}

  call(intent: Intent, key: string): Promise<ProviderOutcome> {
    this.calls.push(key);
    const fate = this.next.shift();
    if (fate instanceof AppError) return Promise.reject(fate);
    // As at Stripe: the same key is the same object.
    const outcome = this.made.get(intent.id) ?? {
      providerId: `made_${this.calls.length}`,
      outcome: { n: this.calls.length },
    };
    this.made.set(intent.id, outcome);
    return fate === 'lost' ? Promise.reject(cutOff()) : Promise.resolve(outcome);
  }

  find(intent: Intent): Promise<ProviderOutcome | null> {
    this.looks += 1;
    return Promise.resolve(this.made.get(intent.id) ?? null);
  }

  async commit(tx: Tx): Promise<void> {
    this.commits += 1;
    await tx.$queryRaw`SELECT 1`;
  }

  async release(tx: Tx, intent: Intent): Promise<void> {
    await tx.$queryRaw`SELECT 1`;
    this.released.push(intent.id);
  }
}

const cutOff = (): AppError => provider('PROVIDER_ERROR', 'cut off', { replayable: false });
const failed5xx = (): AppError => provider('PROVIDER_ERROR', 'failed', { replayable: true });

let bench: Bench;
let intents: Intents;
let stripe: RecordingProvider;
let spec: IntentSpec;
let serial = 0;

beforeAll(async () => {
  bench = await startBench();
  intents = bench.get(Intents);
  await bench.rows(
    "INSERT INTO customers (id, user_id, created_at, updated_at) VALUES ('cus_1', 'user-1', now(), now()), ('cus_2', 'user-2', now(), now())",
  );
});
afterAll(() => bench.close());
beforeEach(() => {
  serial += 1;
  stripe = new RecordingProvider(`test.${serial}`);
  intents.register(stripe);
  spec = { provider: 'stripe', kind: stripe.kind, customerId: 'cus_1', dedupeKey: `key_${serial}`, params: { a: 1 } };
});

const run = (changes: Partial<IntentSpec> = {}): Promise<ProviderOutcome> =>
  intents.run({ ...spec, ...changes }, ACTOR);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
const rowOf = async (): Promise<Record<string, unknown>> => {
  const rows = await bench.rows<Record<string, unknown>>('SELECT * FROM provider_intents WHERE kind = $1', [spec.kind]);
  expect(rows).toHaveLength(1);
  return rows[0] ?? {};
};
const age = (column: string, ms: number): Promise<unknown> =>
  bench.rows(`UPDATE provider_intents SET ${column} = $1 WHERE kind = $2`, [new Date(Date.now() - ms), spec.kind]);

describe('an intent', () => {
  it('is called once for fifty requests at once; the others wait for its end', async () => {
    const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(run())));
    expect(stripe.calls).toHaveLength(1);
    expect(stripe.commits).toBe(1);
    expect(codes.filter((code) => code === 'done').length).toBeGreaterThanOrEqual(1);
    expect(new Set(codes)).toEqual(new Set(['done', 'REQUEST_IN_PROGRESS']));
    expect((await run()).outcome).toEqual({ n: 1 });
    expect(stripe.calls).toHaveLength(1);
  });

  it('that wants to be alone waits for the end of any other of its kind, and of no other customer', async () => {
    const ask = (n: number, customerId = 'cus_1') =>
      codeOf(run({ alone: true, customerId, dedupeKey: `${spec.dedupeKey}-${n}`, params: { n } }));
    const codes = await Promise.all([...Array.from({ length: 20 }, (_, n) => ask(n)), ask(20, 'cus_2')]);
    expect(codes[20]).toBe('done');
    expect(new Set(codes)).toEqual(new Set(['done', 'REQUEST_IN_PROGRESS']));
    expect(stripe.calls).toHaveLength(codes.filter((code) => code === 'done').length);
    expect(await ask(21)).toBe('done');
  });

  it('that wants to be alone settles by reading what another left open', async () => {
    const alone = { alone: true, dedupeKey: `${spec.dedupeKey}-first` };
    stripe.next.push('lost');
    expect(await codeOf(run(alone))).toBe('PROVIDER_ERROR');
    expect(await codeOf(run({ ...alone, dedupeKey: `${spec.dedupeKey}-second`, params: { b: 2 } }))).toBe('done');
    expect([stripe.looks, stripe.calls.length, stripe.commits]).toEqual([1, 2, 2]);
    expect(await intents.known(alone.dedupeKey)).toMatchObject({ state: 'succeeded', params: { a: 1 } });
    expect(await intents.known('nobody knows')).toBeNull();
  });

  it('that was refused stays refused, with the same answer and no second call', async () => {
    stripe.next.push(business('PAYMENT_FAILED', 'declined', { declineCode: 'lost_card' }));
    expect(await codeOf(run())).toBe('PAYMENT_FAILED');
    await expect(run()).rejects.toMatchObject({ code: 'PAYMENT_FAILED', details: { declineCode: 'lost_card' } });
    expect(stripe.calls).toHaveLength(1);
    expect(await rowOf()).toMatchObject({ state: 'failed', lease_until: null });
  });

  it('that was refused may be made again where it says so, under a new key', async () => {
    stripe.next.push(business('PROVIDER_REFUSED', 'no'));
    expect(await codeOf(run({ reopen: true }))).toBe('PROVIDER_REFUSED');
    await age('called_at', 30 * HOUR_MS);
    expect(await codeOf(run({ reopen: true }))).toBe('done');
    expect(stripe.calls.map((key) => key.slice(-2))).toEqual(['-0', '-1']);
    expect(stripe.looks).toBe(0);
  });

  it('whose answer was lost is looked up, and not made twice', async () => {
    stripe.next.push('lost');
    expect(await codeOf(run())).toBe('PROVIDER_ERROR');
    expect(await rowOf()).toMatchObject({ state: 'unknown', lease_until: null, settled_at: null });
    expect(await run()).toMatchObject({ providerId: 'made_1' });
    expect(stripe.calls).toHaveLength(1);
  });

  it('that never arrived is called again under the same key', async () => {
    stripe.next.push(cutOff());
    expect(await codeOf(run())).toBe('PROVIDER_ERROR');
    expect(await codeOf(run())).toBe('done');
    expect(new Set(stripe.calls).size).toBe(1);
    expect(stripe.looks).toBe(1);
  });

  it('answered by a 5xx gets a new key, and only after a look said no', async () => {
    stripe.next.push(failed5xx());
    expect(await codeOf(run())).toBe('PROVIDER_ERROR');
    expect(await codeOf(run())).toBe('done');
    expect(stripe.looks).toBe(1);
    expect(stripe.calls.map((key) => key.slice(-2))).toEqual(['-0', '-1']);
  });

  it('left by a crash in the middle of the call is resumed under the same key when the lease is over', async () => {
    stripe.next.push('lost');
    await codeOf(run());
    await bench.rows("UPDATE provider_intents SET state = 'calling', error_context = NULL WHERE kind = $1", [
      spec.kind,
    ]);
    await age('lease_until', -30_000);
    expect(await codeOf(run())).toBe('REQUEST_IN_PROGRESS');
    await age('lease_until', 1_000);
    expect(await run()).toMatchObject({ providerId: 'made_1' });
    expect(new Set(stripe.calls).size).toBe(1);
  });

  it('older than the key lives is looked up first, and the new key lives its own time', async () => {
    stripe.next.push(cutOff(), cutOff(), cutOff());
    await codeOf(run());
    await age('called_at', 21 * HOUR_MS);
    await codeOf(run());
    await codeOf(run());
    expect(stripe.calls.map((key) => key.slice(-2))).toEqual(['-0', '-1', '-1']);
    expect(stripe.looks).toBe(2);
  });

  it('is begun by nobody whom its guard refuses', async () => {
    const guard = (): Promise<void> => Promise.reject(business('ALREADY', 'already'));
    expect(await codeOf(intents.run(spec, ACTOR, guard))).toBe('ALREADY');
    expect(await bench.rows('SELECT 1 FROM provider_intents WHERE kind = $1', [spec.kind])).toEqual([]);
    expect(stripe.calls).toEqual([]);
  });

  it('tells its guard who it is, and gives back what that took when it is refused, once', async () => {
    const taken: string[] = [];
    const guard = (_tx: Tx, { id }: Intent) => Promise.resolve(void taken.push(id));
    stripe.next.push(business('PROVIDER_REFUSED', 'no'));
    for (let n = 0; n < 2; n++) expect(await codeOf(intents.run(spec, ACTOR, guard))).toBe('PROVIDER_REFUSED');
    expect(taken).toEqual([(await rowOf())['id']]);
    expect(stripe.released).toEqual(taken);
  });

  it('keeps what its guard took while nobody knows, and when it succeeds', async () => {
    stripe.next.push('lost');
    expect(await codeOf(run())).toBe('PROVIDER_ERROR');
    expect(stripe.released).toEqual([]);
    expect(await codeOf(run())).toBe('done');
    expect(stripe.released).toEqual([]);
  });

  it('leaves its outcome out where the commit fails, and finds it again', async () => {
    const commit = stripe.commit.bind(stripe);
    stripe.commit = async (tx) => {
      await commit(tx);
      if (stripe.commits === 1) throw new Error('killed here');
    };
    await expect(run()).rejects.toThrow('killed here');
    expect(await rowOf()).toMatchObject({ state: 'calling', settled_at: null });
    await age('lease_until', 1_000);
    expect(await run()).toMatchObject({ providerId: 'made_1' });
    expect(new Set(stripe.calls).size).toBe(1);
  });
});

describe('a customer who starts a subscription', () => {
  const subscribe = (dedupeKey: string, params: object): Promise<ProviderOutcome> =>
    intents.run({ ...spec, kind: 'subscription.create', dedupeKey, customerId: 'cus_2', params: { ...params } }, ACTOR);

  it('starts one at a time, however many requests with however many keys', async () => {
    stripe = new RecordingProvider('subscription.create');
    intents.register(stripe);
    stripe.next.push(cutOff());
    await codeOf(subscribe('first', { plan: 'A' }));
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => codeOf(subscribe(`other_${i}`, { plan: 'A' }))),
    );
    expect(new Set(codes)).toEqual(new Set(['done', 'REQUEST_IN_PROGRESS']));
    // All that ran under the open intent used its key; any that began after its end is a purchase the guard decides about.
    const first = stripe.calls[0];
    expect(stripe.calls.slice(0, 2)).toEqual([first, first]);
  });
});

describe('the sweeper', () => {
  const stale = async (): Promise<void> => {
    await age('created_at', 100_000);
    await bench.rows('UPDATE provider_intents SET lease_until = NULL WHERE kind = $1', [spec.kind]);
  };

  it('settles by reading what the provider has', async () => {
    stripe.next.push('lost');
    await codeOf(run());
    expect(await intents.resolveStale()).toBe(0);
    await stale();
    expect(await intents.resolveStale()).toBe(1);
    expect(await rowOf()).toMatchObject({ state: 'succeeded', provider_id: 'made_1', error_context: null });
    expect(stripe.calls).toHaveLength(1);
    expect(await intents.resolveStale()).toBe(0);
  });

  it('gives up what the provider never had, and never calls itself', async () => {
    stripe.next.push(cutOff());
    await codeOf(run());
    await stale();
    await Promise.all([intents.resolveStale(), intents.resolveStale()]);
    expect(await rowOf()).toMatchObject({ state: 'failed', error_context: { code: 'INTENT_ABANDONED' } });
    expect(stripe.calls).toHaveLength(1);
    expect(stripe.looks).toBe(1);
    expect(stripe.released).toHaveLength(1);
    expect(await codeOf(run())).toBe('INTENT_ABANDONED');
  });

  it('leaves alone what another holds', async () => {
    await bench.get(UnitOfWork).service(
      (tx) => tx.$executeRaw`
      INSERT INTO provider_intents (id, provider, kind, customer_id, dedupe_key, params, state, lease_until, created_at)
      VALUES (${`int_${serial}`}, 'stripe', ${spec.kind}, 'cus_1', ${spec.dedupeKey}, '{}', 'calling', now() + interval '1 minute', now() - interval '1 hour')`,
    );
    expect(await intents.resolveStale()).toBe(0);
    expect(stripe.looks).toBe(0);
  });
});
