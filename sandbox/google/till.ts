import { addPeriod } from '../apple/products';
import type { GoogleBook } from './book';
import type { Product } from './products';
import { GoogleSandboxError, type OrderRecord, type ProductRecord, type SubscriptionRecord } from './state';

/** What somebody buys. */
export interface Purchase {
  /** `product:base-plan`, or `product` for what is bought once. */
  readonly product: string;
  readonly account?: string;
  readonly obfuscatedAccountId?: string;
  readonly currency?: string;
  readonly quantity?: number;
  /** `none`: no free trial. */
  readonly offer?: 'trial' | 'none';
  /** Paid for later, in a shop. */
  readonly pending?: boolean;
  /** By a license tester. */
  readonly test?: boolean;
}

/** Writes purchases and orders: what was charged for what, and to when it is good. All times are in milliseconds. */
export class GoogleTill {
  constructor(private readonly book: GoogleBook) {}

  open(product: Product, purchase: Purchase, account: string, linkedToken: string | null): SubscriptionRecord {
    const { currency = 'USD', obfuscatedAccountId = null, test = false } = purchase;
    const { basePlanId, period } = product;
    if (basePlanId === undefined || period === undefined) throw new GoogleSandboxError('it is no subscription');
    const record: SubscriptionRecord = {
      token: this.book.newToken(),
      ...{ linkedToken, account, obfuscatedAccountId, currency, test, basePlanId },
      productId: product.productId,
      orderBase: this.book.newOrderBase(),
      ...{ state: 'PENDING', startTime: null, periodEnd: 0, expiryTime: 0, latestOrderId: null, orders: 0 },
      inTrial: false,
      price: this.book.priceOf(product, currency),
      ...{ increase: null, pays: true, waitsUntil: null, pauseDays: null, resumesAt: null },
      ...{ acknowledged: false, canceledBy: null, canceledAt: null },
    };
    this.book.subscriptions.set(record.token, record);
    return record;
  }

  /** A period that is paid for, or begins for nothing: the subscription is active to its end. */
  charge(record: SubscriptionRecord, from: number, trial?: string): OrderRecord {
    const { productId, basePlanId, currency, token } = record;
    const product = this.book.product(`${productId}:${basePlanId}`);
    if (record.increase?.consented === true) record.price = record.increase.price;
    record.increase = null;
    const end = addPeriod(from, trial ?? product.period ?? 'P1M');
    const n = record.orders;
    const orderId = n === 0 ? record.orderBase : `${record.orderBase}..${n - 1}`;
    const order: OrderRecord = {
      ...{ orderId, token, productId, basePlanId, currency, quantity: 1, createdAt: from },
      total: trial === undefined ? record.price : 0,
      period: { start: from, end },
      trial: trial !== undefined,
      ...{ state: 'PROCESSED', partials: [], refundedAt: null },
    };
    Object.assign(record, {
      ...{ state: 'ACTIVE', startTime: record.startTime ?? from, periodEnd: end, expiryTime: end },
      ...{ latestOrderId: orderId, orders: n + 1, inTrial: trial !== undefined, waitsUntil: null, resumesAt: null },
    });
    this.book.orders.set(orderId, order);
    return order;
  }

  once(product: Product, purchase: Purchase, at: number): ProductRecord {
    const { currency = 'USD', quantity = 1, obfuscatedAccountId = null, test = false, pending = false } = purchase;
    const [token, orderId] = [this.book.newToken(), this.book.newOrderBase()];
    const { productId } = product;
    this.book.orders.set(orderId, {
      ...{ orderId, token, productId, basePlanId: null, currency, quantity, createdAt: at, period: null, trial: false },
      total: this.book.priceOf(product, currency) * quantity,
      state: pending ? 'PENDING' : 'PROCESSED',
      ...{ partials: [], refundedAt: null },
    });
    const record: ProductRecord = {
      ...{ token, productId, orderId, obfuscatedAccountId, currency, quantity, test, refundable: quantity },
      state: pending ? 'PENDING' : 'PURCHASED',
      completedAt: pending ? null : at,
      ...{ acknowledged: false, consumed: false },
    };
    this.book.purchases.set(token, record);
    return record;
  }
}
