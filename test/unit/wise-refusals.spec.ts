import { Logger } from '@nestjs/common';
import type { WiseGateway } from '../../src/providers/wise';
import { isAppError } from '../../src/shared/app-error';
import { money } from '../../src/shared/money';
import {
  ASK,
  AT,
  IBAN,
  OPTION,
  ORDER,
  PERSON,
  QUOTE,
  RECIPIENT,
  TOKEN,
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

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'fine';
  } catch (error) {
    return isAppError(error) ? `${error.kind} ${error.code}` : String(error);
  }
}

const problem = (code: string, path?: string): object => ({ errors: [{ code, message: 'told', path, arguments: [] }] });

describe('a quote', () => {
  it.each<[string, number, object, string]>([
    ['route that is not there', 422, problem('error.route.not.supported'), 'business UNSUPPORTED_CORRIDOR'],
    ['currency nobody has', 400, problem('CurrencyCode', 'targetCurrency'), 'business UNSUPPORTED_CORRIDOR'],
    ['amount that is too high', 422, problem('error.quote.amount.too.high'), 'business AMOUNT_OUT_OF_RANGE'],
    [
      'recipient that is not ours',
      422,
      problem('error.account.not.found', 'targetAccount'),
      'business PROVIDER_REFUSED',
    ],
    [
      'no option from the balance',
      200,
      { ...QUOTE, paymentOptions: [{ ...OPTION, payIn: 'BANK_TRANSFER' }] },
      'business UNSUPPORTED_CORRIDOR',
    ],
    [
      'option that is disabled',
      200,
      {
        ...QUOTE,
        paymentOptions: [{ ...OPTION, disabled: true, disabledReason: { code: 'error.payInmethod.disabled' } }],
      },
      'business UNSUPPORTED_CORRIDOR',
    ],
    [
      'option that is disabled for the amount',
      200,
      {
        ...QUOTE,
        paymentOptions: [{ ...OPTION, disabled: true, disabledReason: { code: 'error.payInmethod.amount.too.low' } }],
      },
      'business AMOUNT_OUT_OF_RANGE',
    ],
    [
      'notice that blocks it',
      200,
      { ...QUOTE, notices: [{ text: 'no', link: null, type: 'BLOCKED' }] },
      'business UNSUPPORTED_CORRIDOR',
    ],
    [
      'part of a cent',
      200,
      { ...QUOTE, paymentOptions: [{ ...OPTION, sourceAmount: 110.775 }] },
      'provider PROVIDER_UNREADABLE',
    ],
    ['no expiry', 200, { ...QUOTE, expirationTime: undefined }, 'provider PROVIDER_UNREADABLE'],
  ])('with a %s', async (_what, status, body, code) => {
    stand.answers = [{ status, body }];
    expect(await codeOf(stand.gateway().quote(ASK))).toBe(code);
  });

  it('is of the way it is paid out for this recipient', async () => {
    const swift = { ...OPTION, payOut: 'SWIFT', sourceAmount: 114.77 };
    stand.answers = [{ status: 200, body: { ...QUOTE, payOut: 'SWIFT', paymentOptions: [OPTION, swift] } }];
    expect((await stand.gateway().quote(ASK)).source).toEqual(money(11_477n, 'USD'));
  });
});

describe('what Wise refuses and what nobody knows are told apart', () => {
  const approval = { status: 403, body: {}, headers: { 'x-2fa-approval': UUID } };

  it.each<[string, Call, WiseAnswer[], string, number]>([
    [
      'a quote that has expired',
      (gateway) => gateway.createTransfer(ORDER),
      [{ status: 422, body: problem('error.quote.expired') }],
      'business QUOTE_EXPIRED',
      1,
    ],
    [
      'a quote that has expired long ago',
      (gateway) => gateway.createTransfer(ORDER),
      [{ status: 422, body: problem('error.quote.not.found') }],
      'business QUOTE_EXPIRED',
      1,
    ],
    [
      'a quote that has expired, as a conflict',
      (gateway) => gateway.createTransfer(ORDER),
      [{ status: 409, body: { code: 'x', message: 'Quote has expired' } }],
      'business QUOTE_EXPIRED',
      1,
    ],
    [
      'a reference that is too long',
      (gateway) => gateway.createTransfer(ORDER),
      [{ status: 422, body: problem('TOO_LARGE') }],
      'business PROVIDER_REFUSED',
      1,
    ],
    [
      'an id that another transfer has',
      (gateway) => gateway.createTransfer(ORDER),
      [{ status: 409, body: problem('NOT_UNIQUE') }],
      'conflict PROVIDER_CONFLICT',
      1,
    ],
    [
      'a transfer that was made before its answer was lost',
      (gateway) => gateway.createTransfer(ORDER),
      [{ status: 0 }, { status: 200, body: TRANSFER }],
      'fine',
      2,
    ],
    [
      'a transfer in a state that nobody knows',
      (gateway) => gateway.createTransfer(ORDER),
      [{ status: 200, body: { ...TRANSFER, status: 'on_the_moon' } }],
      'provider PROVIDER_UNREADABLE',
      1,
    ],
    [
      'a page of a proxy',
      (gateway) => gateway.createTransfer(ORDER),
      [{ status: 200, body: '<html>' }],
      'provider PROVIDER_UNREADABLE',
      1,
    ],
    [
      'a transfer that is not there',
      (gateway) => gateway.fund('7'),
      [{ status: 404, body: {} }],
      'not_found PROVIDER_OBJECT_NOT_FOUND',
      1,
    ],
    [
      'funding whose answer is lost: it is not asked again',
      (gateway) => gateway.fund('7'),
      [{ status: 0 }],
      'provider PROVIDER_ERROR',
      1,
    ],
    [
      'funding that fails there: it is not asked again',
      (gateway) => gateway.fund('7'),
      [{ status: 502 }],
      'provider PROVIDER_ERROR',
      1,
    ],
    [
      'funding that was too much, which did nothing: it is',
      (gateway) => gateway.fund('7'),
      [
        { status: 429, headers: { 'retry-after': '0' } },
        { status: 200, body: { type: 'BALANCE', status: 'COMPLETED', errorCode: null } },
      ],
      'fine',
      2,
    ],
    [
      'funding with a word that is new',
      (gateway) => gateway.fund('7'),
      [{ status: 200, body: { type: 'BALANCE', status: 'PENDING' } }],
      'provider PROVIDER_UNREADABLE',
      1,
    ],
    [
      'a recipient whose answer is lost: it would be two',
      (gateway) => gateway.createRecipient(PERSON),
      [{ status: 0 }],
      'provider PROVIDER_ERROR',
      1,
    ],
    [
      'a token that is none',
      (gateway) => gateway.balance('EUR'),
      [{ status: 401, body: { error: 'invalid_token' } }],
      'provider PROVIDER_ERROR',
      1,
    ],
    [
      'what a person has to approve',
      (gateway) => gateway.balance('EUR'),
      [approval],
      'business PROVIDER_APPROVAL_REQUIRED',
      1,
    ],
    [
      'a longer wait',
      (gateway) => gateway.balance('EUR'),
      [{ status: 429, headers: { 'retry-after': '60' } }],
      'unavailable PROVIDER_BUSY',
      1,
    ],
    ['an outage', (gateway) => gateway.balance('EUR'), [{ status: 503 }], 'provider PROVIDER_ERROR', 3],
    ['a quote of nobody', (gateway) => gateway.requirements("'; --"), [], 'not_found PROVIDER_OBJECT_NOT_FOUND', 0],
    ['a path for an id', (gateway) => gateway.fund('../../v1/accounts'), [], 'not_found PROVIDER_OBJECT_NOT_FOUND', 0],
    [
      'an id beyond 2^53',
      (gateway) => gateway.cancel('9007199254740993'),
      [],
      'not_found PROVIDER_OBJECT_NOT_FOUND',
      0,
    ],
    [
      'an amount beyond doubles',
      (gateway) => gateway.quote({ ...ASK, target: money(10n ** 15n, 'EUR') }),
      [],
      'business AMOUNT_TOO_LARGE',
      0,
    ],
  ])('%s', async (_what, call, list, code, times) => {
    stand.answers = list;
    expect(await codeOf(call(stand.gateway()))).toBe(code);
    expect(stand.asked).toHaveLength(times);
  });

  it('funding that is rejected with 200, and one that wants a person', async () => {
    stand.answers = [
      { status: 200, body: { type: 'BALANCE', status: 'REJECTED', errorCode: 'transfer.insufficient_funds' } },
    ];
    expect(await stand.gateway().fund('7')).toEqual({
      status: 'rejected',
      errorCode: 'transfer.insufficient_funds',
      answeredAt: AT,
    });
    stand.answers = [approval];
    expect(await stand.gateway().fund('7')).toEqual({
      status: 'authorization_required',
      errorCode: null,
      answeredAt: AT,
    });
  });

  it('gives up where Wise is slower than our patience', async () => {
    stand.answers = [{ status: -1 }];
    expect(await codeOf(stand.gateway({ PROVIDER_TIMEOUT_MS: '100' }).fund('7'))).toBe('provider PROVIDER_ERROR');
    expect(stand.asked).toHaveLength(1);
  });

  it('is off without its settings', async () => {
    const off = { WISE_API_TOKEN: '', WISE_PROFILE_ID: '', WISE_WEBHOOK_PUBLIC_KEY: '' };
    expect(stand.gateway(off).isOn).toBe(false);
    expect(await codeOf(stand.gateway(off).balance('EUR'))).toBe('unavailable PROVIDER_NOT_CONFIGURED');
  });
});

describe('what is done twice is done once', () => {
  it('a cancellation whose first answer was lost', async () => {
    stand.answers = [
      { status: 0 },
      { status: 409, body: problem('transfer.cancellation.not.allowed') },
      { status: 200, body: { ...TRANSFER, status: 'cancelled' } },
    ];
    expect(await stand.gateway().cancel('16521632')).toEqual({ ...TOLD, state: 'cancelled' });
  });

  it('but not one that comes too late', async () => {
    stand.answers = [
      { status: 409, body: problem('transfer.cancellation.not.allowed') },
      { status: 200, body: { ...TRANSFER, status: 'funds_converted' } },
    ];
    expect(await codeOf(stand.gateway().cancel('16521632'))).toBe('conflict TRANSFER_NOT_CANCELABLE');
  });

  it('taking a recipient out that is out already, and not one that is another’s', async () => {
    stand.answers = [
      { status: 403, body: {} },
      { status: 200, body: { ...RECIPIENT, active: false } },
    ];
    expect(await codeOf(stand.gateway().deactivateRecipient('8692237'))).toBe('fine');
    stand.answers = [
      { status: 403, body: {} },
      { status: 200, body: RECIPIENT },
    ];
    expect(await codeOf(stand.gateway().deactivateRecipient('8692237'))).toBe('provider PROVIDER_ERROR');
  });

  it.each([
    ['incoming_payment_waiting', false],
    ['processing', true],
    ['outgoing_payment_sent', true],
    ['bounced_back', true],
    ['cancelled', false],
  ])('funding, by its state where no payment is listed: %s', async (status, funded) => {
    stand.answers = [
      { status: 200, body: [] },
      { status: 200, body: { ...TRANSFER, status } },
    ];
    expect(await stand.gateway().isFunded('16521632')).toBe(funded);
  });
});

describe('what is somebody’s own stays with us', () => {
  it('a recipient that is refused is told by field, without what was sent', async () => {
    const errors = [
      {
        code: 'NOT_VALID',
        message: `No bank has ${IBAN} of Erika Mustermann`,
        path: 'IBAN',
        arguments: ['IBAN', IBAN],
      },
    ];
    stand.answers = [{ status: 422, body: { errors } }];
    const refusal = stand.gateway().createRecipient(PERSON);
    await expect(refusal).rejects.toMatchObject({
      ...{ kind: 'validation', code: 'RECIPIENT_REFUSED' },
      details: { fields: [{ field: 'IBAN', message: 'No bank has *** of ***' }] },
    });
  });

  it('nothing of a failure can be logged that was sent or answered', async () => {
    stand.answers = [{ status: 422, body: problem(`x ${IBAN}`) }];
    const error: unknown = await stand
      .gateway()
      .createTransfer(ORDER)
      .catch((failure: unknown) => failure);
    const seen = JSON.stringify([error, error instanceof Error && error.cause]) + String(error);
    expect(seen).not.toContain(IBAN);
    expect(seen).not.toContain(TOKEN);
  });
});
