import type { GoogleBook } from './book';
import { GoogleSandboxError, type OrderRecord, type ProductRecord, type SubscriptionRecord } from './state';
import { GoogleTill, type Purchase } from './till';
import { PRODUCT_TYPES, SUBSCRIPTION_TYPES, type SubscriptionType } from './wire';

const DAY = 86_400_000;
/** Whoever has not acknowledged a purchase by then loses it. */
const ACKNOWLEDGE_DAYS = 3;
const UNACKNOWLEDGED = 8;
const ENDED = new Set(['EXPIRED', 'PENDING_PURCHASE_CANCELED']);

/** Says what happened. */
export type Notify = (type: string, about: Readonly<Record<string, unknown>>, at: number) => void;

/** What customers, Google's billing and its support do. All times are in milliseconds. */
export class GoogleStore {
  private readonly till: GoogleTill;

  constructor(
    private readonly book: GoogleBook,
    private readonly notify: Notify,
  ) {
    this.till = new GoogleTill(book);
  }

  /** @returns the purchase's token. Who subscribes while he does already replaces that. */
  buy(purchase: Purchase, at: number): string {
    const product = this.book.product(purchase.product);
    if (product.basePlanId === undefined) {
      const record = this.till.once(product, purchase, at);
      this.tellProduct('PURCHASED', record, at);
      return record.token;
    }
    const account = purchase.account ?? purchase.obfuscatedAccountId ?? this.book.random.token(12);
    const held = [...this.book.subscriptions.values()].filter((one) => one.account === account);
    const live = held.find(({ state }) => !ENDED.has(state) && state !== 'PENDING');
    const same = live?.productId === product.productId && live.basePlanId === product.basePlanId;
    if (live && same && live.state !== 'CANCELED') throw new GoogleSandboxError('it is subscribed to already', 409);
    const record = this.till.open(product, purchase, account, live?.token ?? null);
    if (purchase.pending === true) {
      this.tell('PURCHASED', record, at);
      return record.token;
    }
    const trial = held.length === 0 && purchase.offer !== 'none' ? product.trial : undefined;
    this.begin(record, at, trial);
    return record.token;
  }

  /** What was to be paid later is paid, or never will be. */
  settlePending(token: string, paid: boolean, at: number): void {
    const subscription = this.book.subscriptions.get(token);
    if (subscription) {
      if (subscription.state !== 'PENDING') throw new GoogleSandboxError('it is not pending', 409);
      if (paid) this.begin(subscription, at);
      else {
        subscription.state = 'PENDING_PURCHASE_CANCELED';
        this.tell('PENDING_PURCHASE_CANCELED', subscription, at);
      }
      return;
    }
    const record = this.book.purchase(token);
    if (record.state !== 'PENDING') throw new GoogleSandboxError('it is not pending', 409);
    record.state = paid ? 'PURCHASED' : 'CANCELLED';
    record.completedAt = paid ? at : null;
    this.book.order(record.orderId).state = paid ? 'PROCESSED' : 'CANCELED';
    this.tellProduct(paid ? 'PURCHASED' : 'CANCELED', record, at);
  }

  cancel(record: SubscriptionRecord, at: number): void {
    this.mustLive(record);
    record.canceledAt = at;
    if (record.state === 'PAUSED' || record.state === 'ON_HOLD') {
      this.expire(record, 'user', at);
      return;
    }
    Object.assign(record, { state: 'CANCELED', canceledBy: 'user', expiryTime: record.periodEnd });
    this.tell('CANCELED', record, at);
  }

  restart(record: SubscriptionRecord, at: number): void {
    if (record.state !== 'CANCELED') throw new GoogleSandboxError('it is not canceled, or has ended', 409);
    Object.assign(record, { state: 'ACTIVE', canceledBy: null, canceledAt: null });
    this.tell('RESTARTED', record, at);
  }

  /** Whether its means of payment works from now on; one that works pays what is owed at once. */
  setPays(record: SubscriptionRecord, pays: boolean, at: number): void {
    record.pays = pays;
    if (!pays || (record.state !== 'IN_GRACE_PERIOD' && record.state !== 'ON_HOLD')) return;
    const inGrace = record.state === 'IN_GRACE_PERIOD';
    // Paid within the grace period the renewal date stays; later it moves.
    this.till.charge(record, inGrace ? record.periodEnd : at);
    this.tell(inGrace ? 'RENEWED' : 'RECOVERED', record, at);
  }

  /** From the end of the period on. */
  pause(record: SubscriptionRecord, days: number, at: number): void {
    if (record.state !== 'ACTIVE') throw new GoogleSandboxError('only an active subscription can be paused', 409);
    record.pauseDays = days;
    this.tell('PAUSE_SCHEDULE_CHANGED', record, at);
  }

  resume(record: SubscriptionRecord, at: number): void {
    if (record.state !== 'PAUSED') throw new GoogleSandboxError('it is not paused', 409);
    if (!record.pays) {
      this.hold(record, at);
      return;
    }
    this.till.charge(record, at);
    this.tell('RECOVERED', record, at);
  }

  defer(record: SubscriptionRecord, days: number, at: number): void {
    if (record.state !== 'ACTIVE') throw new GoogleSandboxError('only an active subscription can be deferred', 409);
    record.expiryTime = record.periodEnd += days * DAY;
    this.tell('DEFERRED', record, at);
  }

  changePrice(record: SubscriptionRecord, price: number, needsConsent: boolean, at: number): void {
    this.mustLive(record);
    record.increase = { price, consented: !needsConsent };
    this.tell('PRICE_CHANGE_UPDATED', record, at);
  }

  consent(record: SubscriptionRecord, at: number): void {
    if (record.increase?.consented !== false) throw new GoogleSandboxError('no price change waits for consent', 409);
    record.increase.consented = true;
    this.tell('PRICE_CHANGE_CONFIRMED', record, at);
  }

  /** Ends it at once and gives its last order back. */
  revoke(record: SubscriptionRecord, at: number, reason = 0): void {
    this.mustLive(record);
    Object.assign(record, { state: 'EXPIRED', expiryTime: at, canceledBy: 'system' });
    this.tell('REVOKED', record, at);
    const order = this.book.order(record.latestOrderId ?? '');
    if (order.refundedAt === null) this.giveBack(order, at, reason);
  }

  /** @param percentage of the total; what is given back whole is void. It ends nothing by itself. */
  refund(orderId: string, at: number, percentage = 100): void {
    const order = this.book.order(orderId);
    if (order.state === 'PENDING' || order.state === 'CANCELED')
      throw new GoogleSandboxError('nobody has paid it', 409);
    if (order.refundedAt !== null) throw new GoogleSandboxError('it is refunded already', 409);
    if (percentage < 100) {
      order.state = 'PARTIALLY_REFUNDED';
      order.partials.push({ at, amount: Math.floor((order.total * percentage) / 1000) * 10 });
      return;
    }
    this.giveBack(order, at, 0);
    const record = this.book.purchases.get(order.token);
    if (record) Object.assign(record, { state: 'CANCELLED', refundable: 0 });
  }

  /** Some of the pieces: they are void, and what was paid for them is given back. */
  refundPieces(orderId: string, quantity: number, at: number): void {
    const order = this.book.order(orderId);
    const record = this.book.purchase(order.token);
    if (record.state !== 'PURCHASED' || quantity > record.refundable) {
      throw new GoogleSandboxError('there are not so many pieces left', 409);
    }
    if (quantity === record.refundable) {
      this.refund(orderId, at);
      return;
    }
    record.refundable -= quantity;
    order.state = 'PARTIALLY_REFUNDED';
    order.partials.push({ at, amount: Math.floor((order.total * quantity) / record.quantity) });
    this.tellVoided(order, at, 0, quantity);
  }

  /** @throws GoogleSandboxError for what nobody has paid. */
  acknowledge(token: string): void {
    const record = this.book.subscriptions.get(token) ?? this.book.purchase(token);
    if (record.state === 'PENDING') throw new GoogleSandboxError('it is not paid');
    record.acknowledged = true;
  }

  consume(token: string): void {
    const record = this.book.purchase(token);
    if (record.state !== 'PURCHASED') throw new GoogleSandboxError('it is not purchased');
    record.acknowledged = record.consumed = true;
  }

  /** When time will do something to a subscription; null is never. */
  dueAt(record: SubscriptionRecord): number | null {
    const due = [this.acknowledgeBy(record), this.endsAt(record)].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** What time does to it at the moment it is due. */
  runDue(record: SubscriptionRecord, at: number): void {
    if (this.acknowledgeBy(record) === at) {
      this.revoke(record, at, UNACKNOWLEDGED);
      return;
    }
    switch (record.state) {
      case 'ACTIVE': {
        this.renew(record, at);
        return;
      }
      case 'IN_GRACE_PERIOD': {
        this.hold(record, at);
        return;
      }
      case 'PAUSED': {
        this.resume(record, at);
        return;
      }
      default: {
        this.expire(record, record.canceledBy ?? 'system', at);
        return;
      }
    }
  }

  productDueAt({ state, acknowledged, completedAt }: ProductRecord): number | null {
    return state !== 'PURCHASED' || acknowledged || completedAt === null ? null : completedAt + ACKNOWLEDGE_DAYS * DAY;
  }

  runProductDue(record: ProductRecord, at: number): void {
    Object.assign(record, { state: 'CANCELLED', refundable: 0 });
    this.tellProduct('CANCELED', record, at);
    this.giveBack(this.book.order(record.orderId), at, UNACKNOWLEDGED);
  }

  private acknowledgeBy({ state, acknowledged, startTime }: SubscriptionRecord): number | null {
    return acknowledged || startTime === null || ENDED.has(state) ? null : startTime + ACKNOWLEDGE_DAYS * DAY;
  }

  private endsAt({ state, expiryTime, waitsUntil, resumesAt }: SubscriptionRecord): number | null {
    if (state === 'ACTIVE' || state === 'CANCELED') return expiryTime;
    if (state === 'IN_GRACE_PERIOD' || state === 'ON_HOLD') return waitsUntil;
    return state === 'PAUSED' ? resumesAt : null;
  }

  private begin(record: SubscriptionRecord, at: number, trial?: string): void {
    this.till.charge(record, at, trial);
    this.tell('PURCHASED', record, at);
    const replaced = record.linkedToken === null ? undefined : this.book.subscriptions.get(record.linkedToken);
    if (!replaced) return;
    Object.assign(replaced, { expiryTime: Math.min(replaced.expiryTime, at) });
    this.expire(replaced, 'replacement', at);
  }

  private renew(record: SubscriptionRecord, at: number): void {
    if (record.pauseDays !== null) {
      Object.assign(record, { state: 'PAUSED', resumesAt: at + record.pauseDays * DAY, pauseDays: null });
      this.tell('PAUSED', record, at);
    } else if (record.increase?.consented === false) {
      this.expire(record, 'user', at);
    } else if (record.pays) {
      this.till.charge(record, at);
      this.tell('RENEWED', record, at);
    } else if (this.book.settings.graceDays > 0) {
      const until = at + this.book.settings.graceDays * DAY;
      Object.assign(record, { state: 'IN_GRACE_PERIOD', waitsUntil: until, expiryTime: until });
      this.tell('IN_GRACE_PERIOD', record, at);
    } else this.hold(record, at);
  }

  private hold(record: SubscriptionRecord, at: number): void {
    const waitsUntil = at + this.book.settings.holdDays * DAY;
    Object.assign(record, { state: 'ON_HOLD', waitsUntil, expiryTime: at, resumesAt: null });
    this.tell('ON_HOLD', record, at);
  }

  private expire(record: SubscriptionRecord, canceledBy: SubscriptionRecord['canceledBy'], at: number): void {
    Object.assign(record, { state: 'EXPIRED', canceledBy, waitsUntil: null, resumesAt: null });
    this.tell('EXPIRED', record, at);
  }

  private mustLive({ state }: SubscriptionRecord): void {
    if (ENDED.has(state) || state === 'PENDING') throw new GoogleSandboxError('it does not run', 409);
  }

  private giveBack(order: OrderRecord, at: number, reason: number): void {
    Object.assign(order, { state: 'REFUNDED', refundedAt: at });
    this.tellVoided(order, at, reason, null);
  }

  /** @param quantity of pieces, where not all of them are void. */
  private tellVoided(order: OrderRecord, at: number, reason: number, quantity: number | null): void {
    const { token, orderId, basePlanId, createdAt } = order;
    this.book.voided.push({ token, orderId, boughtAt: createdAt, at, reason, quantity });
    const productType = basePlanId === null ? 2 : 1;
    const about = { purchaseToken: token, orderId, productType, refundType: quantity === null ? 1 : 2 };
    this.notify('voided', { voidedPurchaseNotification: about }, at);
  }

  private tell(type: SubscriptionType, { token, productId }: SubscriptionRecord, at: number): void {
    const about = { notificationType: SUBSCRIPTION_TYPES[type], purchaseToken: token, subscriptionId: productId };
    this.notify(`subscription.${type}`, { subscriptionNotification: { version: '1.0', ...about } }, at);
  }

  private tellProduct(type: keyof typeof PRODUCT_TYPES, { token, productId: sku }: ProductRecord, at: number): void {
    const about = { notificationType: PRODUCT_TYPES[type], purchaseToken: token, sku };
    this.notify(`product.${type}`, { oneTimeProductNotification: { version: '1.0', ...about } }, at);
  }
}
