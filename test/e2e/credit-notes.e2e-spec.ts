import { randomUUID } from 'node:crypto';
import { Books } from '../support/books';
import { Buyers, sumsOfBooks } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { expectRefusal, type Answer } from '../support/http-client';
import { verifyHouse } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const PRO = 2_900;

interface InvoiceBody {
  id: string;
  status: string;
  amountDue: number;
}

describe('credit notes and payouts', () => {
  let house: House;
  let buyers: Buyers;
  let books: Books;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
    books = new Books(house);
  }, 30_000);
  afterAll(() => house.close());

  const later = async (ms: number) => {
    moved = new Date(moved.getTime() + ms);
    await house.advance(moved);
  };
  const invoiceOf = async (user: string): Promise<InvoiceBody> => {
    const { body } = await house.as(user, 'GET', '/billing/invoices');
    return (body['data'] as InvoiceBody[])[0]!;
  };
  const credit = async (user: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
    books.call('POST', `/admin/invoices/${(await invoiceOf(user)).id}/credit-notes`, body, headers);

  it('of a paid invoice becomes credit, which the next one uses up', async () => {
    await buyers.subscribe('credited');
    const before = await books.balances();
    const made = await credit('credited', { amount: 1_000, target: 'credit', reason: 'product_unsatisfactory' });
    expect(made).toMatchObject({
      status: 201,
      body: { total: 1_000, credited: 1_000, owed: 0, refunded: 0, outOfBand: 0, status: 'issued', tax: 0 },
    });
    await house.settle();
    expect(await books.movedSince(before)).toEqual({ 'revenue.refunds': 1_000, 'customer.credit': -1_000 });
    await later(32 * DAY_MS);
    expect(await invoiceOf('credited')).toMatchObject({
      status: 'paid',
      amountDue: PRO - 1_000,
      amountPaid: PRO - 1_000,
    });
    expect((await books.movedSince(before))['customer.credit']).toBeUndefined();
  });

  it('of a paid invoice goes back in money, once in the books', async () => {
    await buyers.subscribe('refunded');
    const before = await books.balances();
    expect((await credit('refunded', { amount: 900, target: 'refund' })).body).toMatchObject({ refunded: 900 });
    await house.settle();
    expect(await books.movedSince(before)).toEqual({ 'revenue.refunds': 900, 'stripe.clearing': -900 });
    expect(await invoiceOf('refunded')).toMatchObject({ amountRefunded: 900 });
  });

  it('of a paid invoice is paid outside', async () => {
    await buyers.subscribe('outside');
    const before = await books.balances();
    expect((await credit('outside', { amount: 700, target: 'out_of_band' })).status).toBe(201);
    await house.settle();
    expect(await books.movedSince(before)).toEqual({ 'revenue.refunds': 700, 'bank.clearing': -700 });
    expectRefusal(await credit('outside', { amount: PRO, target: 'credit' }), 422, 'CREDIT_NOTE_EXCEEDS_INVOICE');
    expectRefusal(await credit('outside', { amount: PRO + 1, target: 'credit' }), 422, 'CREDIT_NOTE_EXCEEDS_INVOICE');
    expectRefusal(await credit('outside', { amount: 5, target: 'owed' }), 422, 'INVALID_STATE_TRANSITION');
  });

  it('of an open invoice lowers what is owed, and is taken back; a void invoice leaves nothing', async () => {
    const { card } = await buyers.subscribe('debtor');
    await buyers.cardIs(card, 'insufficient_funds');
    await later(32 * DAY_MS);
    const before = await books.balances();
    const open = await invoiceOf('debtor');
    expect(open).toMatchObject({ status: 'open', amountDue: PRO });
    const note = await credit('debtor', { amount: 400, target: 'owed' });
    expect(note).toMatchObject({ status: 201, body: { owed: 400, total: 400 } });
    await house.settle();
    expect(await invoiceOf('debtor')).toMatchObject({ amountDue: PRO - 400 });
    expect(await books.movedSince(before)).toEqual({ 'revenue.refunds': 400, 'customer.receivable': -400 });
    const taken = await books.call('POST', `/admin/credit-notes/${String(note.body['id'])}/void`, {});
    expect(taken).toMatchObject({ status: 200, body: { status: 'void' } });
    await house.settle();
    expect(await books.movedSince(before)).toEqual({});
    expectRefusal(
      await books.call('POST', `/admin/credit-notes/${String(note.body['id'])}/void`, {}),
      422,
      'INVALID_STATE_TRANSITION',
    );
    expect((await credit('debtor', { amount: 500, target: 'owed' })).status).toBe(201);
    expect((await books.call('POST', `/admin/invoices/${open.id}/void`, { reason: 'gone' })).status).toBe(200);
    await house.settle();
    const { 'customer.receivable': receivable, 'revenue.deferred': deferred } = await books.movedSince(before);
    expect({ receivable, deferred }).toEqual({ receivable: -PRO, deferred: PRO - 500 });
    const listed = await books.call('GET', `/admin/invoices/${open.id}/credit-notes`);
    expect((listed.body as unknown as { status: string }[]).map(({ status }) => status)).toEqual(['void', 'issued']);
  });

  it('sent twice under a key is issued once', async () => {
    await buyers.subscribe('twice');
    const key = { 'idempotency-key': randomUUID() };
    const body = { amount: 100, target: 'credit' };
    const [one, two] = [await credit('twice', body, key), await credit('twice', body, key)];
    expect(one.status).toBe(201);
    expect(two.body).toEqual(one.body);
  });

  it.each<[string, object]>([
    ['zero', { amount: 0 }],
    ['less than nothing', { amount: -1 }],
    ['a fraction', { amount: 0.5 }],
    ['2^53', { amount: 2 ** 53 }],
    ['no target', { target: undefined }],
    ['a target of its own', { target: 'charity' }],
    ['a reason of its own', { reason: 'because' }],
    ['an unknown field', { force: true }],
  ])('refuses %s', async (_what, more) => {
    expectRefusal(await credit('twice', { amount: 5, target: 'credit', ...more }), 400, 'INVALID_INPUT');
  });

  it('knows only invoices and notes that are', async () => {
    const none = await books.call('POST', '/admin/invoices/inv_none/credit-notes', { amount: 5, target: 'credit' });
    expectRefusal(none, 404, 'INVOICE_NOT_FOUND');
    expectRefusal(await books.call('POST', '/admin/credit-notes/crn_none/void', {}), 404, 'CREDIT_NOTE_NOT_FOUND');
  });

  it('books what Stripe pays out, and what comes back', async () => {
    await later(3 * DAY_MS);
    const before = await books.balances();
    const { stripe } = house.box;
    const sent = await stripe.payouts.create({ amount: 2_000, currency: 'usd' });
    await house.settle();
    expect(await books.movedSince(before)).toEqual({ 'stripe.clearing': -2_000, 'payouts.transit': 2_000 });
    await later(3 * DAY_MS);
    expect(await books.movedSince(before)).toMatchObject({ 'bank.account': 2_000 });
    expect((await books.movedSince(before))['payouts.transit']).toBeUndefined();
    await house.box.control('POST', `payouts/${sent.id}/fail`, { code: 'account_closed' });
    await house.settle();
    expect((await books.movedSince(before))['bank.account']).toBeUndefined();
    expect(await house.rows("SELECT severity FROM alerts WHERE kind = 'provider_payout.failed'")).toEqual([
      { severity: 'critical' },
    ]);
    expect(await house.rows('SELECT status, failure_code FROM provider_payouts')).toEqual([
      { status: 'failed', failure_code: 'account_closed' },
    ]);
  });

  it('leaves books that balance, and nothing that the order of events could change', async () => {
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
    expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  }, 60_000);
});
