import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChain, newKey, signJws, type ChainOptions, type SigningChain } from '../../sandbox/apple/signing';
import { loadConfig, type Environment } from '../../src/platform/config';
import { AppleVerifier } from '../../src/providers/apple';
import { isAppError } from '../../src/shared/app-error';

const folder = mkdtempSync(join(tmpdir(), 'kassa-apple-'));
const chain = createChain();
const [rootFile, pemFile] = [join(folder, 'root.cer'), join(folder, 'root.pem')];
const SIGNED = Date.parse('2026-05-01T10:00:00Z');

beforeAll(() => {
  const root = chain.x5c[2] ?? '';
  writeFileSync(rootFile, Buffer.from(root, 'base64'));
  writeFileSync(
    pemFile,
    `-----BEGIN CERTIFICATE-----\n${root.replaceAll(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function verifierOf(settings: Environment = {}): AppleVerifier {
  return new AppleVerifier(
    loadConfig({
      ...{
        DATABASE_URL: 'postgresql://k@localhost/k',
        REDIS_URL: 'redis://localhost',
        AUTH_JWT_SECRET: 'k'.repeat(32),
      },
      ...{ AUTH_ISSUER: 'https://auth.example.com', AUTH_AUDIENCE: 'kassa', APPLE_BUNDLE_ID: 'com.example.kassa' },
      ...{ APPLE_APP_ID: '64', APPLE_ROOT_CERTS: rootFile, APPLE_ONLINE_CHECKS: 'false', ...settings },
    }),
  );
}

function transaction(change: object = {}): object {
  return {
    ...{ transactionId: '2', originalTransactionId: '1', bundleId: 'com.example.kassa', productId: 'pro', quantity: 1 },
    ...{ purchaseDate: SIGNED, type: 'Auto-Renewable Subscription', environment: 'Production', signedDate: SIGNED },
    ...change,
  };
}

function notification(data: object = {}, change: object = {}, by: SigningChain = chain): object {
  return {
    ...{ notificationType: 'DID_RENEW', notificationUUID: 'a-uuid', version: '2.0', signedDate: SIGNED },
    data: {
      ...{ appAppleId: 64, bundleId: 'com.example.kassa', environment: 'Production', status: 1 },
      signedTransactionInfo: signJws(transaction(), by),
      ...data,
    },
    ...change,
  };
}

/** The error's code, or null where it was accepted. */
async function outcome(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
}

async function judge(
  jws: string,
  settings?: Environment,
): Promise<{ notification: string | null; transaction: string | null }> {
  const verifier = verifierOf(settings);
  return {
    notification: await outcome(() => verifier.notification(jws)),
    transaction: await outcome(() => verifier.transaction(jws)),
  };
}

const INVALID = 'INVALID_SIGNATURE';
const years = (from: number, to: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(`${from}-01-01T00:00:00Z`),
  notAfter: new Date(`${to}-01-01T00:00:00Z`),
});

/** Signs with our root, where the test does not replace it. */
const rootKey = newKey();
const middleKey = newKey();
const ours = createChain({ root: { key: rootKey } });
const signedBy = (options: ChainOptions): SigningChain => createChain({ root: { key: rootKey }, ...options });

describe('what Apple has signed for this app', () => {
  it('is verified, whether the root is kept as DER or as PEM', async () => {
    const jws = signJws(transaction(), chain);
    for (const file of [rootFile, pemFile]) {
      const found = await verifierOf({ APPLE_ROOT_CERTS: file }).transaction(jws);
      expect(found).toMatchObject({ transactionId: '2', productId: 'pro' });
    }
    const told = await verifierOf().notification(signJws(notification(), chain));
    expect(told).toMatchObject({ id: 'a-uuid', type: 'DID_RENEW', status: 1, transaction: { transactionId: '2' } });
  });

  it('is verified long after its certificates have expired, by the moment it was signed', async () => {
    const old = createChain({ root: { key: rootKey }, leaf: years(2025, 2027) });
    writeFileSync(join(folder, 'ours.cer'), Buffer.from(ours.x5c[2] ?? '', 'base64'));
    const settings = { APPLE_ROOT_CERTS: join(folder, 'ours.cer') };
    expect((await judge(signJws(transaction(), old), settings)).transaction).toBeNull();
    expect((await judge(signJws(transaction({ signedDate: Date.UTC(2028) }), old), settings)).transaction).toBe(
      INVALID,
    );
  });
});

describe('the chain', () => {
  const settings = (): Environment => {
    const file = join(folder, 'ours.cer');
    writeFileSync(file, Buffer.from(ours.x5c[2] ?? '', 'base64'));
    return { APPLE_ROOT_CERTS: file };
  };
  const broken: [string, () => SigningChain][] = [
    ['another root', () => createChain()],
    ['no marker on the leaf', () => signedBy({ leaf: { markers: [] } })],
    ['no marker on the intermediate', () => signedBy({ intermediate: { markers: [] } })],
    ['a leaf that has expired', () => signedBy({ leaf: years(2015, 2020) })],
    ['a leaf of the future', () => signedBy({ leaf: years(2040, 2050) })],
    ['an intermediate that has expired', () => signedBy({ intermediate: years(2015, 2020) })],
    ['an intermediate that may sign nobody', () => signedBy({ intermediate: { ca: false } })],
    ['an intermediate that somebody else signed', () => signedBy({ intermediate: { issuerKey: newKey() } })],
    ['a leaf that somebody else signed', () => signedBy({ leaf: { issuerKey: middleKey } })],
    ['a leaf issued under another name', () => signedBy({ leaf: { issuer: 'Somebody Else' } })],
    ['two certificates', () => ({ ...ours, x5c: ours.x5c.slice(0, 2) })],
    ['four certificates', () => ({ ...ours, x5c: [...ours.x5c, ours.x5c[2] ?? ''] })],
    ['none', () => ({ ...ours, x5c: [] })],
    ['certificates that are none', () => ({ ...ours, x5c: ['AAAA', 'BBBB', 'CCCC'] })],
    ['its certificates in another order', () => ({ ...ours, x5c: [...ours.x5c].reverse() })],
    ["another's key under our certificates", () => ({ ...ours, leafKey: newKey() })],
  ];

  it('accepts its own', async () => {
    expect(await judge(signJws(transaction(), ours), settings())).toMatchObject({ transaction: null });
  });

  it.each(broken)('refuses %s', async (_what, make) => {
    const by = make();
    expect((await judge(signJws(transaction(), by), settings())).transaction).toBe(INVALID);
    expect((await judge(signJws(notification({}, {}, by), by), settings())).notification).toBe(INVALID);
    // The outer signature is good, and what stands in it is not.
    const inner = signJws(notification({ signedTransactionInfo: signJws(transaction(), by) }), ours);
    expect((await judge(inner, settings())).notification).toBe(INVALID);
  });
});

describe('what was signed', () => {
  const receipts: [string, object][] = [
    ['of another app', { bundleId: 'com.example.other' }],
    ['of no app', { bundleId: undefined }],
    ['of the sandbox', { environment: 'Sandbox' }],
    ['of Xcode', { environment: 'Xcode' }],
    ['of a local test', { environment: 'LocalTesting' }],
    ['of no environment', { environment: undefined }],
  ];
  it.each(receipts)('is refused as a receipt %s', async (_what, change) => {
    expect((await judge(signJws(transaction(change), chain))).transaction).toBe(INVALID);
  });

  it.each([
    ['of another app', { bundleId: 'com.example.other' }],
    ["of another app's number", { appAppleId: 65 }],
    ['of no number', { appAppleId: undefined }],
    ['of Xcode', { environment: 'Xcode' }],
    ['that is of the sandbox and carries a transaction of production', { environment: 'Sandbox' }],
  ])('is refused as a notification %s', async (_what, data) => {
    expect((await judge(signJws(notification(data), chain))).notification).toBe(INVALID);
  });

  it.each([
    ['another app', { bundleId: 'com.example.other' }],
    ['another environment', { environment: 'Sandbox' }],
  ])('is refused as a notification with a transaction of %s', async (_what, change) => {
    const data = { signedTransactionInfo: signJws(transaction(change), chain) };
    expect((await judge(signJws(notification(data), chain))).notification).toBe(INVALID);
  });

  it('is refused as a notification whose renewal is of another subscription', async () => {
    const renewal = { originalTransactionId: '9', environment: 'Production', signedDate: SIGNED };
    const data = { signedRenewalInfo: signJws(renewal, chain) };
    expect((await judge(signJws(notification(data), chain))).notification).toBe(INVALID);
  });

  it('counts as a sandbox receipt only where it is configured', async () => {
    const jws = signJws(transaction({ environment: 'Sandbox' }), chain);
    expect((await judge(jws, { APPLE_ENVIRONMENT: 'Production' })).transaction).toBe(INVALID);
    expect((await judge(jws, { APPLE_ENVIRONMENT: 'Sandbox' })).transaction).toBeNull();
    expect((await judge(jws, { APPLE_ENVIRONMENT: 'Production,Sandbox' })).transaction).toBeNull();
    const live = signJws(transaction(), chain);
    expect((await judge(live, { APPLE_ENVIRONMENT: 'Sandbox' })).transaction).toBe(INVALID);
  });

  it.each([
    ['a stranger', () => createChain()],
    ['a leaf without its marker', () => signedBy({ leaf: { markers: [] } })],
    ['a key that is not the certificate’s', () => ({ ...chain, leafKey: newKey() })],
  ])('is refused as a notification with a renewal that %s signed', async (_what, by) => {
    const renewal = { originalTransactionId: '1', environment: 'Production', signedDate: SIGNED };
    const data = { signedRenewalInfo: signJws(renewal, by()) };
    expect((await judge(signJws(notification(data), chain))).notification).toBe(INVALID);
    const good = { signedRenewalInfo: signJws(renewal, chain) };
    expect((await judge(signJws(notification(good), chain))).notification).toBeNull();
  });

  it('is told apart where it is well signed and lacks what it must have', async () => {
    const data = { signedTransactionInfo: signJws(transaction({ productId: undefined }), chain) };
    expect((await judge(signJws(notification(data), chain))).notification).toBe('SCHEMA_VALIDATION');
    expect((await judge(signJws(notification({}, { notificationUUID: undefined }), chain))).notification).toBe(
      'SCHEMA_VALIDATION',
    );
  });
});

describe('what is no signature of Apple', () => {
  const good = (): string => signJws(transaction(), chain);
  const parts = (): [string, string, string] => good().split('.') as [string, string, string];
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const flip = (text: string, at: number): string =>
    `${text.slice(0, at)}${text.charAt(at) === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;

  const forgeries: [string, () => string][] = [
    ['nothing', () => ''],
    ['text', () => 'not a JWS at all'],
    ['two parts', () => parts().slice(0, 2).join('.')],
    ['four parts', () => `${good()}.AAAA`],
    ['truncated', () => good().slice(0, -20)],
    ['truncated in the payload', () => `${parts()[0]}.${parts()[1].slice(0, 40)}.${parts()[2]}`],
    [
      'another payload under the signature',
      () => `${parts()[0]}.${encode(transaction({ productId: 'x' }))}.${parts()[2]}`,
    ],
    ['one bit of the signature', () => `${parts()[0]}.${parts()[1]}.${flip(parts()[2], 10)}`],
    ['no signature', () => `${parts()[0]}.${parts()[1]}.`],
    ['alg none', () => `${encode({ alg: 'none', x5c: chain.x5c })}.${parts()[1]}.`],
    ['alg none with a signature', () => `${encode({ alg: 'none', x5c: chain.x5c })}.${parts()[1]}.AAAA`],
    ['another algorithm under a good signature', () => signJws(transaction(), chain, { alg: 'ES384', x5c: chain.x5c })],
    ['no algorithm at all', () => signJws(transaction(), chain, { x5c: chain.x5c })],
    ['a header that is no JSON', () => `AAAA.${parts()[1]}.${parts()[2]}`],
    ['a payload that is a list', () => signJws([1, 2], chain)],
    [
      'HS256 with the certificate as its secret',
      () => {
        const input = `${encode({ alg: 'HS256', x5c: chain.x5c })}.${parts()[1]}`;
        return `${input}.${createHmac('sha256', Buffer.from(chain.x5c[0] ?? '', 'base64'))
          .update(input)
          .digest('base64url')}`;
      },
    ],
    ['a mebibyte of it', () => signJws({ ...transaction(), filler: 'a'.repeat(1024 * 1024) }, chain)],
    ['very deep', () => `${parts()[0]}.${Buffer.from('['.repeat(100_000)).toString('base64url')}.${parts()[2]}`],
  ];

  it.each(forgeries)('is refused: %s', async (_what, forge) => {
    expect(await judge(forge())).toEqual({ notification: INVALID, transaction: INVALID });
  });
});

it('asks to be sent it again where the certificates cannot be checked at the moment', async () => {
  // Nobody listens on port 9.
  const unreachable = { ocspUrl: 'http://127.0.0.1:9/' };
  const online = createChain({ root: { key: rootKey }, intermediate: unreachable, leaf: unreachable });
  const file = join(folder, 'online.cer');
  writeFileSync(file, Buffer.from(online.x5c[2] ?? '', 'base64'));
  const settings = { APPLE_ROOT_CERTS: file, APPLE_ONLINE_CHECKS: 'true' };
  const result = await judge(signJws(transaction({ signedDate: Date.now() }), online), settings);
  expect(result.transaction).toBe('PROVIDER_UNAVAILABLE');
  // A certificate that says nothing of where to ask is refused.
  expect((await judge(signJws(transaction(), createChain({ root: { key: rootKey } })), settings)).transaction).toBe(
    INVALID,
  );
});

describe('the settings', () => {
  it.each(['Xcode', 'XCODE', 'LocalTesting', 'LOCAL_TESTING', 'Production,Xcode'])('refuse %s in words', (value) => {
    expect(() => verifierOf({ APPLE_ENVIRONMENT: value })).toThrow(/APPLE_ENVIRONMENT must not name .*nobody signs/);
  });

  it('stop the boot where the root certificates are none, and need the number of the app for production', () => {
    writeFileSync(join(folder, 'bad.cer'), 'no certificate');
    for (const file of [join(folder, 'bad.cer'), join(folder, 'absent.cer')]) {
      expect(() => verifierOf({ APPLE_ROOT_CERTS: file })).toThrow(`APPLE_ROOT_CERTS names ${file}`);
    }
    expect(() => verifierOf({ APPLE_APP_ID: '' })).toThrow('APPLE_APP_ID is missing');
  });
});
