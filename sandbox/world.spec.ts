import { MovableClock } from './clock';
import { World, type WorldState } from './world';

const START = 1_800_000_000;

function openWorld(start: number, seed: number, state?: WorldState, secret = 'whsec_given'): World {
  return new World(
    {
      clock: new MovableClock(state?.clock ?? start),
      seed: state?.seed ?? seed,
      publicUrl: 'http://sandbox.test',
      endpoints: [{ url: `http://${secret}.test`, secret, enabledEvents: ['charge.failed'] }],
      delivery: { retryDelaysMs: [], timeoutMs: 1000, concurrency: 1 },
      onChange: () => undefined,
    },
    state,
  );
}

function kept(world: World): WorldState {
  return JSON.parse(JSON.stringify(world.save())) as WorldState;
}

function createCustomer(world: World, key: string): object {
  const fingerprint = 'POST /v1/customers {}';
  const replay = world.idempotency.begin(key, fingerprint);
  if (replay) return replay.body;
  const request = { id: 'req_1', ids: {}, params: {}, idempotencyKey: key };
  const body = world.route('POST', '/v1/customers')?.handle(request) ?? {};
  world.idempotency.finish(key, { status: 200, body, requestId: 'req_1' });
  return body;
}

describe('the state of a world', () => {
  it('goes on in another world exactly as in its own', () => {
    const own = openWorld(START, 3);
    const extra = own.endpoints.add({ url: 'http://other.test', enabledEvents: ['charge.*'] });
    own.endpoints.rotate(extra, 3600);
    own.chaos.set({
      api: [{ fault: 'error_429', times: 2 }],
      webhooks: [{ fault: 'delay', delayMs: 5, rate: 0.5 }],
    });
    own.chaos.forRequest('POST', '/v1/customers');
    own.chaos.forEvent('charge.failed');
    const first = createCustomer(own, 'k1');
    own.idempotency.begin('never answered', 'POST /v1/customers {}');
    own.moveClock(START + 100);

    const state = kept(own);
    const other = openWorld(0, 4, state);
    expect(kept(other)).toEqual(state);
    expect(other.clock.now()).toBe(START + 100);
    expect(createCustomer(other, 'k1')).toEqual(first);
    expect(other.idempotency.begin('never answered', 'POST /v1/customers {}')).toBeUndefined();
    const [faults, calm] = [1, 2].map(() => other.chaos.forRequest('POST', '/v1/customers').fault);
    expect([faults, calm]).toEqual(['error_429', null]);
    const dice = (world: World): number[] => Array.from({ length: 20 }, () => world.chaos.forEvent('a').delayMs);
    expect(dice(other)).toEqual(dice(own));
    expect(createCustomer(other, 'k2')).toEqual(createCustomer(own, 'k2'));
    expect(other.events.all()).toEqual(own.events.all());
    expect(other.endpoints.list()).toEqual(own.endpoints.list());
  });

  it('moves the endpoints of its start to where they are given now, and leaves the others', () => {
    const own = openWorld(START, 3, undefined, 'whsec_before');
    own.endpoints.add({ url: 'http://other.test', secret: 'whsec_other' });
    const other = openWorld(START, 3, kept(own), 'whsec_now');
    expect(other.endpoints.list()).toMatchObject([
      { id: own.endpoints.list()[0]?.id, url: 'http://whsec_now.test', secrets: [{ value: 'whsec_now' }] },
      { url: 'http://other.test', secrets: [{ value: 'whsec_other' }] },
    ]);
    expect(kept(other).endpoints.given).toHaveLength(1);
  });
});
