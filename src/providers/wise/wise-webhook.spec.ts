import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAppError } from '../../shared/app-error';
import { readDelivery, rereadBody } from './wise-delivery';
import { readPublicKeys } from './wise-keys';
import { translateWiseDelivery } from './wise-translator';
import { verifyWiseSignature } from './wise-verifier';
import { toVerifiedEvent } from './wise-webhook';

const PROFILE = '222';
const SUBSCRIPTION = '01234567-89ab-cdef-0123-456789abcdef';
const AT = '2026-01-01T12:34:56.789Z';

const OURS = generateKeyPairSync('rsa', { modulusLength: 2048 });
const OTHER = generateKeyPairSync('rsa', { modulusLength: 2048 });

const STATE = {
  resource: { type: 'transfer', id: 111, profile_id: 222, account_id: 333 },
  ...{ current_state: 'processing', previous_state: 'incoming_payment_waiting', occurred_at: AT },
};
const FAILURE = {
  ...{ transfer_id: 111, profile_id: 222, failure_reason_code: 'WRONG_ID_NUMBER' },
  ...{ failure_description: 'a name that is nobody else’s business', occurred_at: AT },
};
const BALANCE = {
  resource: { id: 2, profile_id: 222, type: 'balance-account' },
  ...{ amount: 70.25, balance_id: 444, channel_name: 'TRANSFER', currency: 'GBP', occurred_at: AT, step_id: 1234567 },
  ...{ post_transaction_balance_amount: 170.25, transaction_type: 'credit', transfer_reference: 'BNK-1234567' },
};

function bodyOf(type: string, data: object, more: object = {}): Buffer {
  const event = {
    data,
    subscription_id: SUBSCRIPTION,
    event_type: type,
    schema_version: '4.0.0',
    sent_at: AT,
    ...more,
  };
  return Buffer.from(JSON.stringify(event));
}

const BODY = bodyOf('transfers#state-change', STATE);

function signed(body: Buffer, key: KeyObject = OURS.privateKey, hash = 'RSA-SHA256'): string {
  return sign(hash, body, key).toString('base64');
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return isAppError(error) ? `${error.kind} ${error.code}` : String(error);
  }
}

describe('a signature', () => {
  const keys = [OURS.publicKey];

  it('is believed', () => {
    expect(
      codeOf(() => {
        verifyWiseSignature(BODY, signed(BODY), keys);
      }),
    ).toBe('none');
  });

  it('is believed of any of several keys', () => {
    expect(
      codeOf(() => {
        verifyWiseSignature(BODY, signed(BODY), [OTHER.publicKey, OURS.publicKey]);
      }),
    ).toBe('none');
  });

  it.each<[string, Buffer, string | undefined]>([
    ['of another key', BODY, signed(BODY, OTHER.privateKey)],
    ['of another hash', BODY, signed(BODY, OURS.privateKey, 'RSA-SHA1')],
    ['of another body', Buffer.concat([BODY, Buffer.from(' ')]), signed(BODY)],
    [
      'of the same content, written otherwise',
      Buffer.from(JSON.stringify(JSON.parse(BODY.toString()), null, 1)),
      signed(BODY),
    ],
    ['that is missing', BODY, undefined],
    ['that is empty', BODY, ''],
    ['that is not base64', BODY, `${signed(BODY).slice(0, -4)}####`],
    ['in base64url', BODY, Buffer.from(signed(BODY), 'base64').toString('base64url')],
    ['that is cut off', BODY, signed(BODY).slice(0, 100)],
    [
      'that is twice as long',
      BODY,
      Buffer.concat([Buffer.from(signed(BODY), 'base64'), Buffer.alloc(256)]).toString('base64'),
    ],
    ['that is endless', BODY, 'A'.repeat(100_000)],
    ['with a line break', BODY, `${signed(BODY)}\n`],
  ])('%s is refused', (_what, body, signature) => {
    const work = (): void => {
      verifyWiseSignature(body, signature, keys);
    };
    expect(codeOf(work)).toBe('validation INVALID_SIGNATURE');
  });
});

describe('the keys of a setting', () => {
  const pem = OURS.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const other = OTHER.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const folder = mkdtempSync(join(tmpdir(), 'kassa-wise-'));
  const file = join(folder, 'wise.pem');
  writeFileSync(file, `# production\n${pem}# the next one\n${other}`);

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each<[string, string, number]>([
    ['PEM', pem, 1],
    ['PEM on one line', pem.replaceAll('\n', '\\n'), 1],
    ['several one after the other', `${pem}\n${other}`, 2],
    ['a file', file, 2],
  ])('are read from %s', (_what, setting, count) => {
    const keys = readPublicKeys(setting);
    expect(keys).toHaveLength(count);
    expect(keys[0]?.equals(createPublicKey(pem))).toBe(true);
  });

  it.each<[string, string]>([
    ['no such file', join(folder, 'none.pem')],
    ['no key in it', '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----'],
    ['a broken one', pem.replace('MII', 'XXX')],
    [
      'one of another kind',
      generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    ],
  ])('stop the start where there is %s', (_what, setting) => {
    expect(() => readPublicKeys(setting)).toThrow('WISE_WEBHOOK_PUBLIC_KEY is neither');
  });
});

describe('an event', () => {
  const read = (type: string, data: object, more: object = {}) => readDelivery(bodyOf(type, data, more));

  it('is known by what it says, however often it is delivered', () => {
    const { eventId } = read('transfers#state-change', STATE);
    expect(eventId).toBe(`transfers#state-change:111:processing:${AT}:${SUBSCRIPTION}`);
    expect(read('transfers#state-change', STATE, { sent_at: '2026-01-02T00:00:00Z' }).eventId).toBe(eventId);
  });

  it.each<[string, object]>([
    ['state', { ...STATE, current_state: 'funds_converted' }],
    ['moment', { ...STATE, occurred_at: '2026-01-01T12:34:57.000Z' }],
    ['transfer', { ...STATE, resource: { ...STATE.resource, id: 112 } }],
  ])('of another %s is another one', (_what, data) => {
    expect(read('transfers#state-change', data).eventId).not.toBe(read('transfers#state-change', STATE).eventId);
  });

  it('of two movements in one moment is two', () => {
    const [one, two] = [read('balances#update', BALANCE), read('balances#update', { ...BALANCE, step_id: 1234568 })];
    expect(one.eventId).not.toBe(two.eventId);
  });

  it('becomes a row of the inbox', () => {
    expect(toVerifiedEvent(read('transfers#state-change', STATE))).toMatchObject({
      ...{ type: 'transfers#state-change', apiVersion: '4.0.0', livemode: true, aggregate: null },
      ...{ objectType: 'transfer', objectId: '111', occurredAt: new Date(AT) },
    });
  });

  it.each<[string, Buffer]>([
    ['no JSON', Buffer.from('{')],
    ['no object', Buffer.from('[]')],
    ['no type', bodyOf('', STATE)],
    ['a type that is none', bodyOf("transfers'; DROP TABLE facts; --", STATE)],
    ['no subscription', bodyOf('transfers#state-change', STATE, { subscription_id: 'x' })],
    ['no data', bodyOf('transfers#state-change', [])],
    ['no transfer', bodyOf('transfers#state-change', { ...STATE, resource: {} })],
    [
      'a transfer beyond 2^53',
      bodyOf('transfers#state-change', { ...STATE, resource: { id: 2 ** 53, profile_id: 222 } }),
    ],
    [
      'a transfer of a fraction',
      bodyOf('transfers#state-change', { ...STATE, resource: { id: 1.5, profile_id: 222 } }),
    ],
    ['no state', bodyOf('transfers#state-change', { ...STATE, current_state: null })],
    ['a state with NUL', bodyOf('transfers#state-change', { ...STATE, current_state: 'paid\u0000' })],
    ['no time', bodyOf('transfers#state-change', { ...STATE, occurred_at: 'soon' })],
    ['no reason', bodyOf('transfers#payout-failure', { ...FAILURE, failure_reason_code: 7 })],
    ['no currency', bodyOf('balances#update', { ...BALANCE, currency: 'pounds' })],
    ['a balance of text', bodyOf('balances#update', { ...BALANCE, balance_id: 'mine' })],
  ])('is none with %s', (_what, body) => {
    expect(codeOf(() => readDelivery(body))).toBe('validation INVALID_INPUT');
  });
});

describe('what an event means', () => {
  const meaning = (body: Buffer) => translateWiseDelivery(readDelivery(body), PROFILE);
  const via = { objectType: 'transfer', objectId: '111' };
  const about = { provider: 'wise', ...via, occurredAt: new Date(AT) };

  it('a change of state, with what was before', () => {
    expect(meaning(BODY)).toEqual({
      ...{ kind: 'unplaced', via },
      facts: [
        {
          ...about,
          ...{ kind: 'transfer.changed', sourceId: `transfers#state-change:111:processing:${AT}:${SUBSCRIPTION}` },
          ...{ payload: { state: 'processing' }, before: { state: 'incoming_payment_waiting' } },
        },
      ],
    });
  });

  it.each([null, undefined, 'waiting_recipient_input_to_proceed'])('a change of state from %p', (previous) => {
    const body = bodyOf('transfers#state-change', { ...STATE, previous_state: previous });
    expect(meaning(body)).toMatchObject({ facts: [{ payload: { state: 'processing' }, before: null }] });
  });

  it.each([
    'incoming_payment_waiting',
    'incoming_payment_initiated',
    'funds_converted',
    'outgoing_payment_sent',
    'bounced_back',
    'funds_refunded',
    'cancelled',
    'charged_back',
  ])('a change to %s', (state) => {
    const body = bodyOf('transfers#state-change', { ...STATE, current_state: state });
    expect(meaning(body)).toMatchObject({ kind: 'unplaced', facts: [{ payload: { state } }] });
  });

  it('a payout that failed, without the words that name people', () => {
    const said = meaning(bodyOf('transfers#payout-failure', FAILURE));
    expect(said).toMatchObject({
      ...{ kind: 'unplaced', via },
      facts: [{ ...about, kind: 'transfer.failed', payload: { failureCode: 'WRONG_ID_NUMBER' }, before: null }],
    });
    expect(JSON.stringify(said)).not.toContain('nobody else');
  });

  it.each<[string, Buffer, object]>([
    [
      'a state that is new to us',
      bodyOf('transfers#state-change', { ...STATE, current_state: 'on_the_moon' }),
      { kind: 'read', ...via },
    ],
    [
      'a movement on a balance',
      bodyOf('balances#update', BALANCE),
      { kind: 'read', objectType: 'deposit', objectId: `GBP@${new Date(AT).getTime()}` },
    ],
    ['a transfer to be read again', rereadBody('111', new Date(AT)), { kind: 'read', ...via }],
    [
      'a type that nobody asked for',
      bodyOf('profiles#verification-state-change', { resource: { id: 222, profile_id: 222 }, occurred_at: AT }),
      { kind: 'ignored', reason: 'nothing that it tells means anything to us' },
    ],
    [
      "another profile's transfer",
      bodyOf('transfers#state-change', { ...STATE, resource: { ...STATE.resource, profile_id: 223 } }),
      { kind: 'ignored', reason: 'about another profile', alert: true },
    ],
    [
      "another profile's failure",
      bodyOf('transfers#payout-failure', { ...FAILURE, profile_id: 223 }),
      { kind: 'ignored', reason: 'about another profile', alert: true },
    ],
  ])('%s', (_what, body, translation) => {
    expect(meaning(body)).toEqual(translation);
  });
});
