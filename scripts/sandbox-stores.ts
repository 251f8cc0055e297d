import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { request, requestJson, UnexpectedAnswer } from './demo/http';

/** The setting that turns a store on, by store. */
const SWITCHES = { apple: 'APPLE_BUNDLE_ID', google: 'GOOGLE_PACKAGE_NAME' } as const;
export type StoreName = keyof typeof SWITCHES;
export const STORES: readonly StoreName[] = ['apple', 'google'];

const APPLE_PRODUCTS = 'com.example.kassa';
/** What a new sandbox sells, and the plans and features of the seeded catalog that it is. */
const SUBSCRIPTIONS = [
  { name: ['basic', 'monthly'], plan: 'BASIC' },
  { name: ['basic', 'annual'], plan: 'BASIC' },
  { name: ['pro', 'monthly'], plan: 'PRO' },
  { name: ['pro', 'annual'], plan: 'PRO' },
] as const;
const ONLY_APPLE = [{ name: ['enterprise', 'monthly'], plan: 'ENTERPRISE' }] as const;
const ONCE = [
  { name: 'credits.100', kind: 'consumable', feature: 'projects', quantity: 100 },
  { name: 'lifetime', kind: 'lifetime', plan: 'PRO' },
] as const;

/** The stores that the sandbox is to play: those the user's own settings do not name. */
export function storesToPlay(given: Readonly<Record<string, string>>): StoreName[] {
  return STORES.filter((store) => given[SWITCHES[store]] === undefined);
}

/**
 * What Kassa has to know to believe the sandbox's stores, and to ask them.
 * @param folder takes the root certificate and the keys, for their owner's eyes only.
 */
export async function storeSettings(
  sandbox: string,
  stores: readonly StoreName[],
  folder: string,
): Promise<Record<string, string>> {
  const keep = keeperIn(folder);
  return {
    ...(stores.includes('apple') ? await appStoreSettings(sandbox, keep) : {}),
    ...(stores.includes('google') ? await playSettings(sandbox, keep) : {}),
  };
}

/** Writes a file that only its owner may read. @returns its path */
export type Keep = (name: string, content: string | Buffer) => string;

export function keeperIn(folder: string): Keep {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return (name, content) => {
    const file = path.join(folder, name);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  };
}

async function appStoreSettings(sandbox: string, keep: Keep): Promise<Record<string, string>> {
  const root = await fetch(`${sandbox}/sandbox/apple/root.cer`);
  const app = await requestJson<{
    bundleId: string;
    appId: number;
    environment: string;
    issuerId: string;
    keyId: string;
    privateKey: string;
  }>(`${sandbox}/sandbox/apple/credentials`);
  return {
    APPLE_BUNDLE_ID: app.bundleId,
    APPLE_APP_ID: String(app.appId),
    APPLE_ENVIRONMENT: app.environment,
    APPLE_ROOT_CERTS: keep('app-store-root.cer', Buffer.from(await root.arrayBuffer())),
    APPLE_ISSUER_ID: app.issuerId,
    APPLE_KEY_ID: app.keyId,
    APPLE_PRIVATE_KEY: keep('app-store-key.p8', app.privateKey),
    APPLE_API_BASE: sandbox,
    // Nobody answers for the certificates of a sandbox.
    APPLE_ONLINE_CHECKS: 'false',
  };
}

async function playSettings(sandbox: string, keep: Keep): Promise<Record<string, string>> {
  const app = await requestJson<{
    packageName: string;
    pushAudience: string;
    pushAccount: string;
    certsUrl: string;
    serviceAccount: object;
  }>(`${sandbox}/sandbox/google/credentials`);
  return {
    GOOGLE_PACKAGE_NAME: app.packageName,
    GOOGLE_PUSH_AUDIENCE: app.pushAudience,
    GOOGLE_PUSH_SERVICE_ACCOUNT: app.pushAccount,
    GOOGLE_CERTS_URL: app.certsUrl,
    GOOGLE_API_BASE: sandbox,
    GOOGLE_APPLICATION_CREDENTIALS: keep('play-service-account.json', JSON.stringify(app.serviceAccount)),
  };
}

/** Has the sandbox's stores tell this Kassa what happens in them. */
export async function notifyKassa(sandbox: string, stores: readonly StoreName[], kassa: string): Promise<void> {
  const settings = {
    apple: { notificationUrl: `${kassa}/v1/webhooks/appstore` },
    google: { pushUrl: `${kassa}/v1/webhooks/play` },
  };
  for (const store of stores) {
    await requestJson(`${sandbox}/sandbox/${store}/settings`, { method: 'PUT', json: settings[store] });
  }
}

/**
 * Tells Kassa which plans the sandbox's products are, as an operator does it; what it knows already stays as it is. Not part
 * of `kassa seed`: no real installation sells these.
 * @param token of an operator with the role `admin`.
 */
export async function sellProducts(kassa: string, stores: readonly StoreName[], token: string): Promise<void> {
  const url = `${kassa}/v1/admin/iap/products`;
  const authorization = `Bearer ${token}`;
  const known = await requestJson<{ data: { provider: string; productId: string }[] }>(`${url}?limit=100`, {
    headers: { authorization },
  });
  for (const product of stores.flatMap(productsOf)) {
    const { provider, productId } = product;
    if (known.data.some((one) => one.provider === provider && one.productId === productId)) continue;
    const answer = await request(url, { json: product, headers: { authorization, 'idempotency-key': randomUUID() } });
    if (answer.status !== 201) throw new UnexpectedAnswer(`POST ${url} of ${productId}`, answer);
  }
}

function productsOf(provider: StoreName): { provider: StoreName; productId: string }[] {
  const apple = provider === 'apple';
  return [
    ...[...SUBSCRIPTIONS, ...(apple ? ONLY_APPLE : [])].map(({ name: [product, billingCycle], plan }) => {
      const productId = apple ? `${APPLE_PRODUCTS}.${product}.${billingCycle}` : `${product}:${billingCycle}`;
      return { provider, productId, kind: 'subscription', plan, billingCycle };
    }),
    ...ONCE.map(({ name, ...terms }) => ({
      provider,
      productId: apple ? `${APPLE_PRODUCTS}.${name}` : name,
      ...terms,
    })),
  ];
}
