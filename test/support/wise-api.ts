import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mismatches, OPERATIONS } from '../../sandbox/wise/requests';
import type { TransferRecord } from '../../sandbox/wise/state';
import { startTestSandbox, type TestSandbox } from './stripe-sandbox';

const START = Date.parse('2026-01-15T10:00:00Z') / 1000;
export const IBAN = 'DE89370400440532013000';

export interface WiseAnswer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}
export interface WiseQuote {
  id: string;
  rate: number;
  status: string;
  targetAmount: number;
  paymentOptions: {
    payIn: string;
    payOut: string;
    disabled: boolean;
    sourceAmount: number;
    targetAmount: number;
    fee: { total: number };
    disabledReason?: { code: string };
  }[];
}
export interface WiseHook {
  headers: IncomingHttpHeaders;
  raw: string;
  body: { event_type: string; subscription_id: string; data: Record<string, unknown> };
}

interface Ask {
  ids?: Readonly<Record<string, unknown>>;
  query?: string;
  body?: object;
  bearer?: string;
}

/** The sandbox's Wise with money on its balances, seen as its clients see it; what it tells arrives in `hooks`. */
export class WiseApi {
  readonly hooks: WiseHook[] = [];
  private readonly receiver = createServer((request, reply) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const raw = Buffer.concat(parts).toString();
      this.hooks.push({ headers: request.headers, raw, body: JSON.parse(raw) as WiseHook['body'] });
      reply.end();
    });
  });

  private constructor(
    readonly box: TestSandbox,
    readonly token: string,
    readonly profile: string,
    readonly publicKey: string,
  ) {}

  static async open(): Promise<WiseApi> {
    const box = await startTestSandbox({ start: START });
    const { token, profileId, publicKey } = await box.control<{ token: string; profileId: string; publicKey: string }>(
      'GET',
      'wise/credentials',
    );
    const wise = new WiseApi(box, token, profileId, publicKey);
    await new Promise<void>((resolve) => wise.receiver.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(wise.receiver.address() as AddressInfo).port}/wise`;
    await box.control('POST', 'wise/subscriptions', { url });
    await box.control('POST', 'wise/balances', { currency: 'USD', amount: 100_000 });
    await box.control('POST', 'wise/balances', { currency: 'EUR', amount: 0 });
    return wise;
  }

  async close(): Promise<void> {
    await this.box.sandbox.close();
    await new Promise((resolve) => this.receiver.close(resolve));
  }

  /** No policy and no chaos. */
  async calm(): Promise<void> {
    const policy = { strongAuthentication: false, statementAuthentication: false, rejectFunding: null };
    await this.box.control('POST', 'wise/policy', { ...policy, ratesMove: 0, progresses: true });
    await this.box.control('PUT', 'chaos', {});
  }

  /**
   * Sends a request; its answer has to be what Wise's documents say.
   * @param operation method and path as there, e.g. `GET /v1/transfers/{transferId}`
   */
  async ask<T = Record<string, unknown>>(
    operation: string,
    { ids = {}, query = '', body, bearer = this.token }: Ask = {},
  ): Promise<WiseAnswer<T>> {
    const [method = '', template = ''] = operation.split(' ');
    const path = Object.entries({ profileId: this.profile, ...ids }).reduce(
      (text, [name, value]) => text.replace(`{${name}}`, value),
      template,
    );
    const answer = await fetch(`${this.box.sandbox.url}${path}${query}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const told = (text === '' ? null : JSON.parse(text)) as T;
    const schema = OPERATIONS[operation]?.answers[String(answer.status)];
    if (schema) expect(mismatches(schema, told)).toEqual([]);
    return { status: answer.status, headers: answer.headers, body: told };
  }

  /** From dollars into euros, where nothing else is said. */
  quote(body: object): Promise<WiseAnswer<WiseQuote>> {
    const pair = { sourceCurrency: 'USD', targetCurrency: 'EUR' };
    return this.ask<WiseQuote>('POST /v3/profiles/{profileId}/quotes', { body: { ...pair, ...body } });
  }

  account(body: object): Promise<WiseAnswer> {
    const common = { profile: Number(this.profile), accountHolderName: 'Anna Bo' };
    return this.ask('POST /v1/accounts', { body: { ...common, ...body } });
  }

  /** One with an IBAN. */
  async recipient(): Promise<number> {
    const { body } = await this.account({ currency: 'EUR', type: 'iban', details: { legalType: 'PRIVATE', IBAN } });
    return body['id'] as number;
  }

  /** A transfer of 100 euros, where nothing else is said. */
  async transfer(more: object = {}): Promise<WiseAnswer> {
    const { body } = await this.quote({ targetAmount: 100 });
    const common = { targetAccount: await this.recipient(), quoteUuid: body.id, customerTransactionId: randomUUID() };
    return this.ask('POST /v1/transfers', { body: { ...common, details: { reference: 'PO 1' }, ...more } });
  }

  fund(transferId: unknown): Promise<WiseAnswer> {
    const ask = { ids: { transferId }, body: { type: 'BALANCE' } };
    return this.ask('POST /v3/profiles/{profileId}/transfers/{transferId}/payments', ask);
  }

  async stateOf(transferId: unknown): Promise<unknown> {
    return (await this.ask('GET /v1/transfers/{transferId}', { ids: { transferId } })).body['status'];
  }

  move(id: unknown, body: object): Promise<TransferRecord> {
    return this.box.control('POST', `wise/transfers/${String(id)}/state`, body);
  }

  async pass(seconds: number): Promise<void> {
    await this.box.control('POST', 'clock', { advanceSeconds: seconds });
  }

  async balance(currency: string): Promise<{ id: number; amount: number }> {
    const { body } = await this.ask<{ id: number; currency: string; amount: { value: number } }[]>(
      'GET /v4/profiles/{profileId}/balances',
      { query: '?types=STANDARD' },
    );
    const found = body.find((one) => one.currency === currency);
    if (!found) throw new Error(`no balance in ${currency}`);
    return { id: found.id, amount: found.amount.value };
  }
}

/** Code and path of everything that an answer complains of. */
export const codesOf = ({ body }: { body: object }): (string | undefined)[][] =>
  ((body as { errors?: { code: string; path?: string }[] }).errors ?? []).map(({ code, path }) => [code, path]);
