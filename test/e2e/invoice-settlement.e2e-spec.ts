import { randomUUID } from 'node:crypto';
import { Buyers, sumsOfBooks, type Buyer } from '../support/buyers';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { asUser } from '../support/tokens';
import { booksHold } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;

describe('settling an invoice', () => {
  let house: House;
  let buyers: Buyers;
  const accounts: Record<string, Buyer> = {};
  const USERS = [
    'retrier',
    'stubborn',
    'lost-lose_answer',
    'lost-error_500_after',
    'crowd',
    'voided',
    'given-up',
    'outside',
    'other-card',
    'cardless',
  ];

  /** Everybody's renewal has been declined. */
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
    for (const user of USERS) accounts[user] = await buyers.subscribe(user);
    for (const user of USERS) await buyers.cardIs(accounts[user]!.card, 'insufficient_funds');
    await house.advance(new Date(START.getTime() + 31.2 * DAY_MS));
  }, 60_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  interface Listed {
    id: string;
    status: string;
    providerId: string;
    attemptCount: number;
  }
  /** Newest first. */
  const invoices = async (user: string) => (await house.as(user, 'GET', '/billing/invoices')).body['data'] as Listed[];
  const open = async (user: string) => (await invoices(user)).find(({ status }) => status === 'open')!;
  const retry = (user: string, id: string, body: object = {}, headers: Record<string, string> = {}) =>
    house.as(user, 'POST', `/billing/invoices/${id}/retry`, body, headers);
  const desk = (id: string, action: string, body: unknown = { reason: 'As agreed' }, roles = ['finance']) =>
    fetchAnswer(`${house.app.url}/v1/admin/invoices/${id}/${action}`, jsonPost(body, asUser('treasurer', ...roles)));
  const entries = async (invoiceId: string) => {
    const rows = await house.rows<{ line: string }>(
      `SELECT t.type || ' ' || e.account_code || ' ' || e.amount AS line FROM journal_entries e
       JOIN journal_transactions t ON t.id = e.transaction_id WHERE t.ref_id = $1 ORDER BY 1`,
      [invoiceId],
    );
    return rows.map(({ line }) => line);
  };
  const expectBooksBalance = async () => {
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
  };

  it('shows an invoice with its lines and links, to its owner alone', async () => {
    const invoice = await open('retrier');
    const shown = await house.as('retrier', 'GET', `/billing/invoices/${invoice.id}`);
    expect(shown.status).toBe(200);
    expect(shown.body).toEqual(invoice);
    expect(shown.body).toMatchObject({
      status: 'open',
      amountDue: 2_900,
      currency: 'USD',
      tax: 0,
      lines: [{ amount: 2_900, currency: 'USD', quantity: 1, proration: false }],
      hostedUrl: expect.stringContaining('http') as string,
      pdfUrl: expect.stringContaining('http') as string,
    });
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/retry'],
    ] as const) {
      const body = method === 'POST' ? {} : undefined;
      for (const user of ['stubborn', 'nobody']) {
        const answer = await house.as(user, method, `/billing/invoices/${invoice.id}${path}`, body);
        expectRefusal(answer, 404, 'INVOICE_NOT_FOUND');
      }
      for (const id of ['inv_1', invoice.providerId, "x' OR '1'='1", '..%2f..%2fadmin', 'i'.repeat(90)]) {
        const answer = await house.as('retrier', method, `/billing/invoices/${encodeURIComponent(id)}${path}`, body);
        expectRefusal(answer, 404, 'INVOICE_NOT_FOUND');
      }
      expectRefusal(await house.as('retrier', method, `/billing/invoices/inv_%00${path}`, body), 400, 'INVALID_INPUT');
      const long = await house.as('retrier', method, `/billing/invoices/${'i'.repeat(10_240)}${path}`, body);
      expect([404, 414]).toContain(long.status);
    }
  });

  it('says why a retry was declined, and pays when the card works again', async () => {
    const invoice = await open('retrier');
    const declined = await retry('retrier', invoice.id);
    expectRefusal(declined, 422, 'PAYMENT_FAILED');
    expect(declined.body.error!.details).toMatchObject({ declineCode: 'insufficient_funds' });
    expect((await invoices('retrier')).find(({ id }) => id === invoice.id)).toMatchObject({ status: 'open' });
    await buyers.cardIs(accounts['retrier']!.card, 'succeeds');
    const paid = await retry('retrier', invoice.id);
    expect(paid).toMatchObject({ status: 200, body: { status: 'paid', attempt: 1 } });
    await house.settle();
    expect(await buyers.mine('retrier')).toMatchObject({ status: 'active' });
    expect(await entries(invoice.id)).toContain('invoice.paid stripe.clearing 2900');
    expectRefusal(await retry('retrier', invoice.id), 422, 'INVALID_STATE_TRANSITION');
    await expectBooksBalance();
  });

  it("pays with another card of the customer's own, and with nobody else's", async () => {
    const invoice = await open('other-card');
    const { stripe } = house.box;
    const { customer } = accounts['other-card']!;
    const card = await stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    const foreign = await retry('other-card', invoice.id, { paymentMethodId: accounts['stubborn']!.card });
    expectRefusal(foreign, 404, 'PAYMENT_METHOD_NOT_FOUND');
    expect(await retry('other-card', invoice.id, { paymentMethodId: card.id })).toMatchObject({
      body: { status: 'paid' },
    });
    await house.settle();
  });

  it('asks for a card where there is none', async () => {
    const invoice = await open('cardless');
    await house.box.stripe.paymentMethods.detach(accounts['cardless']!.card);
    await house.settle();
    expectRefusal(await retry('cardless', invoice.id), 422, 'PAYMENT_METHOD_REQUIRED');
  });

  it.each<[string, unknown]>([
    ['an amount', { amount: 1 }],
    ['a status', { status: 'paid' }],
    ['a method that is a path', { paymentMethodId: 'pm_/../x' }],
    ['a list', []],
  ])('refuses %s', async (_what, body) => {
    expectRefusal(await retry('stubborn', (await open('stubborn')).id, body as object), 400, 'INVALID_INPUT');
  });

  it.each(['lose_answer', 'error_500_after'])('pays once when %s strikes', async (fault) => {
    const user = `lost-${fault}`;
    await buyers.cardIs(accounts[user]!.card, 'succeeds');
    const invoice = await open(user);
    const headers = { 'idempotency-key': randomUUID() };
    await house.box.control('PUT', 'chaos', { api: [{ fault, method: 'POST', pathPrefix: '/v1/invoices', times: 6 }] });
    expect([502, 503]).toContain((await retry(user, invoice.id, {}, headers)).status);
    await house.box.control('PUT', 'chaos', {});
    await house.settle();
    expect(await retry(user, invoice.id, {}, headers)).toMatchObject({ status: 200, body: { status: 'paid' } });
    const charges = await house.box.stripe.charges.list({ customer: accounts[user]!.customer, limit: 100 });
    expect(charges.data.filter(({ status }) => status === 'succeeded')).toHaveLength(2);
  });

  it('pays once of 20 requests at once', async () => {
    await buyers.cardIs(accounts['crowd']!.card, 'succeeds');
    const invoice = await open('crowd');
    const answers: Answer[] = await Promise.all(
      Array.from({ length: 20 }, (_, n) => retry('crowd', invoice.id, {}, { 'idempotency-key': `k-${n}` })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers) {
      if (status === 200) continue;
      expect(['REQUEST_IN_PROGRESS', 'INVALID_STATE_TRANSITION', 'TRY_AGAIN']).toContain(body.error?.code);
    }
    await house.settle();
    const charges = await house.box.stripe.charges.list({ customer: accounts['crowd']!.customer, limit: 100 });
    expect(charges.data.filter(({ status }) => status === 'succeeded')).toHaveLength(2);
  });

  it('makes an invoice void, and the receivable with it', async () => {
    const { id } = await open('voided');
    expect(await desk(id, 'void')).toMatchObject({ status: 200, body: { id, status: 'void' } });
    await house.settle();
    expect(await entries(id)).toEqual(expect.arrayContaining(['invoice.voided customer.receivable -2900']));
    for (const action of ['void', 'mark-uncollectible', 'pay-out-of-band']) {
      expectRefusal(await desk(id, action), 422, 'INVALID_STATE_TRANSITION');
    }
    expectRefusal(await retry('voided', id), 422, 'INVALID_STATE_TRANSITION');
    await expectBooksBalance();
  });

  it('gives an invoice up, and takes a late payment all the same', async () => {
    const { id, providerId } = await open('given-up');
    expect(await desk(id, 'mark-uncollectible')).toMatchObject({ status: 200, body: { status: 'uncollectible' } });
    await house.settle();
    expect(await entries(id)).toContain('invoice.uncollectible bad_debt.expense 2900');
    expectRefusal(await desk(id, 'mark-uncollectible'), 422, 'INVALID_STATE_TRANSITION');
    // By Stripe's dashboard: what the note takes off is no bad debt any more.
    await house.box.stripe.creditNotes.create({ invoice: providerId, amount: 900 });
    await house.settle();
    expect(await entries(id)).toContain('invoice.uncollectible_credited bad_debt.expense -900');
    expect(await desk(id, 'pay-out-of-band')).toMatchObject({ status: 200, body: { status: 'paid' } });
    await house.settle();
    expect(await entries(id)).toEqual(
      expect.arrayContaining([
        'invoice.uncollectible.reversed bad_debt.expense -2900',
        'invoice.uncollectible_credited.reversed bad_debt.expense 900',
        'invoice.paid customer.receivable -2000',
      ]),
    );
    await expectBooksBalance();
  });

  it('books what was paid elsewhere to the bank, in whatever order it is told', async () => {
    const { id } = await open('outside');
    const before = await house.rows<{ sum: string }>(
      "SELECT sum(amount)::text AS sum FROM journal_entries WHERE account_code = 'stripe.clearing'",
    );
    const answer = await desk(id, 'pay-out-of-band', { reason: 'Bank transfer of 12 Feb' });
    expect(answer).toMatchObject({ status: 200, body: { status: 'paid', amountPaid: 2_900 } });
    await house.settle();
    expect(await entries(id)).toEqual(
      expect.arrayContaining([
        'invoice.paid_elsewhere bank.clearing 2900',
        'invoice.paid_elsewhere stripe.clearing -2900',
      ]),
    );
    const after = await house.rows<{ sum: string }>(
      "SELECT sum(amount)::text AS sum FROM journal_entries WHERE account_code = 'stripe.clearing'",
    );
    expect(after).toEqual(before);
    expect(await buyers.mine('outside')).toMatchObject({ status: 'active' });
    const audit = await house.rows(
      "SELECT actor_id, action, after FROM audit_log WHERE object_id = $1 AND action LIKE 'invoice.%'",
      [id],
    );
    expect(audit).toMatchObject([
      { actor_id: 'treasurer', action: 'invoice.pay_out_of_band', after: { reason: 'Bank transfer of 12 Feb' } },
    ]);
    await expectBooksBalance();
  });

  it('lets only finance do it, with a reason', async () => {
    const { id } = await open('stubborn');
    for (const action of ['void', 'mark-uncollectible', 'pay-out-of-band']) {
      for (const roles of [[], ['support'], ['admin']]) {
        expectRefusal(await desk(id, action, { reason: 'r' }, roles), 403, 'INSUFFICIENT_PERMISSIONS');
      }
      for (const body of [{}, { reason: '' }, { reason: 'x'.repeat(501) }, { reason: 1 }, { reason: 'r', amount: 1 }]) {
        expectRefusal(await desk(id, action, body), 400, 'INVALID_INPUT');
      }
      for (const unknown of ['inv_1', "'; DROP TABLE invoices; --"]) {
        expectRefusal(await desk(encodeURIComponent(unknown), action), 404, 'INVOICE_NOT_FOUND');
      }
    }
    expect(await open('stubborn')).toMatchObject({ id, status: 'open' });
  });

  it('ends the same in whatever order all of it is told', async () => {
    await house.settle();
    await booksHold(house);
  }, 120_000);
});
