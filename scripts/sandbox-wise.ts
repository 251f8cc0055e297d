import { requestJson } from './demo/http';
import type { Keep } from './sandbox-stores';

/** Minor units that a new sandbox's balances begin with. */
const STARTING = { USD: 5_000_000, EUR: 2_500_000 };

/** Whether the sandbox is to play Wise: not where the user's own settings name a token. */
export function playsWise(given: Readonly<Record<string, string>>): boolean {
  return given['WISE_API_TOKEN'] === undefined;
}

/** What Kassa has to know to believe the sandbox's Wise, and to ask it. @param keep writes the key, for its owner's eyes only */
export async function wiseSettings(sandbox: string, keep: Keep): Promise<Record<string, string>> {
  const { token, profileId, publicKey } = await requestJson<{ token: string; profileId: string; publicKey: string }>(
    `${sandbox}/sandbox/wise/credentials`,
  );
  return {
    ...{ WISE_API_BASE: sandbox, WISE_API_TOKEN: token, WISE_PROFILE_ID: profileId },
    WISE_WEBHOOK_PUBLIC_KEY: keep('wise-webhook-key.pem', publicKey),
  };
}

/** Has the sandbox's Wise tell this Kassa, and no other, what happens. */
export async function tellKassa(sandbox: string, kassa: string): Promise<void> {
  const subscription = { url: `${kassa}/v1/webhooks/wise`, replace: true };
  await requestJson(`${sandbox}/sandbox/wise/subscriptions`, { json: subscription });
}

/** Likewise, and a new one gets money to pay out. */
export async function openWise(sandbox: string, kassa: string): Promise<void> {
  await tellKassa(sandbox, kassa);
  const { balances } = await requestJson<{ balances: object[] }>(`${sandbox}/sandbox/wise/book`);
  if (balances.length > 0) return;
  for (const [currency, amount] of Object.entries(STARTING)) {
    await requestJson(`${sandbox}/sandbox/wise/balances`, { json: { currency, amount } });
  }
}
