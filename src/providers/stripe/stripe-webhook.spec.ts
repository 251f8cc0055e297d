import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { isAppError } from '../../shared/app-error';
import { verifyStripeEvent } from './stripe-webhook';

const NOW = 1_780_000_000;
const SECRET = 'whsec_current';
const FORMER = 'whsec_former';

const EVENT = {
  id: 'evt_1',
  object: 'event',
  type: 'invoice.paid',
  api_version: '2026-10-28.endive',
  created: NOW - 5,
  livemode: false,
  data: { object: { id: 'in_1', object: 'invoice', customer: 'cus_1' } },
};

function sign(body: string | Buffer, options: { secret?: string; at?: number; scheme?: string } = {}): string {
  const { secret = SECRET, at = NOW, scheme = 'v1' } = options;
  const signature = createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex');
  return `t=${at},${scheme}=${signature}`;
}

function verify(body: string | Buffer, header: string | undefined, secrets: readonly string[] = [SECRET]): unknown {
  return verifyStripeEvent(Buffer.from(body), header, secrets, NOW);
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (!isAppError(error)) throw error;
    expect(error.kind).toBe('validation');
    return error.code;
  }
}

const BODY = JSON.stringify(EVENT);

describe('signatures', () => {
  it('reads what an inbox row needs', () => {
    expect(verify(BODY, sign(BODY))).toEqual({
      eventId: 'evt_1',
      type: 'invoice.paid',
      apiVersion: '2026-10-28.endive',
      livemode: false,
      objectType: 'invoice',
      objectId: 'in_1',
      aggregate: 'stripe:cus_1',
      occurredAt: new Date((NOW - 5) * 1000),
    });
  });

  const good = sign(BODY);
  it.each<[string, string | undefined]>([
    ['missing', undefined],
    ['empty', ''],
    ['only a comma', ','],
    ['of another secret', sign(BODY, { secret: 'whsec_other' })],
    ['truncated', good.slice(0, -1)],
    ['without its time', good.slice(good.indexOf('v1'))],
    ['with a time that is no number', good.replace(/t=\d+/, 't=now')],
    ['with another time than the one signed', good.replace(/t=\d+/, `t=${NOW - 1}`)],
    ['of the scheme v0, which is for tests', sign(BODY, { scheme: 'v0' })],
    ['301 s old', sign(BODY, { at: NOW - 301 })],
    ['301 s ahead', sign(BODY, { at: NOW + 301 })],
    ['a year ahead', sign(BODY, { at: NOW + 31_536_000 })],
    ['with an empty signature', `t=${NOW},v1=`],
    ['with text beyond ASCII', `t=${NOW},v1=ÄÖÜ`],
    ['without a value', `t=${NOW},v1`],
    ['very long', `${good},${'v1=00,'.repeat(5000)}`.replace(good.slice(-64), '0'.repeat(64))],
  ])('refuses a signature that is %s', (_title, header) => {
    expect(codeOf(() => verify(BODY, header))).toBe('INVALID_SIGNATURE');
  });

  it.each([
    ['300 s old', sign(BODY, { at: NOW - 300 })],
    ['300 s ahead', sign(BODY, { at: NOW + 300 })],
    ['beside a wrong one', `${good},v1=${'0'.repeat(64)}`],
    ['behind a wrong one', good.replace('v1=', `v1=${'0'.repeat(64)},v1=`)],
    ['beside a v0', `${good},v0=${'0'.repeat(64)}`],
  ])('takes a signature %s', (_title, header) => {
    expect(codeOf(() => verify(BODY, header))).toBe('accepted');
  });

  it('takes either of two secrets while they are rotated, and none where none is set', () => {
    expect(codeOf(() => verify(BODY, sign(BODY, { secret: FORMER }), [SECRET, FORMER]))).toBe('accepted');
    expect(codeOf(() => verify(BODY, sign(BODY), [SECRET, FORMER]))).toBe('accepted');
    expect(codeOf(() => verify(BODY, sign(BODY, { secret: FORMER })))).toBe('INVALID_SIGNATURE');
    expect(codeOf(() => verify(BODY, sign(BODY), []))).toBe('INVALID_SIGNATURE');
  });

  it('refuses the same JSON written again: it is the bytes that are signed', () => {
    expect(codeOf(() => verify(JSON.stringify(EVENT, null, 2), sign(BODY)))).toBe('INVALID_SIGNATURE');
    expect(codeOf(() => verify(`${BODY} `, sign(BODY)))).toBe('INVALID_SIGNATURE');
  });

  it('refuses a body with any one bit turned, and a header with any one character changed', () => {
    const bytes = Buffer.from(BODY);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (index, bit) => {
        const turned = Buffer.from(bytes);
        turned[index] = (turned[index] ?? 0) ^ (1 << bit);
        expect(codeOf(() => verify(turned, good))).toBe('INVALID_SIGNATURE');
      }),
    );
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.constantFrom('0', '7', 'a', 'f', 'g', ',', '=', ' '),
        (index, character) => {
          fc.pre(good[index] !== character);
          const header = good.slice(0, index) + character + good.slice(index + 1);
          expect(codeOf(() => verify(BODY, header))).toBe('INVALID_SIGNATURE');
        },
      ),
    );
  });
});

describe('a signed body that is not an event', () => {
  const without = (key: string): object => Object.fromEntries(Object.entries(EVENT).filter(([name]) => name !== key));
  it.each<[string, string | object]>([
    ['nothing', ''],
    ['no JSON', '{"id":'],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['without an id', without('id')],
    ['with an empty id', { ...EVENT, id: '' }],
    ['with a number as id', { ...EVENT, id: 7 }],
    ['with NUL in its id', { ...EVENT, id: 'evt_\u0000' }],
    ['with an id beyond any length', { ...EVENT, id: 'e'.repeat(256) }],
    ['without a type', without('type')],
    ['with NUL in its type', { ...EVENT, type: 'invoice\u0000paid' }],
    ['without created', without('created')],
    ['created as text', { ...EVENT, created: '1780000000' }],
    ['created in a fraction', { ...EVENT, created: 1.5 }],
    ['created beyond Date', { ...EVENT, created: 1e15 }],
    ['created before Date', { ...EVENT, created: -1e15 }],
    ['without livemode', without('livemode')],
    ['with livemode as text', { ...EVENT, livemode: 'false' }],
    ['without data', without('data')],
    ['with a list as data', { ...EVENT, data: [] }],
    ['without an object', { ...EVENT, data: {} }],
    ['with null as object', { ...EVENT, data: { object: null } }],
  ])('is refused: %s', (_title, value) => {
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    expect(codeOf(() => verify(body, sign(body)))).toBe('INVALID_INPUT');
  });
});

describe('what is taken from an event', () => {
  const read = (event: object): Record<string, unknown> => {
    const body = JSON.stringify(event);
    return verify(body, sign(body)) as Record<string, unknown>;
  };
  const about = (object: unknown): unknown => read({ ...EVENT, data: { object } })['aggregate'];

  it.each<[string, unknown, string | null]>([
    ['the customer by id', { customer: 'cus_1' }, 'stripe:cus_1'],
    ['the customer expanded', { customer: { id: 'cus_1', object: 'customer' } }, 'stripe:cus_1'],
    ['the customer himself', { object: 'customer', id: 'cus_1' }, 'stripe:cus_1'],
    ['nobody', {}, null],
    ['a null customer', { customer: null }, null],
    ['an empty customer', { customer: '' }, null],
    ['a number as customer', { customer: 7 }, null],
    ['a customer without an id', { customer: {} }, null],
    ['a customer whose id is a number', { customer: { id: 7 } }, null],
    ['NUL in the customer', { customer: 'cus_\u0000' }, null],
    ['a customer beyond any length', { customer: 'c'.repeat(300) }, null],
  ])('aggregate: %s', (_title, object, expected) => {
    expect(about(object)).toBe(expected);
  });

  it('keeps no text that a row cannot hold', () => {
    expect(
      read({ ...EVENT, api_version: 'v\u0000', data: { object: { id: '\u0000', object: 'x'.repeat(999) } } }),
    ).toMatchObject({ apiVersion: null, objectId: null, objectType: null });
    expect(read({ ...EVENT, api_version: null })).toMatchObject({ apiVersion: null });
    expect(read({ ...EVENT, api_version: 7 })).toMatchObject({ apiVersion: null });
  });

  it('never fails otherwise, whatever the signed JSON', () => {
    const part = fc.jsonValue();
    fc.assert(
      fc.property(part, part, part, (whole, object, customer) => {
        for (const value of [whole, { ...EVENT, data: { object } }, { ...EVENT, data: { object: { customer } } }]) {
          const body = JSON.stringify(value);
          expect(['accepted', 'INVALID_INPUT']).toContain(codeOf(() => verify(body, sign(body))));
        }
      }),
    );
  });
});
