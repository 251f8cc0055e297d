import { IdempotencyKeys } from './idempotency';

const DAY = 24 * 3600;

function refusal(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}

describe('IdempotencyKeys', () => {
  let time = 1_800_000_000;
  const answer = { status: 402, body: { error: {} }, requestId: 'req_1' };
  const open = (): IdempotencyKeys => new IdempotencyKeys({ now: () => time });

  it('replays the first answer, whatever it was', () => {
    const keys = open();
    expect(keys.begin('k', 'POST /v1/x {}')).toBeUndefined();
    keys.finish('k', answer);
    expect(keys.begin('k', 'POST /v1/x {}')).toBe(answer);
    expect(keys.begin('k', 'POST /v1/x {}')).toBe(answer);
  });

  it('refuses the same key with other parameters', () => {
    const keys = open();
    keys.begin('k', 'POST /v1/x {}');
    keys.finish('k', answer);
    expect(refusal(() => keys.begin('k', 'POST /v1/y {}'))).toMatchObject({
      status: 400,
      error: { type: 'idempotency_error' },
    });
  });

  it('refuses a second request while the first runs', () => {
    const keys = open();
    keys.begin('k', 'f');
    expect(refusal(() => keys.begin('k', 'f'))).toMatchObject({
      status: 409,
      error: { code: 'idempotency_key_in_use' },
    });
  });

  it('forgets what did not begin to execute, and everything after a day', () => {
    const keys = open();
    keys.begin('k', 'f');
    keys.abandon('k');
    expect(keys.begin('k', 'g')).toBeUndefined();
    keys.finish('k', answer);
    time += DAY - 1;
    expect(keys.begin('k', 'g')).toBe(answer);
    time += 1;
    expect(keys.begin('k', 'h')).toBeUndefined();
  });

  it('bounds the length of a key', () => {
    expect(() => open().begin('k'.repeat(256), 'f')).toThrow('at most 255');
  });
});
