import { randomUUID } from 'node:crypto';
import { codesOf, IBAN, WiseApi, type WiseAnswer, type WiseQuote } from '../../test/support/wise-api';

let wise: WiseApi;
beforeAll(async () => {
  wise = await WiseApi.open();
});
afterAll(() => wise.close());
afterEach(() => wise.calm());

const priceOf = ({ body }: WiseAnswer<WiseQuote>): WiseQuote['paymentOptions'][number] => body.paymentOptions[0]!;

describe('a request', () => {
  it('needs the token, the own profile, and the fields of the documents', async () => {
    expect((await wise.ask('GET /v1/transfers', { bearer: 'another' })).status).toBe(401);
    const foreign = { ids: { profileId: 1 }, query: '?types=STANDARD' };
    expect((await wise.ask('GET /v4/profiles/{profileId}/balances', foreign)).status).toBe(403);
    expect((await wise.ask('GET /v4/profiles/{profileId}/balances')).status).toBe(400);
    const wrong = await wise.ask('POST /v1/transfers', { body: { targetAccount: '1', quoteUuid: 'x', more: true } });
    expect([wrong.status, codesOf(wrong)]).toEqual([
      400,
      expect.arrayContaining([
        ['NotNull', 'customerTransactionId'],
        ['UNEXPECTED', 'more'],
        ['not.valid', 'targetAccount'],
        ['not.valid', 'quoteUuid'],
      ]),
    ]);
    expect((await wise.ask('GET /v1/transfers/{transferId}', { ids: { transferId: 7 } })).status).toBe(404);
    expect((await wise.ask('GET /v1/transfers/{transferId}', { ids: { transferId: "1'--" } })).status).toBe(400);
    const answer = await fetch(`${wise.box.sandbox.url}/v1/transfers`, {
      method: 'POST',
      body: '{',
      headers: { authorization: `Bearer ${wise.token}`, 'content-type': 'application/json' },
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ code: 'BAD_REQUEST' }] }]);
  });

  it('meets chaos as one to Stripe does', async () => {
    const faults = ['error_429', 'error_500', 'error_500_after', 'lose_answer'].map((fault) => ({
      ...{ fault, method: 'POST', pathPrefix: `/v3/profiles/${wise.profile}/quotes`, times: 1, retryAfterSeconds: 4 },
    }));
    await wise.box.control('PUT', 'chaos', { api: faults });
    const slow = await wise.quote({ targetAmount: 1 });
    expect([slow.status, slow.headers.get('retry-after')]).toEqual([429, '4']);
    expect([(await wise.quote({ targetAmount: 1 })).status, (await wise.quote({ targetAmount: 2 })).status]).toEqual([
      500, 500,
    ]);
    await expect(wise.quote({ targetAmount: 3 })).rejects.toThrow();
    const { quotes } = await wise.box.control<{ quotes: { provided: { amount: number } }[] }>('GET', 'wise/book');
    expect(quotes.map(({ provided }) => provided.amount)).toEqual([200, 300]);
  });
});

describe('a quote', () => {
  it('has the target to the last decimal of its currency, whatever that has', async () => {
    const prices = await Promise.all(
      [
        { targetCurrency: 'EUR', targetAmount: 1234.56 },
        { targetCurrency: 'JPY', targetAmount: 1500 },
        { targetCurrency: 'KWD', targetAmount: 10.125 },
        { targetCurrency: 'USD', targetAmount: 50 },
        { targetCurrency: 'EUR', sourceAmount: 100 },
      ].map((ask) => wise.quote(ask)),
    );
    expect(prices.map(priceOf)).toMatchObject([
      { payIn: 'BALANCE', sourceAmount: 1348.01, targetAmount: 1234.56, fee: { total: 6.09 } },
      { sourceAmount: 10.4, targetAmount: 1500, fee: { total: 0.36 } },
      { payOut: 'BANK_TRANSFER', sourceAmount: 33.34, targetAmount: 10.125, fee: { total: 0.46 } },
      { sourceAmount: 50.31, targetAmount: 50, fee: { total: 0.31 } },
      { sourceAmount: 100, targetAmount: 91.31, fee: { total: 0.74 } },
    ]);
  });

  it('is refused for what no one can send', async () => {
    const asks = [
      [{}, 400, 'error.quote.amount.missing'],
      [{ sourceAmount: 1, targetAmount: 1 }, 400, 'error.quote.amount.onlySingle'],
      [{ targetAmount: 0 }, 400, 'error.greaterThanZero'],
      [{ targetAmount: -1 }, 400, 'error.greaterThanZero'],
      [{ targetAmount: 1.001 }, 400, 'error.amount.decimals'],
      [{ targetAmount: 1e300 }, 400, 'error.amount.decimals'],
      [{ targetCurrency: 'JPY', targetAmount: 0.5 }, 400, 'error.amount.decimals'],
      [{ targetCurrency: 'XYZ', targetAmount: 1 }, 400, 'CurrencyCode'],
      [{ targetCurrency: 'RUB', targetAmount: 1 }, 422, 'error.route.not.supported'],
      [{ sourceCurrency: 'KWD', targetAmount: 1 }, 422, 'error.route.not.supported'],
      [{ targetAmount: 1_000_000_000 }, 422, 'error.quote.amount.too.high'],
      [{ sourceAmount: 0.2 }, 422, 'error.quote.amount.too.low'],
      [{ targetAmount: 1, targetAccount: 5 }, 422, 'INVALID_RECIPIENT'],
      [{ targetAmount: 1, payOut: 'PIGEON' }, 422, 'error.payOut.not.supported'],
    ] as const;
    const answers = await Promise.all(asks.map(([body]) => wise.quote(body)));
    expect(answers.map((one) => [one.status, (codesOf(one)[0] as string[])[0]])).toEqual(
      asks.map(([, ...told]) => told),
    );
  });

  it('cannot be paid from a balance where Wise does not do that', async () => {
    const options = await Promise.all(
      [
        { targetAmount: 1_500_000 },
        { targetAmount: 0.1 },
        { sourceCurrency: 'GBP', targetAmount: 5 },
        { targetCurrency: 'BRL', targetAmount: 5 },
      ].map((ask) => wise.quote(ask)),
    );
    expect(options.map(priceOf).map(({ disabled, disabledReason }) => [disabled, disabledReason?.code])).toEqual([
      [true, 'error.payInmethod.amount.too.high'],
      [true, 'error.payInmethod.amount.too.low'],
      [true, 'error.payInmethod.disabled'],
      [true, 'error.payInmethod.disabled'],
    ]);
  });

  it('expires, moves with the rates, and is good for one transfer', async () => {
    const [first, targetAccount] = [await wise.quote({ targetAmount: 10 }), await wise.recipient()];
    await wise.box.control('POST', 'wise/policy', { ratesMove: -500 });
    expect([first.body.rate, (await wise.quote({ targetAmount: 10 })).body.rate]).toEqual([0.92, 0.874]);
    const again = (await wise.quote({ targetAmount: 10 })).body.id;
    const create = (quoteUuid: string): Promise<WiseAnswer> =>
      wise.ask('POST /v1/transfers', { body: { targetAccount, quoteUuid, customerTransactionId: randomUUID() } });
    expect((await create(again)).status).toBe(200);
    expect(codesOf(await create(again))).toEqual([['error.quote.already.used', 'quoteUuid']]);
    await wise.pass(1800);
    expect(codesOf(await create(first.body.id))).toEqual([['error.quote.expired', 'quoteUuid']]);
    const ids = { quoteId: first.body.id };
    const patch = { ids, body: { targetAccount } };
    expect((await wise.ask('PATCH /v3/profiles/{profileId}/quotes/{quoteId}', patch)).status).toBe(422);
    expect((await wise.ask<WiseQuote>('GET /v3/profiles/{profileId}/quotes/{quoteId}', { ids })).body.status).toBe(
      'EXPIRED',
    );
  });

  it('costs more where the money goes abroad by SWIFT', async () => {
    const { body } = await wise.quote({ targetCurrency: 'KWD', targetAmount: 10 });
    const details = { legalType: 'BUSINESS', swiftCode: 'NBOKKWKW', accountNumber: 'KW81CBKU0000000000001234560101' };
    const address = { country: 'KW', city: 'Kuwait City', firstLine: '1 Street', postCode: '13001' };
    const made = await wise.account({ currency: 'KWD', type: 'swift_code', details: { ...details, address } });
    const patched = await wise.ask<WiseQuote>('PATCH /v3/profiles/{profileId}/quotes/{quoteId}', {
      ...{ ids: { quoteId: body.id }, body: { targetAccount: made.body['id'] } },
    });
    expect(priceOf(patched)).toMatchObject({ payOut: 'SWIFT', fee: { total: 4.45 }, targetAmount: 10 });
  });
});

describe('a recipient', () => {
  it('is asked for what its currency needs, more of it where an answer asks for more', async () => {
    const { body } = await wise.quote({ targetCurrency: 'USD', targetAmount: 10 });
    const ids = { quoteId: body.id };
    interface Requirement {
      type: string;
      fields: { group: { key: string }[] }[];
    }
    const keys = ({ body: all }: WiseAnswer<Requirement[]>): string[] =>
      all[0]!.fields.flatMap(({ group }) => group.map(({ key }) => key));
    const plain = await wise.ask<Requirement[]>('GET /v1/quotes/{quoteId}/account-requirements', { ids });
    expect([plain.body.map(({ type }) => type), keys(plain)]).toEqual([
      ['aba', 'swift_code'],
      expect.not.arrayContaining(['address.state']),
    ]);
    const filled = { currency: 'USD', type: 'aba', details: { address: { country: 'US' } } };
    const more = await wise.ask<Requirement[]>('POST /v1/quotes/{quoteId}/account-requirements', { ids, body: filled });
    expect(keys(more)).toContain('address.state');
  });

  it('is refused with the fields that are wrong', async () => {
    const iban = { currency: 'EUR', type: 'iban' };
    const asks = [
      [{ ...iban, details: { legalType: 'PRIVATE', IBAN: 'DE89370400440532013001' } }, ['IBAN']],
      [{ ...iban, details: { legalType: 'CAT', IBAN } }, ['legalType']],
      [{ ...iban, details: { legalType: 'PRIVATE', sortCode: '1' } }, ['sortCode', 'IBAN']],
      [{ ...iban, accountHolderName: 'A', details: { legalType: 'PRIVATE', IBAN } }, ['accountHolderName']],
      [{ currency: 'EUR', type: 'aba', details: {} }, ['type']],
      [{ currency: 'RUB', type: 'iban', details: {} }, ['currency']],
      [
        {
          currency: 'GBP',
          type: 'sort_code',
          details: { legalType: 'PRIVATE', sortCode: '000000', accountNumber: '1' },
        },
        ['sortCode', 'accountNumber'],
      ],
      [
        {
          ...{ currency: 'USD', type: 'aba' },
          details: {
            ...{ legalType: 'PRIVATE', abartn: '111000026', accountNumber: '12345678', accountType: 'CHECKING' },
            address: { country: 'US', city: 'Austin', firstLine: '1 St', postCode: '78701' },
          },
        },
        ['abartn', 'address.state'],
      ],
    ] as const;
    const answers = await Promise.all(asks.map(([body]) => wise.account(body)));
    expect(answers.map((one) => [one.status, codesOf(one).map((told) => (told as string[])[1])])).toEqual(
      asks.map(([, paths]) => [400, paths]),
    );
  });

  it('is listed until it is deleted, and then takes no transfer', async () => {
    const id = await wise.recipient();
    const listed = async (): Promise<number[]> =>
      (
        await wise.ask<{ id: number }[]>('GET /v1/accounts', { query: `?currency=EUR&profileId=${wise.profile}` })
      ).body.map((one) => one.id);
    expect(await listed()).toContain(id);
    const page = await wise.ask<{ content: object[]; seekPositionForNext: number }>('GET /v2/accounts', {
      query: '?size=1',
    });
    expect([page.body.content.length, page.body.seekPositionForNext > 0]).toEqual([1, true]);
    const remove = (): Promise<WiseAnswer> => wise.ask('DELETE /v2/accounts/{accountId}', { ids: { accountId: id } });
    expect([(await remove()).body['active'], (await remove()).status]).toEqual([false, 403]);
    expect(await listed()).not.toContain(id);
    expect(codesOf(await wise.transfer({ targetAccount: id }))).toEqual([['INVALID_RECIPIENT', 'targetAccount']]);
  });
});
