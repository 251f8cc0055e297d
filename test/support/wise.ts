import type { Environment } from '../../src/platform/config';
import type { House } from './house';
import type { TestSandbox } from './stripe-sandbox';

/** What Kassa has to know to believe this sandbox's Wise, and to ask it. */
export async function wiseSettings(box: TestSandbox): Promise<Environment> {
  const { apiBase, token, profileId, publicKey } = await box.control<{
    apiBase: string;
    token: string;
    profileId: string;
    publicKey: string;
  }>('GET', 'wise/credentials');
  return {
    ...{ WISE_API_BASE: apiBase, WISE_API_TOKEN: token, WISE_PROFILE_ID: profileId },
    WISE_WEBHOOK_PUBLIC_KEY: publicKey,
  };
}

/** Has Wise tell the house what happens, and puts money on our balances there (minor units by currency). */
export async function openWise(house: House, balances: Readonly<Record<string, number>>): Promise<void> {
  await house.box.control('POST', 'wise/subscriptions', { url: `${house.app.url}/v1/webhooks/wise` });
  for (const [currency, amount] of Object.entries(balances)) {
    await house.box.control('POST', 'wise/balances', { currency, amount });
  }
}
