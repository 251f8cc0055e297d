import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { mismatches, OPERATIONS } from '../../sandbox/wise/requests';
import { loadConfig, type Environment } from '../../src/platform/config';
import { WiseGateway } from '../../src/providers/wise';
import { WiseAccount } from '../../src/providers/wise/wise-account';
import { WiseClient } from '../../src/providers/wise/wise-client';
import { money } from '../../src/shared/money';

/** Of an answer; 0 cuts the connection after the request was read, -1 lets it wait. */
export interface WiseAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface WiseAsked {
  url: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export const PROFILE = 30_000_001;
export const QUOTE_ID = '11144c35-9fe8-4c32-b7fd-d05c2a7734bf';
export const UUID = '54a6bc09-cef9-49a8-9041-f1f0c654cd88';
const DATE = 'Thu, 01 Jan 2026 10:00:00 GMT';
export const AT = new Date(DATE);
export const TOKEN = 'a-token-that-nobody-may-see';
export const IBAN = 'DE89370400440532013000';

export const OPTION = {
  ...{ disabled: false, payIn: 'BALANCE', payOut: 'BANK_TRANSFER', sourceAmount: 110.77, targetAmount: 100 },
  ...{ fee: { transferwise: 0.77, payIn: 0, discount: 0, partner: 0, total: 0.77 } },
};
export const QUOTE = {
  ...{ id: QUOTE_ID, sourceCurrency: 'USD', targetCurrency: 'EUR', sourceAmount: 110.77, targetAmount: 100 },
  ...{ payOut: 'BANK_TRANSFER', rate: 0.909090909, expirationTime: '2026-01-01T10:30:00Z', notices: [] },
  paymentOptions: [{ ...OPTION, payIn: 'BANK_TRANSFER', sourceAmount: 111.5 }, OPTION],
};
export const TRANSFER = {
  ...{ id: 16521632, user: 4342275, targetAccount: 8692237, sourceAccount: null, quote: null, quoteUuid: QUOTE_ID },
  ...{ status: 'incoming_payment_waiting', rate: 0.909090909, created: '2025-12-24 10:47:49', sourceCurrency: 'USD' },
  ...{ sourceValue: 110, targetCurrency: 'EUR', targetValue: 100, customerTransactionId: UUID },
};
export const RECIPIENT = {
  ...{ id: 8692237, currency: 'EUR', type: 'SwiftCode', active: true, name: { fullName: 'Erika Mustermann' } },
  details: { reference: null, IBAN },
};
export const BALANCE = {
  ...{ id: 200001, currency: 'JPY', type: 'STANDARD', name: null, investmentState: 'NOT_INVESTED' },
  amount: { value: 310, currency: 'JPY' },
};
export const TOLD = {
  ...{ transferRef: '16521632', customerTransactionId: UUID, state: 'incoming_payment_waiting', quoteRef: QUOTE_ID },
  answeredAt: AT,
};

export const ASK = { sourceCurrency: 'USD', target: money(10_000n, 'EUR'), recipientRef: '8692237' } as const;
export const ORDER = {
  quoteRef: QUOTE_ID,
  recipientRef: '8692237',
  customerTransactionId: UUID,
  reference: 'Invoice 7',
};
export const PERSON = {
  currency: 'EUR',
  type: 'iban',
  name: 'Erika Mustermann',
  details: { legalType: 'PRIVATE', IBAN },
} as const;

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'pem', type: 'spki' });

/**
 * An HTTP server in Wise's place: it holds every request against Wise's own documents, and answers what a test says. What the tests let
 * it answer is held against them too.
 */
export class WiseStand {
  /** One after the other, the last of them for good. */
  answers: WiseAnswer[] = [];
  asked: WiseAsked[] = [];
  /** What Wise's documents do not have. */
  wrong: string[] = [];
  private readonly server: Server = createServer((request, response) => {
    void text(request).then((raw) => {
      this.answer(request, raw, response);
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  forget(): void {
    [this.answers, this.asked, this.wrong] = [[], [], []];
  }

  gateway(more: Environment = {}): WiseGateway {
    const config = loadConfig({
      ...{
        DATABASE_URL: 'postgresql://k@localhost/k',
        REDIS_URL: 'redis://localhost',
        AUTH_JWT_SECRET: 'k'.repeat(32),
      },
      ...{ AUTH_ISSUER: 'https://auth.example.com', AUTH_AUDIENCE: 'kassa', WISE_API_BASE: this.base },
      ...{ WISE_API_TOKEN: TOKEN, WISE_PROFILE_ID: String(PROFILE), WISE_WEBHOOK_PUBLIC_KEY: PEM.toString(), ...more },
    });
    const now = new Date('2026-01-01T10:00:00.500Z');
    const client = new WiseClient(config, { now: () => now, wall: () => now });
    return new WiseGateway(client, new WiseAccount(client));
  }

  private get base(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private answer(request: IncomingMessage, raw: string, response: ServerResponse): void {
    const operation = this.judge(request, raw);
    const { answers } = this;
    const { status, body, headers } = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 500 };
    if (status === 0) request.socket.destroy();
    if (status <= 0) return;
    const schema = OPERATIONS[operation]?.answers[String(status)];
    if (schema && body !== undefined) this.wrong.push(...problemsOf(schema, body, 'body'));
    response.writeHead(status, { 'content-type': 'application/json', date: DATE, ...headers });
    response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** @returns the operation it is. */
  private judge({ method = '', url = '', headers }: IncomingMessage, raw: string): string {
    const { pathname, searchParams } = new URL(url, this.base);
    const operation = Object.keys(OPERATIONS).find((one) => isOperation(one, method, pathname)) ?? '';
    const schema = OPERATIONS[operation];
    const body: unknown = raw === '' ? undefined : JSON.parse(raw);
    this.asked.push({ url, headers, body });
    if (!schema) {
      this.wrong.push(`Wise has no ${method} ${pathname}`);
      return '';
    }
    const { wrong } = this;
    wrong.push(...problemsOf(schema.query, Object.fromEntries(searchParams), 'query'));
    if (schema.body) wrong.push(...problemsOf(schema.body, body, 'body'));
    if (!schema.body && body !== undefined) wrong.push(`${operation} takes no body`);
    if (schema.body && headers['content-type'] !== 'application/json') wrong.push('the body is not said to be JSON');
    if (headers.authorization !== `Bearer ${TOKEN}`) wrong.push('there is no bearer');
    if (!UUID_FORM.test(String(headers['x-external-correlation-id']))) wrong.push('the correlation id is no UUID');
    return operation;
  }
}

const UUID_FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isOperation(operation: string, method: string, pathname: string): boolean {
  const [verb, template = ''] = operation.split(' ');
  const pattern = template.replace(/\{(\w+)\}/g, (_all, name: string) =>
    name === 'quoteId' ? '[0-9a-f-]{36}' : '[1-9]\\d*',
  );
  return verb === method && new RegExp(`^${pattern}$`).test(pathname);
}

function problemsOf(schema: object, value: unknown, where: 'query' | 'body'): string[] {
  return mismatches(schema, value, where).map(
    ({ instancePath, message = '', params }) => `${where}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
