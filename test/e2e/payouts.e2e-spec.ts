import { randomBytes } from 'node:crypto';
import { expectRefusal, type Answer } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { ADA, payoutsDesk } from '../support/payouts';
import { booksHold } from '../support/verified';
import { openWise, wiseSettings } from '../support/wise';

interface Quote {
  quoteId: string;
  rate: string;
  fee: number;
  sourceAmount: number;
  targetAmount: number;
}

describe('payouts', () => {
  let house: House;
  let desk: ReturnType<typeof payoutsDesk>;

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
  });
  afterAll(() => house.close());

  const prepared = async (body = {}): Promise<{ id: string; quote: Quote }> => {
    const answer = await desk.prepare(body);
    expect({ status: answer.status, error: answer.body.error }).toEqual({ status: 201, error: undefined });
    return { id: answer.body['payoutId'] as string, quote: answer.body['quote'] as Quote };
  };
  const statusesOf = async (id: string): Promise<unknown[]> => {
    const { history } = (await desk.payout(id)) as unknown as { history: { to: string }[] };
    return history.map(({ to }) => to);
  };
  /** What a story moves on the books. */
  const moved = async (story: () => Promise<unknown>): Promise<Record<string, number>> => {
    const before = await desk.books();
    await story();
    const after = await desk.books();
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return Object.fromEntries(
      keys.flatMap((key) => {
        const change = (after[key] ?? 0) - (before[key] ?? 0);
        return change === 0 ? [] : [[key, change]];
      }),
    );
  };
  const later = async (hours: number): Promise<void> => {
    // What is to be done now is done before the time passes: a quote holds for half an hour.
    await house.settle();
    const { now } = await house.box.control<{ now: number }>('GET', 'clock');
    await house.advance(new Date((now + hours * 3600) * 1000));
  };
  const providerId = async (id: string): Promise<string> => (await desk.payout(id))['providerId'] as string;
  const move = async (id: string, state: string, more = {}): Promise<void> => {
    await house.box.control('POST', `wise/transfers/${await providerId(id)}/state`, { state, ...more });
    await house.settle();
  };
  const paid = async (body = {}): Promise<{ id: string; quote: Quote }> => {
    const payout = await prepared(body);
    expect((await desk.approve(payout.id)).body).toEqual({ payoutId: payout.id, status: 'processing' });
    await later(48);
    expect((await desk.payout(payout.id))['status']).toBe('paid');
    return payout;
  };

  it('books what is topped up', async () => {
    expect(await desk.books()).toEqual({ 'wise.clearing EUR': 500_000, 'wise.clearing USD': 5_000_000 });
  });

  it('goes from dollars to euros, and every cent is in the books', async () => {
    let quote = {} as Quote;
    let id = '';
    const reserved = await moved(async () => {
      ({ id, quote } = await prepared());
    });
    expect(reserved).toEqual({
      'payouts.wise.reserved USD': quote.sourceAmount,
      'wise.clearing USD': -quote.sourceAmount,
    });
    const sent = await moved(async () => {
      expect((await desk.approve(id)).body).toEqual({ payoutId: id, status: 'processing' });
      await later(48);
    });
    expect(sent).toEqual({
      'payouts.wise.reserved USD': -quote.sourceAmount,
      'fees.wise USD': quote.fee,
      'payouts.disbursed EUR': 250_000,
    });
    expect(await statusesOf(id)).toEqual(['queued', 'processing', 'paid']);
    expect(await desk.payout(id)).toMatchObject({
      ...{ status: 'paid', amount: 250_000, currency: 'EUR', failureCode: null },
      beneficiary: { name: 'Ada Lovelace', account: expect.stringMatching(/^DE•+3000$/) as string },
      ...{ prepared: { by: 'maker' }, approvals: [{ by: 'checker' }] },
    });
  });

  it('goes to yen, which have no cents', async () => {
    const japanese = { ...ADA, currency: 'JPY', type: 'japanese' };
    const answer = await desk.call(
      'maker',
      'GET',
      '/payouts/beneficiaries/requirements?currency=JPY&sourceCurrency=USD',
    );
    expect(answer.status).toBe(200);
    const { data } = answer.body as unknown as { data: { type: string; fields: Field[] }[] };
    const kind = data[0] ?? { type: '', fields: [] };
    const beneficiary = { ...japanese, type: kind.type, details: filled(kind.fields) };
    const { quote } = await paid({ beneficiary, amount: 250_000, currency: 'JPY' });
    expect(quote.targetAmount).toBe(250_000);
  });

  it('comes back from the bank, goes again, and comes back for good: each leg once', async () => {
    const { id, quote } = await paid();
    const back = await moved(() => move(id, 'bounced_back'));
    expect((await desk.payout(id))['status']).toBe('bounced');
    expect(back).toEqual({
      'payouts.disbursed EUR': -250_000,
      'payouts.wise.transit USD': quote.sourceAmount - quote.fee,
    });
    expect(await moved(() => move(id, 'outgoing_payment_sent'))).toEqual({
      'payouts.disbursed EUR': 250_000,
      'payouts.wise.transit USD': quote.fee - quote.sourceAmount,
    });
    await move(id, 'bounced_back');
    const ended = await moved(() => move(id, 'funds_refunded', { returned: quote.sourceAmount - quote.fee }));
    expect(ended).toEqual({
      'payouts.wise.transit USD': quote.fee - quote.sourceAmount,
      'wise.clearing USD': quote.sourceAmount - quote.fee,
    });
    expect(await statusesOf(id)).toEqual(['queued', 'processing', 'paid', 'bounced', 'paid', 'bounced', 'refunded']);
  });

  it('is charged back after it was paid', async () => {
    const { id } = await paid();
    await move(id, 'charged_back');
    expect(await desk.payout(id)).toMatchObject({ status: 'charged_back' });
    expect(await house.rows(`SELECT severity FROM alerts WHERE kind = 'payout.charged_back'`)).toEqual([
      { severity: 'critical' },
    ]);
    const { data } = (await desk.call('clerk', 'GET', '/support/tickets?type=payout', undefined, {}, 'support'))
      .body as unknown as { data: { priority: string; details: { payoutId: string } }[] };
    expect(data.find(({ details }) => details.payoutId === id)).toMatchObject({ priority: 'urgent' });
  });

  it('is called off by Wise before it was converted: what was paid for comes back', async () => {
    const { id } = await prepared();
    const all = await moved(async () => {
      await desk.approve(id);
      await house.settle();
      await move(id, 'cancelled');
    });
    expect(await desk.payout(id)).toMatchObject({ status: 'canceled' });
    expect(all['payouts.wise.transit USD']).toBeUndefined();
    expect(all['wise.clearing USD']).toBeGreaterThan(0);
  });

  describe('two people', () => {
    it('are needed', async () => {
      const { id } = await prepared();
      expectRefusal(await desk.approve(id, {}, 'maker'), 403, 'SELF_APPROVAL');
      expectRefusal(
        await desk.call('somebody', 'POST', '/payouts/approve', { payoutId: id }, {}, 'user'),
        403,
        'INSUFFICIENT_PERMISSIONS',
      );
      expect((await desk.payout(id))['status']).toBe('queued');
    });

    it('and a third one above the threshold, who is none of the two', async () => {
      const { id } = await prepared({ amount: 1_500_000 });
      expect((await desk.approve(id)).body).toEqual({ payoutId: id, status: 'awaiting_second_approval' });
      expectRefusal(await desk.approve(id), 403, 'SELF_APPROVAL');
      expect((await desk.approve(id, {}, 'second')).body).toEqual({ payoutId: id, status: 'processing' });
      await later(48);
      expect(await statusesOf(id)).toEqual(['queued', 'awaiting_second_approval', 'processing', 'paid']);
    });

    it('who approve at once make one transfer', async () => {
      const { id } = await prepared();
      const answers = await Promise.all(
        ['a', 'b', 'c', 'checker', 'checker', 'checker'].map((by) => desk.approve(id, {}, by)),
      );
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
      for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
        expect([409, 422]).toContain(status);
        expect(body.error?.code).toMatch(/^(INVALID_STATE_TRANSITION|REQUEST_IN_PROGRESS)$/);
      }
      await house.settle();
      const { transfers } = await house.box.control<{ transfers: { customerTransactionId: string }[] }>(
        'GET',
        'wise/book',
      );
      const [key] = await house.rows<{ key: string }>('SELECT transfer_key::text AS key FROM payouts WHERE id = $1', [
        id,
      ]);
      expect(transfers.filter(({ customerTransactionId }) => customerTransactionId === key?.key)).toHaveLength(1);
    });
  });

  describe('is not paid', () => {
    it('when it was rejected, or called off: its money is free', async () => {
      const all = await moved(async () => {
        const { id } = await prepared();
        const rejected = await desk.call('checker', 'POST', `/payouts/${id}/reject`, { reason: 'Paid by hand' });
        expect(rejected.body).toMatchObject({ id, status: 'rejected' });
        expectRefusal(await desk.approve(id), 422, 'INVALID_STATE_TRANSITION');
        const { id: other } = await prepared();
        expect((await desk.call('maker', 'POST', `/payouts/${other}/cancel`, {})).body).toMatchObject({
          status: 'canceled',
        });
        expectRefusal(await desk.approve(other), 422, 'INVALID_STATE_TRANSITION');
      });
      expect(all).toEqual({});
    });

    it('when the same was asked for twice, unless it is meant', async () => {
      const { id } = await prepared({ reference: 'Invoice 4711' });
      const again = await desk.prepare({ reference: 'Invoice 4711' });
      expectRefusal(again, 409, 'DUPLICATE_SUSPECTED');
      expect(again.body.error?.details).toEqual({ payoutIds: [id] });
      await prepared({ reference: 'Invoice 4711', confirmDuplicate: true });
    });

    it('twice under one key', async () => {
      const once = { reference: 'Keyed', amount: 100_00 };
      const key = { 'idempotency-key': 'prepare-keyed' };
      const answers = await Promise.all([1, 2, 3].map(() => desk.prepare(once, key)));
      const ids = answers.flatMap(({ body }) => body['payoutId'] ?? []);
      expect(new Set(ids).size).toBe(1);
      for (const { status } of answers) expect([201, 409]).toContain(status);
    });

    it('when our balance does not reach', async () => {
      const { id } = await prepared({ amount: 800_000, sourceCurrency: 'EUR' });
      expectRefusal(await desk.approve(id), 422, 'INSUFFICIENT_FUNDS');
      expect((await desk.payout(id))['status']).toBe('queued');
    });

    it('when Wise finds that it does not reach: the transfer is called off and the money free', async () => {
      await house.box.control('POST', 'wise/policy', { rejectFunding: 'transfer.insufficient_funds' });
      const all = await moved(async () => {
        const { id } = await prepared();
        await desk.approve(id);
        await house.settle();
        await house.box.control('POST', 'wise/policy', { rejectFunding: null });
        expect(await desk.payout(id)).toMatchObject({ status: 'failed', failureCode: 'transfer.insufficient_funds' });
        expect(await statusesOf(id)).toEqual(['queued', 'processing', 'failed']);
      });
      expect(all).toEqual({});
    });

    it('at another price than was approved, unless it is accepted', async () => {
      const { id, quote } = await prepared();
      await later(1);
      await house.box.control('POST', 'wise/policy', { ratesMove: -300 });
      const refused = await desk.approve(id);
      expectRefusal(refused, 409, 'QUOTE_CHANGED');
      const offered = refused.body.error?.details['quote'] as Quote;
      expect(offered.sourceAmount).toBeGreaterThan(quote.sourceAmount);
      expectRefusal(await desk.approve(id, { acceptQuoteId: quote.quoteId }), 409, 'QUOTE_CHANGED');
      const { offeredQuote } = (await desk.payout(id)) as unknown as { offeredQuote: Quote };
      const approved = await desk.approve(id, { acceptQuoteId: offeredQuote.quoteId });
      expect(approved.body).toEqual({ payoutId: id, status: 'processing' });
      await later(48);
      await house.box.control('POST', 'wise/policy', { ratesMove: 0 });
      expect(await desk.payout(id)).toMatchObject({
        status: 'paid',
        quote: { sourceAmount: offeredQuote.sourceAmount },
      });
    });

    it('at nearly the same price without asking again', async () => {
      const { id } = await prepared();
      await later(1);
      expect((await desk.approve(id)).body).toEqual({ payoutId: id, status: 'processing' });
      await later(48);
      expect((await desk.payout(id))['status']).toBe('paid');
    });
  });

  it('waits for a person where Wise wants one, and goes on when he has paid', async () => {
    await house.box.control('POST', 'wise/policy', { strongAuthentication: true });
    const { id } = await prepared();
    await desk.approve(id);
    await house.settle();
    expect((await desk.payout(id))['status']).toBe('requires_manual_funding');
    await house.box.control('POST', 'wise/policy', { strongAuthentication: false });
    await house.box.control('POST', `wise/transfers/${await providerId(id)}/fund`, {});
    await later(48);
    expect(await statusesOf(id)).toEqual(['queued', 'processing', 'requires_manual_funding', 'processing', 'paid']);
  });

  it('is called back at Wise while it waits, and not once it is converted', async () => {
    await house.box.control('POST', 'wise/policy', { strongAuthentication: true });
    const { id } = await prepared();
    await desk.approve(id);
    await house.settle();
    await house.box.control('POST', 'wise/policy', { strongAuthentication: false });
    const canceled = await desk.call('maker', 'POST', `/payouts/${id}/cancel`, { reason: 'Wrong person' });
    expect(canceled.body).toMatchObject({ id, status: 'canceled' });
    const { id: gone } = await prepared();
    await desk.approve(gone);
    await house.settle();
    await move(gone, 'funds_converted');
    expectRefusal(await desk.call('maker', 'POST', `/payouts/${gone}/cancel`, {}), 409, 'PAYOUT_NOT_CANCELABLE');
  });

  it.each<[string, Record<string, unknown>, number, string]>([
    ['nothing', { amount: 0 }, 400, 'INVALID_INPUT'],
    ['less than nothing', { amount: -5 }, 400, 'INVALID_INPUT'],
    ['a part of a cent', { amount: 10.5 }, 400, 'INVALID_INPUT'],
    ['more than a number holds', { amount: 2 ** 53 }, 400, 'INVALID_INPUT'],
    ['a currency that there is not', { currency: 'XYZ' }, 400, 'INVALID_INPUT'],
    ['an account in another currency', { currency: 'GBP' }, 400, 'INVALID_INPUT'],
    ['nobody', { beneficiary: { id: 'bnf_none' } }, 404, 'BENEFICIARY_NOT_FOUND'],
    ['no account', { beneficiary: {} }, 400, 'INVALID_INPUT'],
    [
      'a wrong IBAN',
      { beneficiary: { ...ADA, details: { legalType: 'PRIVATE', IBAN: 'DE89370400440532013001' } } },
      400,
      'INVALID_INPUT',
    ],
    ['no reference', { reference: ' ' }, 400, 'INVALID_INPUT'],
    ['more than Wise sends', { amount: 9_007_199_254_740_991 }, 422, 'AMOUNT_TOO_LARGE'],
    ['a field that nobody knows', { iban: 'x' }, 400, 'INVALID_INPUT'],
  ])('refuses %s', async (_name, body, status, code) => {
    expectRefusal(await desk.prepare(body), status, code);
  });

  it('knows no payout by a wrong id', async () => {
    for (const id of ['po_none', "po_' OR 1=1", 'x'.repeat(5_000)]) {
      const answer: Answer = await desk.call('maker', 'GET', `/payouts/${encodeURIComponent(id)}`);
      expect([400, 404, 414]).toContain(answer.status);
    }
    expectRefusal(await desk.approve('po_none'), 404, 'PAYOUT_NOT_FOUND');
  });

  it('keeps the books', () => booksHold(house));
});

interface Field {
  key: string;
  required: boolean;
  example: string | null;
  valuesAllowed: { key: string }[] | null;
}

function filled(fields: readonly Field[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap(({ key, required, example, valuesAllowed }) =>
      required ? [[key, valuesAllowed?.[0]?.key ?? example ?? 'x']] : [],
    ),
  );
}
