import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { mismatches, OPERATIONS } from '../../sandbox/wise/requests';
import { loadConfig, type Environment } from '../../src/platform/config';
import { WiseGateway } from '../../src/providers/wise';
import { WiseClient } from '../../src/providers/wise/wise-client';
import { isAppError } from '../../src/shared/app-error';
import { money } from '../../src/shared/money';

/** Of an answer; 0 cuts the connection after the request was read, -1 lets it wait. */
interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
interface Asked {
  operation: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

const PROFILE = 30_000_001;
const QUOTE_ID = '11144c35-9fe8-4c32-b7fd-d05c2a7734bf';
const UUID = '54a6bc09-cef9-49a8-9041-f1f0c654cd88';
const DATE = 'Thu, 01 Jan 2026 10:00:00 GMT';
const AT = new Date(DATE);
const TOKEN = 'a-token-that-nobody-may-see';
const IBAN = 'DE89370400440532013000';

const OPTION = {
  ...{ disabled: false, payIn: 'BALANCE', payOut: 'BANK_TRANSFER', sourceAmount: 110.77, targetAmount: 100 },
  ...{ fee: { transferwise: 0.77, payIn: 0, discount: 0, partner: 0, total: 0.77 } },
};
const QUOTE = {
  ...{ id: QUOTE_ID, sourceCurrency: 'USD', targetCurrency: 'EUR', sourceAmount: 110.77, targetAmount: 100 },
  ...{ payOut: 'BANK_TRANSFER', rate: 0.909090909, expirationTime: '2026-01-01T10:30:00Z', notices: [] },
  paymentOptions: [{ ...OPTION, payIn: 'BANK_TRANSFER', sourceAmount: 111.5 }, OPTION],
};
const TRANSFER = {
  ...{ id: 16521632, user: 4342275, targetAccount: 8692237, sourceAccount: null, quote: null, quoteUuid: QUOTE_ID },
  ...{ status: 'incoming_payment_waiting', rate: 0.909090909, created: '2025-12-24 10:47:49', sourceCurrency: 'USD' },
  ...{ sourceValue: 110, targetCurrency: 'EUR', targetValue: 100, customerTransactionId: UUID },
};
const RECIPIENT = {
  ...{ id: 8692237, currency: 'EUR', type: 'SwiftCode', active: true, name: { fullName: 'Erika Mustermann' } },
  details: { reference: null, IBAN },
};
const BALANCE = {
  ...{ id: 200001, currency: 'JPY', type: 'STANDARD', name: null, investmentState: 'NOT_INVESTED' },
  amount: { value: 310, currency: 'JPY' },
};
const TOLD = {
  ...{ transferRef: '16521632', customerTransactionId: UUID, state: 'incoming_payment_waiting', quoteRef: QUOTE_ID },
  answeredAt: AT,
};

let answers: Answer[];
let asked: Asked[];
let wrong: string[];
let server: Server;
let base: string;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = createServer((request, response) => {
    void text(request).then((raw) => {
      const told = judge(request, raw);
      const { status, body, headers } = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 500 };
      if (status === 0) request.socket.destroy();
      if (status <= 0) return;
      const schema = OPERATIONS[told]?.answers[String(status)];
      if (schema && body !== undefined)
        wrong.push(
          ...mismatches(schema, body).map(
            (one) => `answer: ${String(one.message)} ${one.instancePath} ${JSON.stringify(one.params)}`,
          ),
        );
      response.writeHead(status, { 'content-type': 'application/json', date: DATE, ...headers });
      response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  [answers, asked, wrong] = [[], [], []];
});

/** Holds a request against Wise's own documents. @returns the operation it is. */
function judge({ method = '', url = '', headers }: IncomingMessage, raw: string): string {
  const { pathname, searchParams } = new URL(url, base);
  const operation = Object.keys(OPERATIONS).find((one) => {
    const [verb, template = ''] = one.split(' ');
    const pattern = template.replace(/\{(\w+)\}/g, (_all, name: string) =>
      name === 'quoteId' ? '[0-9a-f-]{36}' : '[1-9]\\d*',
    );
    return verb === method && new RegExp(`^${pattern}$`).test(pathname);
  });
  const schema = OPERATIONS[operation ?? ''];
  const body: unknown = raw === '' ? undefined : JSON.parse(raw);
  asked.push({ operation: operation ?? '', url, headers, body });
  if (!schema) {
    wrong.push(`Wise has no ${method} ${pathname}`);
    return '';
  }
  const query = Object.fromEntries(searchParams);
  const problems = [...mismatches(schema.query, query, 'query'), ...(schema.body ? mismatches(schema.body, body) : [])];
  wrong.push(
    ...problems.map(({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`),
  );
  if (!schema.body && body !== undefined) wrong.push(`${operation ?? ''} takes no body`);
  if (schema.body && headers['content-type'] !== 'application/json') wrong.push('the body is not said to be JSON');
  if (headers.authorization !== `Bearer ${TOKEN}`) wrong.push('there is no bearer');
  const correlation = headers['x-external-correlation-id'];
  if (typeof correlation !== 'string' || !/^[0-9a-f-]{36}$/.test(correlation))
    wrong.push('the correlation id is no UUID');
  return operation ?? '';
}

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'pem', type: 'spki' });

function gatewayOf(more: Environment = {}): WiseGateway {
  const config = loadConfig({
    ...{ DATABASE_URL: 'postgresql://k@localhost/k', REDIS_URL: 'redis://localhost', AUTH_JWT_SECRET: 'k'.repeat(32) },
    ...{ AUTH_ISSUER: 'https://auth.example.com', AUTH_AUDIENCE: 'kassa', WISE_API_TOKEN: TOKEN, WISE_API_BASE: base },
    ...{ WISE_PROFILE_ID: String(PROFILE), WISE_WEBHOOK_PUBLIC_KEY: PEM.toString(), ...more },
  });
  const now = new Date('2026-01-01T10:00:00.500Z');
  return new WiseGateway(new WiseClient(config, { now: () => now, wall: () => now }));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'fine';
  } catch (error) {
    return isAppError(error) ? `${error.kind} ${error.code}` : String(error);
  }
}

const ASK = { sourceCurrency: 'USD', target: money(10_000n, 'EUR'), recipientRef: '8692237' } as const;
const ORDER = { quoteRef: QUOTE_ID, recipientRef: '8692237', customerTransactionId: UUID, reference: 'Invoice 7' };
const PERSON = {
  currency: 'EUR',
  type: 'iban',
  name: 'Erika Mustermann',
  details: { legalType: 'PRIVATE', IBAN },
} as const;

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
    answers = [{ status: 200, body }];
    expect(await call(gatewayOf())).toEqual(told);
    expect(asked[0]).toMatchObject({ url, body: sent });
    expect(wrong).toEqual([]);
  });

  it('with the wish for the newer requirements, and the payout as what its support finds it by', async () => {
    answers = [{ status: 200, body: [] }];
    await gatewayOf().requirements(QUOTE_ID);
    answers = [{ status: 200, body: TRANSFER }];
    await gatewayOf().createTransfer(ORDER);
    expect(asked[0]?.headers['accept-minor-version']).toBe('1');
    expect(asked[1]?.headers['x-external-correlation-id']).toBe(UUID);
  });

  it.each([
    [money(1_505n, 'KWD'), '1.505'],
    [money(129n, 'JPY'), '129'],
    [money(1n, 'EUR'), '0.01'],
    [money(999_999_999_999_999n, 'EUR'), '9999999999999.99'],
  ])('with %p in its own decimals', async (target, json) => {
    const option = { ...OPTION, targetAmount: Number(json) };
    answers = [{ status: 200, body: { ...QUOTE, targetCurrency: target.currency, paymentOptions: [option] } }];
    expect((await gatewayOf().quote({ ...ASK, target, recipientRef: null })).target).toEqual(target);
    expect(JSON.stringify(asked[0]?.body)).toContain(`"targetAmount":${json}`);
  });
});

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
    answers = [{ status, body }];
    expect(await codeOf(gatewayOf().quote(ASK))).toBe(code);
  });

  it('is of the way it is paid out for this recipient', async () => {
    const swift = { ...OPTION, payOut: 'SWIFT', sourceAmount: 114.77 };
    answers = [{ status: 200, body: { ...QUOTE, payOut: 'SWIFT', paymentOptions: [OPTION, swift] } }];
    expect((await gatewayOf().quote(ASK)).source).toEqual(money(11_477n, 'USD'));
  });
});

describe('what Wise refuses and what nobody knows are told apart', () => {
  const approval = { status: 403, body: {}, headers: { 'x-2fa-approval': UUID } };

  it.each<[string, Call, Answer[], string, number]>([
    [
      'a quote that has expired',
      (gateway) => gateway.createTransfer(ORDER),
      [{ status: 422, body: problem('error.quote.expired') }],
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
      'unexpected AMOUNT_TOO_LARGE',
      0,
    ],
  ])('%s', async (_what, call, list, code, times) => {
    answers = list;
    expect(await codeOf(call(gatewayOf()))).toBe(code);
    expect(asked).toHaveLength(times);
  });

  it('funding that is rejected with 200, and one that wants a person', async () => {
    answers = [
      { status: 200, body: { type: 'BALANCE', status: 'REJECTED', errorCode: 'transfer.insufficient_funds' } },
    ];
    expect(await gatewayOf().fund('7')).toEqual({
      status: 'rejected',
      errorCode: 'transfer.insufficient_funds',
      answeredAt: AT,
    });
    answers = [approval];
    expect(await gatewayOf().fund('7')).toEqual({ status: 'authorization_required', errorCode: null, answeredAt: AT });
  });

  it('gives up where Wise is slower than our patience', async () => {
    answers = [{ status: -1 }];
    expect(await codeOf(gatewayOf({ PROVIDER_TIMEOUT_MS: '100' }).fund('7'))).toBe('provider PROVIDER_ERROR');
    expect(asked).toHaveLength(1);
  });

  it('is off without its settings', async () => {
    const off = { WISE_API_TOKEN: '', WISE_PROFILE_ID: '', WISE_WEBHOOK_PUBLIC_KEY: '' };
    expect(gatewayOf(off).isOn).toBe(false);
    expect(await codeOf(gatewayOf(off).balance('EUR'))).toBe('unavailable PROVIDER_NOT_CONFIGURED');
  });
});

describe('what is done twice is done once', () => {
  it('a cancellation whose first answer was lost', async () => {
    answers = [
      { status: 0 },
      { status: 409, body: problem('transfer.cancellation.not.allowed') },
      { status: 200, body: { ...TRANSFER, status: 'cancelled' } },
    ];
    expect(await gatewayOf().cancel('16521632')).toEqual({ ...TOLD, state: 'cancelled' });
  });

  it('but not one that comes too late', async () => {
    answers = [
      { status: 409, body: problem('transfer.cancellation.not.allowed') },
      { status: 200, body: { ...TRANSFER, status: 'funds_converted' } },
    ];
    expect(await codeOf(gatewayOf().cancel('16521632'))).toBe('conflict TRANSFER_NOT_CANCELABLE');
  });

  it('taking a recipient out that is out already, and not one that is another’s', async () => {
    answers = [
      { status: 403, body: {} },
      { status: 200, body: { ...RECIPIENT, active: false } },
    ];
    expect(await codeOf(gatewayOf().deactivateRecipient('8692237'))).toBe('fine');
    answers = [
      { status: 403, body: {} },
      { status: 200, body: RECIPIENT },
    ];
    expect(await codeOf(gatewayOf().deactivateRecipient('8692237'))).toBe('provider PROVIDER_ERROR');
  });

  it.each([
    ['incoming_payment_waiting', false],
    ['processing', true],
    ['outgoing_payment_sent', true],
    ['bounced_back', true],
    ['cancelled', false],
  ])('funding, by its state where no payment is listed: %s', async (status, funded) => {
    answers = [
      { status: 200, body: [] },
      { status: 200, body: { ...TRANSFER, status } },
    ];
    expect(await gatewayOf().isFunded('16521632')).toBe(funded);
  });

  it('a recipient, looked for on every page', async () => {
    const page = (id: number, next: number | null): Answer => ({
      status: 200,
      body: { content: [{ ...RECIPIENT, id }], ...(next !== null && { seekPositionForNext: next }), size: 20 },
    });
    answers = [page(1, 2), page(2, 3), page(3, null)];
    expect((await gatewayOf().recipients('EUR')).map(({ recipientRef }) => recipientRef)).toEqual(['1', '2', '3']);
    expect(asked[2]?.url).toContain('seekPosition=3');
    expect(wrong).toEqual([]);
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
    answers = [{ status: 422, body: { errors } }];
    const refusal = gatewayOf().createRecipient(PERSON);
    await expect(refusal).rejects.toMatchObject({
      ...{ kind: 'validation', code: 'RECIPIENT_REFUSED' },
      details: { fields: [{ field: 'IBAN', message: 'No bank has *** of ***' }] },
    });
  });

  it('nothing of a failure can be logged that was sent or answered', async () => {
    answers = [{ status: 422, body: problem(`x ${IBAN}`) }];
    const error: unknown = await gatewayOf()
      .createTransfer(ORDER)
      .catch((failure: unknown) => failure);
    const seen = JSON.stringify([error, error instanceof Error && error.cause]) + String(error);
    expect(seen).not.toContain(IBAN);
    expect(seen).not.toContain(TOKEN);
  });
});
