import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustomersService } from '../../src/modules/customers';
import type { Environment } from '../../src/platform/config';
import { UnitOfWork } from '../../src/platform/database';
import { accountTokenOf } from '../../src/providers/google';
import type { House } from './house';
import type { TestSandbox } from './stripe-sandbox';

/** The sandbox's base plans, as the plans of the seeded catalog. */
const PRODUCTS = [
  ['basic:monthly', 'BASIC', 'monthly'],
  ['basic:annual', 'BASIC', 'annual'],
  ['pro:monthly', 'PRO', 'monthly'],
  ['pro:annual', 'PRO', 'annual'],
] as const;

/** What Kassa has to know to believe this sandbox's Google, and to ask it. */
export async function playStoreSettings(box: TestSandbox): Promise<Environment> {
  const app = await box.control<{
    packageName: string;
    pushAudience: string;
    pushAccount: string;
    certsUrl: string;
    serviceAccount: object;
  }>('GET', 'google/credentials');
  const file = join(mkdtempSync(join(tmpdir(), 'kassa-play-store-')), 'service-account.json');
  writeFileSync(file, JSON.stringify(app.serviceAccount));
  return {
    ...{ GOOGLE_PACKAGE_NAME: app.packageName, GOOGLE_PUSH_AUDIENCE: app.pushAudience },
    ...{ GOOGLE_PUSH_SERVICE_ACCOUNT: app.pushAccount, GOOGLE_CERTS_URL: app.certsUrl },
    ...{ GOOGLE_API_BASE: box.sandbox.url, GOOGLE_APPLICATION_CREDENTIALS: file },
  };
}

export interface Bought {
  purchaseToken: string;
  orderId: string;
}

/** A house whose customers buy at Google Play too. */
export class PlayStore {
  private constructor(private readonly house: House) {}

  /** Has notifications pushed to the house, and tells it which plans the products are. */
  static async open(house: House): Promise<PlayStore> {
    await house.box.control('PUT', 'google/settings', { pushUrl: `${house.app.url}/v1/webhooks/play` });
    const store = new PlayStore(house);
    for (const [product, plan, cycle] of PRODUCTS) {
      await house.rows(
        `INSERT INTO iap_products (provider, product_id, kind, plan_id, billing_cycle, created_at, updated_at)
         SELECT 'google', $1, 'subscription', id, $3, now(), now() FROM plans WHERE code = $2`,
        [product, plan, cycle],
      );
    }
    return store;
  }

  /** The account id with which a user's app buys; he becomes a customer by asking for it. */
  async accountOf(userId: string): Promise<string> {
    const customers = this.house.app.app.get(CustomersService, { strict: false });
    const unitOfWork = this.house.app.app.get(UnitOfWork, { strict: false });
    const user = { id: userId, email: `${userId}@test.example` };
    const customer = await unitOfWork.service((tx) => customers.ensure(tx, user));
    return accountTokenOf(customer.id);
  }

  async buy(userId: string, product: string, more: object = {}): Promise<Bought> {
    const purchase = { product, obfuscatedAccountId: await this.accountOf(userId), ...more };
    return this.house.box.control<Bought>('POST', 'google/purchases', purchase);
  }

  /** The subscription a user bought last, as Google has it. */
  async newestOf(userId: string): Promise<{ token: string; latestOrderId: string }> {
    interface Held {
      token: string;
      latestOrderId: string;
      obfuscatedAccountId: string | null;
    }
    const account = await this.accountOf(userId);
    const { data } = await this.house.box.control<{ data: Held[] }>('GET', 'google/subscriptions');
    const newest = data.findLast(({ obfuscatedAccountId }) => obfuscatedAccountId === account);
    if (!newest) throw new Error(`${userId} has bought nothing`);
    return newest;
  }

  /** @param id the purchase's token, or the order's id; @param action as the sandbox calls it. */
  async act(
    about: 'subscriptions' | 'purchases' | 'orders',
    id: string,
    action: string,
    body: object = {},
  ): Promise<void> {
    await this.house.box.control('POST', `google/${about}/${id}/${action}`, body);
  }
}
