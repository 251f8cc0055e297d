import { databaseDigest } from '../support/database-digest';
import { startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { kassa } from '../support/kassa-command';
import { ensureBuilt } from '../support/service-process';
import { postWebhook, stripeEvent, stripeSignature } from '../support/stripe-events';

describe('kassa events replay', () => {
  let house: House;
  let id: string;
  beforeAll(async () => {
    ensureBuilt();
    house = await startHouse({ settings: { ROLE: 'api' } });
    const body = JSON.stringify(stripeEvent('invoice.paid', { object: 'invoice', id: 'in_absurd' }));
    const signature = stripeSignature(body, WEBHOOK_SECRET);
    id = (await postWebhook(`${house.app.url}/v1/webhooks/stripe`, body, signature)).body['id'] as string;
    await house.settle();
  }, 120_000);
  afterAll(() => house.close());

  const row = async () => (await house.rows('SELECT status, replay_count FROM inbox_events WHERE id = $1', [id]))[0];

  it('tries an event and changes nothing', async () => {
    const before = await databaseDigest(house.rows);
    const { code, stdout } = await kassa(house, 'events', 'replay', id, '--dry-run');
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', error: { code: 'SCHEMA_VALIDATION' }, changes: [] });
    expect(code).toBe(1);
    expect(await databaseDigest(house.rows)).toEqual(before);
  });

  it('puts one event back, and all that match, and leaves the work to the workers', async () => {
    expect(await kassa(house, 'events', 'replay', id)).toMatchObject({ code: 0, stdout: `${id} is handled again\n` });
    expect(await row()).toEqual({ status: 'received', replay_count: 1 });
    await house.settle();
    const filter = ['--status', 'failed,retrying', '--type', 'invoice.paid', '--from', '2026-01-01', '--limit', '10'];
    expect((await kassa(house, 'events', 'replay', ...filter, '--dry-run')).stdout).toBe('1 events match\n');
    expect(await row()).toEqual({ status: 'failed', replay_count: 1 });
    expect((await kassa(house, 'events', 'replay', ...filter)).stdout).toBe('1 events are handled again\n');
    expect(await row()).toEqual({ status: 'received', replay_count: 2 });
    const audit = await house.rows(
      "SELECT actor_type, action FROM audit_log WHERE action LIKE 'webhook_event.%' ORDER BY seq",
    );
    expect(audit).toEqual([
      { actor_type: 'system', action: 'webhook_event.replay' },
      { actor_type: 'system', action: 'webhook_event.replay_matching' },
    ]);
  });

  it.each([
    [['evt_x'], 'EVENT_NOT_FOUND'],
    [[], 'INVALID_INPUT'],
    [['--limit', '0'], '--limit'],
    [['--status', 'lost'], '--status'],
    [['--from', 'yesterday'], '--from'],
    [['evt_x', '--type', 'invoice.paid'], 'either one event'],
  ])('refuses %j', async (args, reason) => {
    const { code, stderr, stdout } = await kassa(house, 'events', 'replay', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(reason);
  });

  it('tells what there is', async () => {
    const { code, stderr } = await kassa(house, 'events');
    expect(code).toBe(1);
    expect(stderr).toContain('replay');
  });
});
