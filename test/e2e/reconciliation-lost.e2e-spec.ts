import { ReconciliationFlow } from '../../src/modules/reconciliation';
import { Buyers } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { fetchAnswer, jsonPost } from '../support/http-client';
import { asUser } from '../support/tokens';
import { until } from '../support/until';

const START = new Date('2026-01-15T10:00:00Z');
const LATER = new Date('2026-02-17T10:00:00Z');

describe('a renewal of which nobody told anything', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: { ROLE: 'all' } });
    await new Buyers(house).subscribe('ada');
  }, 60_000);
  afterAll(() => house.close());

  const reconcile = async (): Promise<{ unresolved: number }> => {
    const window = { provider: 'stripe', from: START.toISOString(), to: '2026-02-17T00:00:00Z' };
    const headers = asUser('fin', 'finance');
    const { body } = await fetchAnswer(`${house.app.url}/v1/reconciliation/runs`, jsonPost(window, headers));
    const id = body['id'] as string;
    const seen = async () => (await fetchAnswer(`${house.app.url}/v1/reconciliation/runs/${id}`, { headers })).body;
    await until('the run has ended', async () => {
      await house.app.app.get(ReconciliationFlow, { strict: false }).work(id);
      return (await seen())['status'] === 'finished';
    });
    await house.settle();
    return (await seen())['counts'] as { unresolved: number };
  };

  it('is missing, asked for, and booked by the next run', async () => {
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
    await house.advance(LATER);
    await house.box.control('PUT', 'chaos', {});
    expect(await reconcile()).toMatchObject({ unresolved: 1 });
    expect(await reconcile()).toMatchObject({ unresolved: 0 });
    const breaks = await house.rows('SELECT type, movement, status FROM reconciliation_breaks');
    expect(breaks).toEqual([{ type: 'missing_here', movement: 'charge', status: 'resolved' }]);
    expect(await house.rows("SELECT 1 FROM payment_support_tickets WHERE type = 'reconciliation_break'")).toEqual([]);
  });
});
