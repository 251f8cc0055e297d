import { SeededRandom } from '../control/random';
import { createKeys } from './keys';
import { PRODUCTS, refOf, type Product } from './products';
import {
  GoogleSandboxError,
  type AppSettings,
  type GoogleIdentity,
  type GoogleKeys,
  type GoogleState,
  type OrderRecord,
  type ProductRecord,
  type Push,
  type SubscriptionRecord,
  type VoidedRecord,
} from './state';

const SETTINGS: AppSettings = {
  packageName: 'com.example.kassa',
  pushUrl: null,
  pushAudience: 'https://kassa.example.com/v1/webhooks/play',
  pushAccount: 'push@kassa-sandbox.iam.gserviceaccount.com',
  graceDays: 7,
  holdDays: 30,
};

/** Everything Google Play knows, and the keys it and the service account sign with. */
export class GoogleBook {
  readonly settings: AppSettings;
  readonly subscriptions = new Map<string, SubscriptionRecord>();
  readonly purchases = new Map<string, ProductRecord>();
  readonly orders = new Map<string, OrderRecord>();
  readonly pushes = new Map<string, Push>();
  readonly voided: VoidedRecord[];
  readonly random: SeededRandom;
  private readonly catalog: Map<string, Product>;
  private made: GoogleKeys | null;

  constructor(seed: number, known?: GoogleIdentity, state?: GoogleState) {
    const identity = state ?? known;
    this.random = new SeededRandom(state?.random ?? seed + 4);
    this.settings = identity?.settings ?? { ...SETTINGS };
    this.made = identity?.keys ?? null;
    this.catalog = new Map((state?.products ?? PRODUCTS).map((product) => [refOf(product), product]));
    this.voided = [...(state?.voided ?? [])];
    for (const one of state?.subscriptions ?? []) this.subscriptions.set(one.token, one);
    for (const one of state?.purchases ?? []) this.purchases.set(one.token, one);
    for (const one of state?.orders ?? []) this.orders.set(one.orderId, one);
    for (const one of state?.pushes ?? []) this.pushes.set(one.id, one);
  }

  get keys(): GoogleKeys {
    this.made ??= createKeys(this.random.token(40).toLowerCase());
    return this.made;
  }

  get identity(): GoogleIdentity {
    return { settings: this.settings, keys: this.made };
  }

  save(): Omit<GoogleState, 'deliveries'> {
    return {
      ...this.identity,
      random: this.random.save(),
      products: [...this.catalog.values()],
      subscriptions: [...this.subscriptions.values()],
      purchases: [...this.purchases.values()],
      orders: [...this.orders.values()],
      voided: this.voided,
      pushes: [...this.pushes.values()],
    };
  }

  products(): readonly Product[] {
    return [...this.catalog.values()];
  }

  putProduct(product: Product): void {
    this.catalog.set(refOf(product), product);
  }

  /** @param ref `product:base-plan`, or `product` for what is bought once. @throws GoogleSandboxError */
  product(ref: string): Product {
    const product = this.catalog.get(ref);
    if (!product) throw new GoogleSandboxError(`there is no product ${ref}`, 404);
    return product;
  }

  /** @throws GoogleSandboxError where it is not sold in that currency. */
  priceOf(product: Product, currency: string): number {
    const price = product.prices[currency];
    if (price === undefined) throw new GoogleSandboxError(`it has no price in ${currency}`);
    return price;
  }

  newToken(): string {
    return `${this.random.token(24).toLowerCase()}.AO-J1O${this.random.token(110)}`;
  }

  newOrderBase(): string {
    const digits = (n: number): string => Array.from({ length: n }, () => Math.floor(this.random.next() * 10)).join('');
    return `GPA.${digits(4)}-${digits(4)}-${digits(4)}-${digits(5)}`;
  }

  newMessageId(): string {
    return `1${Array.from({ length: 15 }, () => Math.floor(this.random.next() * 10)).join('')}`;
  }

  /** @throws GoogleSandboxError */
  subscription(token: string): SubscriptionRecord {
    const record = this.subscriptions.get(token);
    if (!record) throw new GoogleSandboxError(`there is no subscription ${token}`, 404);
    return record;
  }

  /** @throws GoogleSandboxError */
  purchase(token: string): ProductRecord {
    const record = this.purchases.get(token);
    if (!record) throw new GoogleSandboxError(`there is no purchase ${token}`, 404);
    return record;
  }

  /** @throws GoogleSandboxError */
  order(orderId: string): OrderRecord {
    const record = this.orders.get(orderId);
    if (!record) throw new GoogleSandboxError(`there is no order ${orderId}`, 404);
    return record;
  }
}
