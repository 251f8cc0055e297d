import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustomersService } from '../../src/modules/customers';
import type { Environment } from '../../src/platform/config';
import { UnitOfWork } from '../../src/platform/database';
import { appAccountTokenOf } from '../../src/providers/apple';
import type { House } from './house';
import type { TestSandbox } from './stripe-sandbox';

/** The sandbox's products, as the plans of the seeded catalog. */
const PRODUCTS = [
  ['basic.monthly', 'BASIC', 'monthly'],
  ['basic.annual', 'BASIC', 'annual'],
  ['pro.monthly', 'PRO', 'monthly'],
  ['pro.annual', 'PRO', 'annual'],
  ['enterprise.monthly', 'ENTERPRISE', 'monthly'],
] as const;

export const productOf = (name: string): string => `com.example.kassa.${name}`;

/** What Kassa has to know to believe this sandbox's App Store, and to ask it. */
export async function appStoreSettings(box: TestSandbox): Promise<Environment> {
  const root = await fetch(`${box.sandbox.url}/sandbox/apple/root.cer`);
  const file = join(mkdtempSync(join(tmpdir(), 'kassa-app-store-')), 'root.cer');
  writeFileSync(file, Buffer.from(await root.arrayBuffer()));
  const app = await box.control<{
    bundleId: string;
    appId: number;
    issuerId: string;
    keyId: string;
    privateKey: string;
  }>('GET', 'apple/credentials');
  return {
    ...{ APPLE_BUNDLE_ID: app.bundleId, APPLE_APP_ID: String(app.appId), APPLE_ROOT_CERTS: file },
    ...{ APPLE_ISSUER_ID: app.issuerId, APPLE_KEY_ID: app.keyId, APPLE_PRIVATE_KEY: app.privateKey },
    ...{ APPLE_API_BASE: box.sandbox.url, APPLE_ONLINE_CHECKS: 'false' },
  };
}

export interface Purchase {
  transaction: { transactionId: string; originalTransactionId: string; expiresDate?: number; price: number };
  signedTransaction: string;
}

/** A house whose customers buy in the App Store too. */
export class AppStore {
  private constructor(private readonly house: House) {}

  /** Has notifications sent to the house, and tells it which plans the products are. */
  static async open(house: House): Promise<AppStore> {
    await house.box.control('PUT', 'apple/settings', { notificationUrl: `${house.app.url}/v1/webhooks/appstore` });
    for (const [name, plan, cycle] of PRODUCTS) {
      await house.rows(
        `INSERT INTO iap_products (provider, product_id, kind, plan_id, billing_cycle, created_at, updated_at)
         SELECT 'apple', $1, 'subscription', id, $3, now(), now() FROM plans WHERE code = $2`,
        [productOf(name), plan, cycle],
      );
    }
    return new AppStore(house);
  }

  /** The token with which a user's app buys; he becomes a customer by asking for it. */
  async tokenOf(userId: string): Promise<string> {
    const customers = this.house.app.app.get(CustomersService, { strict: false });
    const unitOfWork = this.house.app.app.get(UnitOfWork, { strict: false });
    const user = { id: userId, email: `${userId}@test.example` };
    const customer = await unitOfWork.service((tx) => customers.ensure(tx, user));
    return appAccountTokenOf(customer.id);
  }

  async buy(userId: string, product: string, more: object = {}): Promise<Purchase> {
    const purchase = { productId: productOf(product), appAccountToken: await this.tokenOf(userId), ...more };
    return this.house.box.control<Purchase>('POST', 'apple/purchases', purchase);
  }

  /** @param id of the subscription or of the transaction; @param action as the sandbox calls it. */
  async act(about: 'subscriptions' | 'transactions', id: string, action: string, body: object = {}): Promise<void> {
    await this.house.box.control('POST', `apple/${about}/${id}/${action}`, body);
  }
}
