import { Buyers } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { kassa } from '../support/kassa-command';
import { ensureBuilt } from '../support/service-process';

const START = new Date('2026-01-15T10:00:00Z');
const WINDOW = ['--from', '2026-01-15', '--to', '2026-01-17'] as const;

describe('kassa reconcile', () => {
  let house: House;
  beforeAll(async () => {
    ensureBuilt();
    house = await startHouse({ start: START });
    await new Buyers(house).subscribe('ada');
    await house.advance(new Date('2026-01-20T10:00:00Z'));
  }, 120_000);
  afterAll(() => house.close());

  it('says that both sides agree', async () => {
    const { code, stdout } = await kassa(house, 'reconcile', ...WINDOW);
    expect(stdout).toMatch(/1 movements there, 1 here, 0 not ours; 0 breaks, 0 unresolved\n$/);
    expect(code).toBe(0);
  });

  it('takes the last days where it is not told which', async () => {
    const { code, stdout } = await kassa(house, 'reconcile');
    expect(stdout).toContain('stripe from 2026-01-13T00:00:00.000Z to 2026-01-20T00:00:00.000Z: rcn_');
    expect(code).toBe(0);
  });

  it('says what differs, with its exit code too, and a ticket is opened', async () => {
    const [charge] = (await house.box.stripe.balanceTransactions.list({ type: 'charge' })).data;
    await house.box.control('POST', `balance_transactions/${charge!.id}/break`, { kind: 'amount', amount: 2_800 });
    const { code, stdout } = await kassa(house, 'reconcile', ...WINDOW);
    expect(stdout).toMatch(/1 breaks, 1 unresolved\n {2}2026-01-15 USD: net 2686 there, 2786 here\n$/);
    expect(code).toBe(1);
    await house.settle();
    expect(await house.rows("SELECT status FROM payment_support_tickets WHERE type = 'reconciliation_break'")).toEqual([
      { status: 'open' },
    ]);
  });

  it.each([
    [['--from', '2026-01-15'], '--from and --to belong together'],
    [['--from', 'soon', '--to', '2026-01-17'], '--from must be an ISO 8601 date or time'],
    [['--from', '2026-01-15', '--to', '2030-01-17'], 'INVALID_INPUT'],
  ])('refuses %j', async (args, said) => {
    const { code, stderr } = await kassa(house, 'reconcile', ...args);
    expect(stderr).toContain(said);
    expect(code).toBe(1);
  });
});
