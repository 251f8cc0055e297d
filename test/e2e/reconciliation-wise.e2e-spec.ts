import { randomBytes, randomUUID } from 'node:crypto';
import { ReconciliationFlow } from '../../src/modules/reconciliation';
import { Books } from '../support/books';
import { startHouse, type House } from '../support/house';
import { ADA, payoutsDesk } from '../support/payouts';
import { reconcile, type ReconciledRun } from '../support/reconciled';
import { rebuildHouse, verifyHouse } from '../support/verified';
import { openWise, wiseSettings } from '../support/wise';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Break {
  type: string;
  status: string;
  movement: string;
  objectId: string | null;
  difference: number | null;
}
interface Movement {
  id: number;
  kind: string;
  amount: number;
  fee: number;
  at: number;
  reference: string;
  transferId: number | null;
}
interface WiseBook {
  movements: Movement[];
  transfers: { id: number; targetAccount: number }[];
}

const YEN = {
  ...{ name: 'Yoko Ito', currency: 'JPY', type: 'japanese' },
  details: {
    legalType: 'PRIVATE',
    bankCode: '0001',
    branchCode: '123',
    accountType: 'CURRENT',
    accountNumber: '1234567',
  },
};

describe('Wise’s account of our balances against the books', () => {
  let house: House;
  let desk: ReturnType<typeof payoutsDesk>;
  let books: Books;
  let start: Date;

  beforeAll(async () => {
    house = await startHouse({
      settings: async (box) => ({
        ENCRYPTION_KEYS: randomBytes(32).toString('base64'),
        ...(await wiseSettings(box)),
      }),
    });
    await openWise(house, { USD: 5_000_000, EUR: 500_000 });
    await house.settle();
    desk = payoutsDesk(house);
    books = new Books(house);
    start = new Date((await now()).getTime() - HOUR_MS);
  }, 60_000);
  afterAll(() => house.close());

  const now = async (): Promise<Date> =>
    new Date((await house.box.control<{ now: number }>('GET', 'clock')).now * 1000);
  const later = async (ms: number): Promise<void> => {
    // What is to be done now is done before the time passes.
    await house.settle();
    await house.advance(new Date((await now()).getTime() + ms));
  };
  const approved = async (body = {}): Promise<string> => {
    const { status, body: answer } = await desk.prepare({ amount: 50_000, ...body });
    expect({ status, error: answer.error }).toEqual({ status: 201, error: undefined });
    const id = answer['payoutId'] as string;
    expect(await desk.approve(id)).toMatchObject({ status: 200 });
    await house.settle();
    return id;
  };
  const transferOf = async (id: string): Promise<string> => (await desk.payout(id))['providerId'] as string;
  const move = async (id: string, state: string, more = {}): Promise<void> => {
    await house.box.control('POST', `wise/transfers/${await transferOf(id)}/state`, { state, ...more });
    await house.settle();
  };
  const slip = async ({ id }: Movement, kind: 'restate' | 'repeat' | 'lose', change = {}): Promise<void> => {
    await house.box.control('POST', `wise/movements/${id}/${kind}`, kind === 'restate' ? change : undefined);
  };
  const paymentOf = async (id: string): Promise<Movement> => {
    const { movements } = await house.box.control<WiseBook>('GET', 'wise/book');
    const transferId = Number(await transferOf(id));
    const found = movements.find((one) => one.transferId === transferId && one.amount < 0);
    if (!found) throw new Error(`nobody has paid for ${id}`);
    return found;
  };
  const compare = async (from = start): Promise<ReconciledRun> =>
    reconcile(house, 'wise', from, new Date((await now()).getTime() - 1_000));
  const breaksOf = async ({ id }: ReconciledRun): Promise<Break[]> =>
    (await books.call('GET', `/reconciliation/runs/${id}/breaks`)).body['data'] as Break[];
  const shown = async (run: ReconciledRun): Promise<unknown[]> =>
    (await breaksOf(run)).map(({ type, movement, status, difference }) => [type, movement, status, difference]).sort();
  /** Nobody is told of what is done. */
  const unheard = async <T>(work: () => Promise<T>): Promise<T> => {
    await house.box.control('PUT', 'chaos', { webhooks: [{ fault: 'drop' }] });
    const done = await work();
    await house.box.control('POST', 'deliveries/flush', { hurry: true });
    await house.box.control('PUT', 'chaos', {});
    return done;
  };

  it('agrees over a month of payouts, to the cent, in every currency', async () => {
    await approved();
    await approved({ beneficiary: YEN, currency: 'JPY', amount: 90_000 });
    await approved({ sourceCurrency: 'EUR' });
    const [whole, part, chargedBack] = [await approved(), await approved(), await approved()];
    const canceled = await approved();
    await move(canceled, 'cancelled');
    await later(10 * DAY_MS);
    await move(whole, 'bounced_back');
    await move(whole, 'funds_refunded');
    await move(part, 'bounced_back');
    await move(chargedBack, 'charged_back', { returned: 0 });
    await later(5 * DAY_MS);
    await move(part, 'funds_refunded', { returned: 40_000 });
    await house.box.control('POST', 'wise/balances', { currency: 'USD', amount: 123_456 });
    await house.box.control('POST', 'wise/balances', { currency: 'EUR', amount: -1_000 });
    const rejected = (await desk.prepare()).body['payoutId'] as string;
    await desk.call('checker', 'POST', `/payouts/${rejected}/reject`, { reason: 'Paid by hand' });
    await desk.prepare();
    await later(15 * DAY_MS);
    const run = await compare();
    expect(await breaksOf(run)).toEqual([]);
    // Deposits: the two first, one more, one back; seven payments, three of which came back.
    expect(run.counts).toEqual({ providerLines: 14, bookLines: 14, foreign: 0, breaks: 0, unresolved: 0 });
    expect(new Set(run.totals.map(({ currency }) => currency))).toEqual(new Set(['EUR', 'USD']));
    for (const { provider, books: own } of run.totals) expect(own).toEqual(provider);
  });

  it('has read and booked what nobody told of: money of our own, one that was paid by hand, and one that came back', async () => {
    const from = await now();
    const bounced = await approved();
    await house.box.control('POST', 'wise/policy', { strongAuthentication: true });
    const byHand = await approved();
    await later(DAY_MS);
    expect(await desk.payout(byHand)).toMatchObject({ status: 'requires_manual_funding' });
    expect(await desk.payout(bounced)).toMatchObject({ status: 'paid' });
    await unheard(async () => {
      await house.box.control('POST', 'wise/policy', { strongAuthentication: false });
      await house.box.control('POST', `wise/transfers/${await transferOf(byHand)}/fund`, {});
      await move(bounced, 'bounced_back');
      await house.box.control('POST', 'wise/balances', { currency: 'USD', amount: 77_000 });
      await later(3 * DAY_MS);
    });
    const { amount } = await paymentOf(byHand);
    expect(await shown(await compare(from))).toEqual([
      ['missing_here', 'deposit', 'repairing', 77_000],
      ['missing_here', 'payout', 'repairing', amount],
      ['status', 'payout', 'repairing', 0],
    ]);
    expect(await desk.payout(byHand)).toMatchObject({ status: 'paid' });
    expect(await desk.payout(bounced)).toMatchObject({ status: 'bounced' });
    const again = await compare(from);
    expect(await breaksOf(again)).toEqual([]);
    for (const { provider, books: own } of again.totals) expect(own).toEqual(provider);
    expect(await tickets()).toEqual([]);
    await move(bounced, 'funds_refunded');
  });

  const tickets = (): Promise<unknown[]> =>
    house.rows("SELECT status FROM payment_support_tickets WHERE type = 'reconciliation_break'");

  it('finds each slip of its statement once, and resolves it when it is corrected', async () => {
    const from = await now();
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) ids.push(await approved());
    await later(10 * DAY_MS);
    const [amount, fee, currency, date, lost, twice] = (await Promise.all(ids.map(paymentOf))) as [
      ...[Movement, Movement, Movement, Movement, Movement, Movement],
    ];
    await slip(amount, 'restate', { amount: amount.amount - 1 });
    await slip(fee, 'restate', { fee: fee.fee + 25 });
    await slip(currency, 'restate', { currency: 'EUR' });
    await slip(date, 'restate', { at: date.at + 3 * DAY_MS });
    await slip(lost, 'lose');
    await slip(twice, 'repeat');
    const charge = { currency: 'USD', amount: 550 };
    await house.box.control('POST', 'wise/charges', charge);
    await later(DAY_MS);
    const run = await compare(from);
    expect(await shown(run)).toEqual(
      [
        ['amount', 'payout', 'open', -1],
        ['amount', 'payout', 'open', 0],
        ['currency', 'payout', 'open', null],
        ['date', 'payout', 'open', 0],
        ['missing_there', 'payout', 'open', -lost.amount],
        ['duplicate', 'payout', 'open', twice.amount],
        ['missing_here', 'fee', 'open', -550],
      ].sort(),
    );
    expect(await tickets()).toEqual(Array(7).fill({ status: 'open' }));
    const again = await compare(from);
    expect([again.counts, again.totals]).toEqual([run.counts, run.totals]);
    expect(await tickets()).toHaveLength(7);
    await slip(amount, 'restate', { amount: amount.amount });
    await slip(fee, 'restate', { fee: fee.fee });
    await slip(currency, 'restate', { currency: 'USD' });
    await slip(date, 'restate', { at: date.at });
    expect((await compare(from)).counts).toMatchObject({ breaks: 3, unresolved: 3 });
    expect(
      await house.rows('SELECT count(*)::int AS open FROM reconciliation_breaks WHERE status = $1', ['open']),
    ).toEqual([{ open: 3 }]);
  });

  it('finds a transfer that somebody made at Wise itself, and asks people', async () => {
    const from = await now();
    const { apiBase, token, profileId } = await house.box.control<Record<string, string>>('GET', 'wise/credentials');
    const atWise = async (path: string, body: object): Promise<Record<string, unknown>> => {
      const headers = { authorization: `Bearer ${String(token)}`, 'content-type': 'application/json' };
      const answer = await fetch(`${String(apiBase)}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.status).toBe(200);
      return (await answer.json()) as Record<string, unknown>;
    };
    const { transfers } = await house.box.control<WiseBook>('GET', 'wise/book');
    const targetAccount = transfers.at(-1)?.targetAccount;
    const quote = { sourceCurrency: 'USD', targetCurrency: ADA.currency, targetAmount: 33, targetAccount };
    const { id: quoteUuid } = await atWise(`/v3/profiles/${String(profileId)}/quotes`, quote);
    const id = await unheard(async () => {
      const order = { targetAccount, quoteUuid, customerTransactionId: randomUUID(), details: {} };
      const made = (await atWise('/v1/transfers', order))['id'];
      await house.box.control('POST', `wise/transfers/${String(made)}/fund`, {});
      await later(DAY_MS);
      return made;
    });
    const found = await breaksOf(await compare(from));
    expect(found).toMatchObject([{ type: 'missing_here', movement: 'payout', objectId: String(id) }]);
    const before = (await tickets()).length;
    expect(await breaksOf(await compare(from))).toMatchObject([{ type: 'missing_here', status: 'open' }]);
    expect(await tickets()).toHaveLength(before + 1);
  });

  it('fails clearly where Wise shows no statement without a person, and invents nothing', async () => {
    await house.box.control('POST', 'wise/policy', { statementAuthentication: true });
    const known = await house.rows('SELECT id, status FROM reconciliation_breaks ORDER BY id');
    const range = { from: start.toISOString(), to: (await now()).toISOString() };
    const begun = await books.call('POST', '/reconciliation/runs', { provider: 'wise', ...range });
    const id = begun.body['id'] as string;
    const flow = house.app.app.get(ReconciliationFlow, { strict: false });
    await flow.work(id);
    const run = async (): Promise<unknown> => (await books.call('GET', `/reconciliation/runs/${id}`)).body;
    expect(await run()).toMatchObject({ status: 'running', error: { code: 'PROVIDER_APPROVAL_REQUIRED' } });
    for (let attempt = 2; attempt <= 6; attempt += 1) await flow.work(id);
    expect(await run()).toMatchObject({
      status: 'failed',
      error: { code: 'PROVIDER_APPROVAL_REQUIRED' },
      counts: null,
    });
    expect(await house.rows('SELECT id, status FROM reconciliation_breaks ORDER BY id')).toEqual(known);
    expect(
      await house.rows("SELECT details ->> 'code' AS code FROM alerts WHERE cause_key = 'reconciliation.failed:wise'"),
    ).toEqual([{ code: 'PROVIDER_APPROVAL_REQUIRED' }]);
    await house.box.control('POST', 'wise/policy', { statementAuthentication: false });
  });

  it('leaves books that hold, and that its facts tell in any order', async () => {
    expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  });

  it('leaves books that can be made anew from the facts alone', async () => {
    const { differences, compared } = await rebuildHouse(house);
    expect(differences).toBe(0);
    expect(compared).toMatchObject({ transfers: 15 });
  });
});
