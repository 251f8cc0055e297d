import { Logger } from '@nestjs/common';
import type { WiseGateway } from '../../src/providers/wise';
import { money } from '../../src/shared/money';
import {
  ASK,
  AT,
  BALANCE,
  OPTION,
  ORDER,
  PERSON,
  PROFILE,
  QUOTE,
  QUOTE_ID,
  RECIPIENT,
  TOLD,
  TRANSFER,
  UUID,
  WiseStand,
  type WiseAnswer,
} from '../support/wise-stand';

const stand = new WiseStand();

beforeAll(async () => {
  Logger.overrideLogger(false);
  await stand.start();
});
afterAll(() => stand.close());
beforeEach(() => {
  stand.forget();
});

type Call = (gateway: WiseGateway) => Promise<unknown>;

const PROFILE_PATH = `/v3/profiles/${PROFILE}`;

describe('what Wise is asked is what its documents say', () => {
  it.each<[string, Call, unknown, string, unknown, unknown]>([
    [
      'quote',
      (gateway) => gateway.quote(ASK),
      QUOTE,
      `${PROFILE_PATH}/quotes`,
      {
        sourceCurrency: 'USD',
        targetCurrency: 'EUR',
        targetAmount: 100,
        targetAccount: 8692237,
        preferredPayIn: 'BALANCE',
      },
      {
        ...{ quoteRef: QUOTE_ID, rate: '0.909090909', expiresAt: new Date('2026-01-01T10:30:00Z') },
        ...{ source: money(11_077n, 'USD'), fee: money(77n, 'USD'), target: money(10_000n, 'EUR') },
      },
    ],
    [
      'requirements',
      (gateway) => gateway.requirements(QUOTE_ID),
      [
        {
          type: 'iban',
          title: 'IBAN',
          fields: [
            {
              name: 'IBAN',
              group: [
                {
                  key: 'IBAN',
                  name: 'IBAN',
                  type: 'text',
                  required: true,
                  refreshRequirementsOnChange: false,
                  example: '',
                  minLength: 14,
                  maxLength: 42,
                  validationRegexp: null,
                  valuesAllowed: null,
                },
              ],
            },
          ],
        },
      ],
      `/v1/quotes/${QUOTE_ID}/account-requirements`,
      undefined,
      [
        {
          type: 'iban',
          title: 'IBAN',
          fields: [
            {
              key: 'IBAN',
              name: 'IBAN',
              type: 'text',
              required: true,
              refreshRequirementsOnChange: false,
              example: null,
              minLength: 14,
              maxLength: 42,
              validationRegexp: null,
              valuesAllowed: null,
            },
          ],
        },
      ],
    ],
    [
      'createRecipient',
      (gateway) => gateway.createRecipient(PERSON),
      RECIPIENT,
      '/v1/accounts',
      {
        currency: 'EUR',
        type: 'iban',
        profile: PROFILE,
        accountHolderName: 'Erika Mustermann',
        details: PERSON.details,
      },
      { recipientRef: '8692237' },
    ],
    [
      'recipients',
      (gateway) => gateway.recipients('EUR'),
      { content: [RECIPIENT], seekPositionForNext: 8692238, size: 20 },
      `/v2/accounts?profileId=${PROFILE}&currency=EUR&active=true&size=20&sort=id%2Casc`,
      undefined,
      [{ recipientRef: '8692237', name: 'Erika Mustermann', type: 'swift_code', details: RECIPIENT.details }],
    ],
    [
      'deactivateRecipient',
      (gateway) => gateway.deactivateRecipient('8692237'),
      { ...RECIPIENT, active: false },
      '/v2/accounts/8692237',
      undefined,
      undefined,
    ],
    [
      'createTransfer',
      (gateway) => gateway.createTransfer(ORDER),
      TRANSFER,
      '/v1/transfers',
      { targetAccount: 8692237, quoteUuid: QUOTE_ID, customerTransactionId: UUID, details: { reference: 'Invoice 7' } },
      TOLD,
    ],
    ['transfer', (gateway) => gateway.transfer('16521632'), TRANSFER, '/v1/transfers/16521632', undefined, TOLD],
    [
      'fund',
      (gateway) => gateway.fund('16521632'),
      { type: 'BALANCE', status: 'COMPLETED', errorCode: null },
      `${PROFILE_PATH}/transfers/16521632/payments`,
      { type: 'BALANCE' },
      { status: 'completed', errorCode: null, answeredAt: AT },
    ],
    [
      'isFunded',
      (gateway) => gateway.isFunded('16521632'),
      [{ id: 5, method: 'BALANCE', amount: 1, currency: 'USD' }],
      '/v1/transfers/16521632/payments',
      undefined,
      true,
    ],
    [
      'cancel',
      (gateway) => gateway.cancel('16521632'),
      { ...TRANSFER, status: 'cancelled' },
      '/v1/transfers/16521632/cancel',
      undefined,
      { ...TOLD, state: 'cancelled' },
    ],
    [
      'balance',
      (gateway) => gateway.balance('JPY'),
      [BALANCE],
      `/v4/profiles/${PROFILE}/balances?types=STANDARD`,
      undefined,
      money(310n, 'JPY'),
    ],
  ])('%s', async (_what, call, body, url, sent, told) => {
    stand.answers = [{ status: 200, body }];
    expect(await call(stand.gateway())).toEqual(told);
    expect(stand.asked[0]).toMatchObject({ url, body: sent });
    expect(stand.wrong).toEqual([]);
  });

  it('with the wish for the newer requirements, and the payout as what its support finds it by', async () => {
    stand.answers = [{ status: 200, body: [] }];
    await stand.gateway().requirements(QUOTE_ID);
    stand.answers = [{ status: 200, body: TRANSFER }];
    await stand.gateway().createTransfer(ORDER);
    expect(stand.asked[0]?.headers['accept-minor-version']).toBe('1');
    expect(stand.asked[1]?.headers['x-external-correlation-id']).toBe(UUID);
  });

  it.each([
    [money(1_505n, 'KWD'), '1.505'],
    [money(129n, 'JPY'), '129'],
    [money(1n, 'EUR'), '0.01'],
    [money(999_999_999_999_999n, 'EUR'), '9999999999999.99'],
  ])('with %p in its own decimals', async (target, json) => {
    const option = { ...OPTION, targetAmount: Number(json) };
    stand.answers = [{ status: 200, body: { ...QUOTE, targetCurrency: target.currency, paymentOptions: [option] } }];
    expect((await stand.gateway().quote({ ...ASK, target, recipientRef: null })).target).toEqual(target);
    expect(JSON.stringify(stand.asked[0]?.body)).toContain(`"targetAmount":${json}`);
  });

  it('a recipient, looked for on every page', async () => {
    const page = (id: number, next: number | null): WiseAnswer => ({
      status: 200,
      body: { content: [{ ...RECIPIENT, id }], ...(next !== null && { seekPositionForNext: next }), size: 20 },
    });
    stand.answers = [page(1, 2), page(2, 3), page(3, null)];
    expect((await stand.gateway().recipients('EUR')).map(({ recipientRef }) => recipientRef)).toEqual(['1', '2', '3']);
    expect(stand.asked[2]?.url).toContain('seekPosition=3');
    expect(stand.wrong).toEqual([]);
  });

  it('a transfer, looked for by our key on every page', async () => {
    const made = { since: new Date('2026-01-01T00:00:00Z'), until: new Date('2026-01-02T00:00:00Z') };
    const others = Array.from({ length: 100 }, (_, index) => ({
      ...TRANSFER,
      id: index + 1,
      customerTransactionId: QUOTE_ID,
    }));
    stand.answers = [
      { status: 200, body: others },
      { status: 200, body: [TRANSFER] },
      { status: 200, body: TRANSFER },
    ];
    expect(await stand.gateway().findTransfer(UUID, made)).toEqual(TOLD);
    expect(stand.asked[1]?.url).toContain('offset=100');
    stand.answers = [{ status: 200, body: others.slice(1) }];
    expect(await stand.gateway().findTransfer(UUID, made)).toBeNull();
    expect(stand.wrong).toEqual([]);
  });
});
