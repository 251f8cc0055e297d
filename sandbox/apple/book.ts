import { randomUUID } from 'node:crypto';
import { SeededRandom } from '../control/random';
import { PRODUCTS, type Product } from './products';
import { createChain, newKey, signJws, type SigningChain } from './signing';
import {
  AppleSandboxError,
  type ApiKey,
  type AppIdentity,
  type AppleState,
  type AppSettings,
  type SubscriptionRecord,
} from './state';
import type { Environment, Notification, RenewalInfo, TransactionInfo } from './wire';

const SETTINGS: AppSettings = {
  bundleId: 'com.example.kassa',
  appId: 6_400_000_001,
  environment: 'Production',
  notificationUrl: null,
  graceDays: 16,
};

/** Everything the App Store knows, and the keys it signs with. */
export class AppleBook {
  readonly settings: AppSettings;
  readonly chain: SigningChain;
  readonly apiKey: ApiKey;
  readonly subscriptions = new Map<string, SubscriptionRecord>();
  readonly transactions = new Map<string, TransactionInfo>();
  readonly notifications = new Map<string, Notification>();
  /** Whose Apple account a transaction is on. */
  private readonly accounts: Map<string, string>;
  private readonly catalog: Map<string, Product>;
  private readonly random: SeededRandom;
  private sequence: number;
  private lastSigned: number;

  constructor(seed: number, known?: AppIdentity, state?: AppleState) {
    const identity = state ?? known;
    this.random = new SeededRandom(state?.random ?? seed + 2);
    this.settings = identity?.settings ?? { ...SETTINGS };
    this.chain = identity?.chain ?? createChain();
    this.apiKey = identity?.apiKey ?? {
      issuerId: randomUUID(),
      keyId: this.random.token(10),
      privateKey: newKey(),
    };
    this.sequence = state?.sequence ?? Math.floor(this.random.next() * 1e9) * 1000;
    this.lastSigned = state?.lastSigned ?? 0;
    this.catalog = new Map((state?.products ?? PRODUCTS).map((product) => [product.productId, product]));
    this.accounts = new Map(state?.accounts ?? []);
    for (const one of state?.transactions ?? []) this.transactions.set(one.transactionId, one);
    for (const one of state?.subscriptions ?? []) this.subscriptions.set(one.originalTransactionId, one);
    for (const one of state?.notifications ?? []) this.notifications.set(one.id, one);
  }

  get identity(): AppIdentity {
    return { settings: this.settings, chain: this.chain, apiKey: this.apiKey };
  }

  save(): Omit<AppleState, 'deliveries'> {
    return {
      ...this.identity,
      random: this.random.save(),
      sequence: this.sequence,
      lastSigned: this.lastSigned,
      products: [...this.catalog.values()],
      transactions: [...this.transactions.values()],
      accounts: [...this.accounts],
      subscriptions: [...this.subscriptions.values()],
      notifications: [...this.notifications.values()],
    };
  }

  products(): readonly Product[] {
    return [...this.catalog.values()];
  }

  putProduct(product: Product): void {
    this.catalog.set(product.productId, product);
  }

  /** @throws AppleSandboxError for one that App Store Connect does not know. */
  product(productId: string): Product {
    const product = this.catalog.get(productId);
    if (!product) throw new AppleSandboxError(`there is no product ${productId}`, 404);
    return product;
  }

  /** A number as Apple's transactions have; different worlds draw from different places. */
  nextTransactionId(): string {
    this.sequence += 1;
    return `2${String(this.sequence).padStart(15, '0')}`;
  }

  nextUuid(): string {
    const hex = Array.from({ length: 32 }, () => Math.floor(this.random.next() * 16).toString(16)).join('');
    const variant = `${'89ab'.charAt(Math.floor(this.random.next() * 4))}${hex.slice(17, 20)}`;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}-${hex.slice(20)}`;
  }

  keep(transaction: TransactionInfo, account: string): TransactionInfo {
    this.transactions.set(transaction.transactionId, transaction);
    this.accounts.set(transaction.transactionId, account);
    return transaction;
  }

  accountOf(transactionId: string): string | undefined {
    return this.accounts.get(transactionId);
  }

  /** @throws AppleSandboxError */
  transaction(transactionId: string): TransactionInfo {
    const transaction = this.transactions.get(transactionId);
    if (!transaction) throw new AppleSandboxError(`there is no transaction ${transactionId}`, 404);
    return transaction;
  }

  /** @throws AppleSandboxError */
  subscription(originalTransactionId: string): SubscriptionRecord {
    const record = this.subscriptions.get(originalTransactionId);
    if (!record) throw new AppleSandboxError(`there is no subscription ${originalTransactionId}`, 404);
    return record;
  }

  /** An account's transactions, oldest first. */
  historyOf(account: string): TransactionInfo[] {
    return [...this.transactions.values()].filter(({ transactionId }) => this.accounts.get(transactionId) === account);
  }

  /** A moment after all that was said so far, also in a world whose clock stands. @param at milliseconds */
  momentAfter(at: number): number {
    return Math.max(at, this.lastSigned + 1);
  }

  /**
   * Signs at a moment that no other signature has: of two things Apple has said the later one is newer, also in a world
   * whose clock stands. @param at milliseconds
   */
  sign(payload: object, at: number): { jws: string; signedDate: number } {
    this.lastSigned = this.momentAfter(at);
    return { jws: signJws({ ...payload, signedDate: this.lastSigned }, this.chain), signedDate: this.lastSigned };
  }

  /** What was bought in one environment stays there, whatever the app is in by now. */
  environmentOf(originalTransactionId: string): Environment {
    return this.transactions.get(originalTransactionId)?.environment ?? this.settings.environment;
  }

  renewalInfo(record: SubscriptionRecord): RenewalInfo {
    const { expirationIntent, increase, graceUntil, appAccountToken, status } = record;
    const lives = status === 1 || status === 3 || status === 4;
    return {
      ...(expirationIntent !== null && { expirationIntent }),
      originalTransactionId: record.originalTransactionId,
      autoRenewProductId: record.autoRenewProductId,
      productId: record.productId,
      autoRenewStatus: record.autoRenew ? 1 : 0,
      ...(status === 2 ? {} : { isInBillingRetryPeriod: status === 3 || status === 4 }),
      ...(increase && { priceIncreaseStatus: increase.consented ? 1 : 0 }),
      ...(graceUntil !== null && status === 4 && { gracePeriodExpiresDate: graceUntil }),
      environment: this.environmentOf(record.originalTransactionId),
      recentSubscriptionStartDate: record.startedAt,
      ...(lives && record.autoRenew && { renewalDate: record.expiresDate }),
      currency: record.currency,
      renewalPrice: increase?.price ?? record.renewalPrice,
      ...(appAccountToken !== null && { appAccountToken }),
    };
  }
}
