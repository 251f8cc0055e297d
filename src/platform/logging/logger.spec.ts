import { createLogger } from './logger';
import { redactText, redactValue } from './redact';

function linesOf(use: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  const logger = createLogger(
    { logLevel: 'trace', environment: 'production', role: 'api' },
    { write: (line: string) => lines.push(line) },
  );
  use(logger);
  return lines.join('');
}

describe('the logger', () => {
  it('writes JSON with a named level, an ISO time and the role', () => {
    const line = JSON.parse(
      linesOf((logger) => {
        logger.info({ invoiceId: 'inv_1' }, 'paid');
      }),
    ) as object;
    expect(line).toMatchObject({ level: 'info', role: 'api', msg: 'paid', invoiceId: 'inv_1' });
    expect(line).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT/));
  });

  it.each([
    ['authorization', { req: { headers: { authorization: 'Bearer abc.def' } } }, 'abc.def'],
    ['cookies', { headers: { cookie: 'session=topsecret', 'set-cookie': ['a=topsecret'] } }, 'topsecret'],
    ['stripe-signature', { headers: { 'stripe-signature': 't=1,v1=deadbeef' } }, 'deadbeef'],
    ['client secrets', { intent: { client_secret: 'pi_1_secret_abc' } }, 'secret_abc'],
    ['clientSecret', { a: { b: { c: { d: { clientSecret: 'hidden-value' } } } } }, 'hidden-value'],
    ['emails by name', { customer: { email: 'someone' } }, 'someone'],
    ['emails in texts', { note: 'wrote to ada@example.com' }, 'ada@'],
    ['card fields', { payment: { card: { number: '4242', last4: '4242' } } }, '4242'],
    ['card numbers in texts', { note: 'paid with 4242 4242 4242 4242 today' }, '4242 4242'],
    ['raw bodies', { rawBody: 'the-whole-body', body: Buffer.from('the-whole-body') }, 'the-whole-body'],
    ['keys in texts', { note: 'used sk_live_abc123 and whsec_abc123' }, 'abc123'],
    ['passwords in URLs', { url: 'postgresql://kassa:pa55word@localhost/kassa' }, 'pa55word'],
    ['sealed texts', { path: `/v1/notifications/unsubscribe/v1.aB_-5678.${'x'.repeat(40)}` }, 'xxx'],
    ['internal keys', { headers: { 'x-internal-api-key': 'key-of-ours' } }, 'key-of-ours'],
  ])('hides %s', (_name, entry, secret) => {
    expect(
      linesOf((logger) => {
        logger.info(entry);
      }),
    ).not.toContain(secret);
    expect(
      linesOf((logger) => {
        logger.child({}).warn(entry, 'with a message');
      }),
    ).not.toContain(secret);
  });

  it('hides secrets inside errors, their causes and their stacks', () => {
    const cause = Object.assign(new Error('refused ada@example.com'), { headers: { authorization: 'Basic hush' } });
    const error = Object.assign(new Error('with Bearer abc.def', { cause }), { raw: { client_secret: 'hush' } });
    const text = linesOf((logger) => {
      logger.error({ err: error }, 'failed');
    });
    expect(text).toContain('logger.spec');
    expect(text).not.toMatch(/hush|ada@|abc\.def/);
  });

  it('keeps what helps: ids, amounts, times', () => {
    const entry = { subscriptionId: 'sub_1', amount: 1299, at: new Date(0), method: { last4: '4242' }, tokenCount: 3 };
    expect(redactValue(entry)).toEqual(entry);
    expect(redactText('evt_1NqV1700000000000 took 12 ms')).toBe('evt_1NqV1700000000000 took 12 ms');
  });

  it('keeps every line JSON, even around a number that looks like a card', () => {
    const line = linesOf((logger) => {
      logger.info({ a: 4242424242424242, b: [4242424242424242], at: 1700000000000 });
    });
    expect(line).not.toContain('42424242');
    expect(JSON.parse(line)).toMatchObject({ at: 1700000000000 });
  });

  it('survives circular and deep objects', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(
      linesOf((logger) => {
        logger.info({ loop });
      }),
    ).toContain('[deep]');
  });
});
