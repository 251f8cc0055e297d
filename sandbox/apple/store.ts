import type { Product } from './products';
import type { Purchase } from './purchase';
import { AppleTill, priceOf, type TakenOffer } from './till';
import type { AppleBook } from './book';
import { AppleSandboxError, type SubscriptionRecord } from './state';
import type { NotificationType, TransactionInfo } from './wire';

const DAY = 86_400_000;
/** How long Apple goes on trying to collect. */
const RETRY_DAYS = 60;

/** Says what happened: with the transaction it is about, and the subscription where there is one. */
export type Notify = (
  type: NotificationType,
  subtype: string | null,
  about: { readonly transaction: TransactionInfo; readonly subscription?: SubscriptionRecord },
  at: number,
) => void;

/** What customers, Apple's billing and Apple's support do. All times are in milliseconds. */
export class AppleStore {
  private readonly till: AppleTill;

  constructor(
    private readonly book: AppleBook,
    private readonly notify: Notify,
  ) {
    this.till = new AppleTill(book);
  }

  /** @returns the new transaction, or the current one where the change only comes with the next renewal. */
  buy(purchase: Purchase, at: number): TransactionInfo {
    const product = this.book.product(purchase.productId);
    const account = purchase.account ?? purchase.appAccountToken ?? this.book.nextUuid();
    if (product.group === undefined) {
      const transaction = this.till.once(product, purchase, account, at);
      this.tellOf('ONE_TIME_CHARGE', transaction, at);
      return transaction;
    }
    const held = [...this.book.subscriptions.values()].find(
      (record) => record.account === account && record.group === product.group && record.ownership === 'PURCHASED',
    );
    if (!held) return this.subscribe(product, purchase, account, at);
    if (held.status === 2 || held.status === 5) return this.resubscribe(held, product, purchase, at);
    return this.change(held, product, at);
  }

  /** Family sharing: another person gets what somebody has bought. */
  share(originalTransactionId: string, appAccountToken: string | undefined, at: number): TransactionInfo {
    const owner = this.book.subscription(originalTransactionId);
    const product = this.book.product(owner.productId);
    const { currency, storefront } = owner;
    const purchase: Purchase = {
      productId: product.productId,
      currency,
      storefront,
      ...(appAccountToken !== undefined && { appAccountToken }),
    };
    const account = appAccountToken ?? this.book.nextUuid();
    const record = this.till.open(product, purchase, account, 'FAMILY_SHARED', at);
    record.expiresDate = owner.expiresDate;
    const transaction = this.till.charge(record, product, at, { reason: 'PURCHASE', expiresDate: owner.expiresDate });
    this.tell('SUBSCRIBED', 'INITIAL_BUY', record, transaction, at);
    return transaction;
  }

  /** Family sharing of what was bought for life. */
  shareOnce(transactionId: string, appAccountToken: string | undefined, at: number): TransactionInfo {
    const { productId, type, currency, storefront, revocationDate } = this.book.transaction(transactionId);
    if (type !== 'Non-Consumable' || revocationDate !== undefined) {
      throw new AppleSandboxError('only a non-consumable that somebody has can be shared', 409);
    }
    const purchase = { productId, currency, storefront, ...(appAccountToken !== undefined && { appAccountToken }) };
    const account = appAccountToken ?? this.book.nextUuid();
    const transaction = this.till.once(this.book.product(productId), purchase, account, at, 'FAMILY_SHARED');
    this.tellOf('ONE_TIME_CHARGE', transaction, at);
    return transaction;
  }

  /** As `revoke`, of what was bought for life. */
  unshare(transactionId: string, at: number): void {
    const { inAppOwnershipType, type, revocationDate } = this.book.transaction(transactionId);
    if (inAppOwnershipType !== 'FAMILY_SHARED' || type !== 'Non-Consumable' || revocationDate !== undefined) {
      throw new AppleSandboxError('it is not shared', 409);
    }
    const change = { revocationDate: at, revocationReason: 0, revocationType: 'FAMILY_REVOKE' } as const;
    this.tellOf('REVOKE', this.till.amend(transactionId, change), at);
  }

  setAutoRenew(record: SubscriptionRecord, on: boolean, at: number): void {
    if (record.status === 2 || record.status === 5) throw new AppleSandboxError('the subscription has ended', 409);
    if (record.autoRenew === on) return;
    record.autoRenew = on;
    record.expirationIntent = on ? null : record.expirationIntent;
    this.tell('DID_CHANGE_RENEWAL_STATUS', on ? 'AUTO_RENEW_ENABLED' : 'AUTO_RENEW_DISABLED', record, undefined, at);
  }

  /** Whether its means of payment works from now on; one that works pays what is owed at once. */
  setPays(record: SubscriptionRecord, pays: boolean, at: number): void {
    record.pays = pays;
    if (!pays || (record.status !== 3 && record.status !== 4)) return;
    const inGrace = record.status === 4;
    // Paid within the grace period the renewal date stays; later it moves.
    this.renewFrom(record, inGrace ? record.expiresDate : at, at, 'BILLING_RECOVERY');
  }

  increasePrice(record: SubscriptionRecord, price: number, needsConsent: boolean, at: number): void {
    record.increase = { price, consented: !needsConsent };
    this.tell('PRICE_INCREASE', needsConsent ? 'PENDING' : 'ACCEPTED', record, undefined, at);
  }

  consent(record: SubscriptionRecord, at: number): void {
    if (!record.increase || record.increase.consented)
      throw new AppleSandboxError('no price increase waits for consent', 409);
    record.increase.consented = true;
    this.tell('PRICE_INCREASE', 'ACCEPTED', record, undefined, at);
  }

  extend(record: SubscriptionRecord, days: number, at: number): void {
    if (record.status !== 1) throw new AppleSandboxError('only an active subscription can be extended', 409);
    record.expiresDate += days * DAY;
    const transaction = this.till.amend(record.latest, { expiresDate: record.expiresDate });
    this.tell('RENEWAL_EXTENDED', null, record, transaction, at);
  }

  requestRefund(transactionId: string, at: number): void {
    this.tellOf('CONSUMPTION_REQUEST', this.book.transaction(transactionId), at);
  }

  declineRefund(transactionId: string, at: number): void {
    this.tellOf('REFUND_DECLINED', this.book.transaction(transactionId), at);
  }

  /** @param percentage of the price, for a prorated one. A refund of the current period ends it. */
  refund(transactionId: string, at: number, percentage?: number): TransactionInfo {
    const before = this.book.transaction(transactionId);
    if (before.revocationDate !== undefined) throw new AppleSandboxError('it is refunded or revoked already', 409);
    const transaction = this.till.amend(transactionId, {
      // Told apart from one that was taken back in the same second.
      revocationDate: this.book.momentAfter(at),
      revocationReason: 0,
      revocationType: percentage === undefined ? 'REFUND_FULL' : 'REFUND_PRORATED',
      revocationPercentage: Math.round((percentage ?? 100) * 1000),
    });
    const record = this.book.subscriptions.get(transaction.originalTransactionId);
    if (record?.latest === transactionId && record.status !== 2) {
      record.status = 5;
      record.autoRenew = false;
    }
    this.tellOf('REFUND', transaction, at);
    return transaction;
  }

  reverseRefund(transactionId: string, at: number): TransactionInfo {
    const {
      revocationDate,
      revocationReason: _reason,
      revocationType: _type,
      revocationPercentage: _share,
      ...restored
    } = this.book.transaction(transactionId);
    if (revocationDate === undefined) throw new AppleSandboxError('it is not refunded', 409);
    this.book.transactions.set(transactionId, restored);
    const record = this.book.subscriptions.get(restored.originalTransactionId);
    if (record?.latest === transactionId && record.status === 5) record.status = record.expiresDate > at ? 1 : 2;
    this.tellOf('REFUND_REVERSED', restored, at);
    return restored;
  }

  /** Family sharing ends: for who was shared with, not for who bought. */
  revoke(record: SubscriptionRecord, at: number): void {
    if (record.ownership !== 'FAMILY_SHARED') throw new AppleSandboxError('only what is shared can be revoked', 409);
    record.status = 5;
    record.autoRenew = false;
    const change = { revocationDate: at, revocationReason: 0, revocationType: 'FAMILY_REVOKE' } as const;
    this.tell('REVOKE', null, record, this.till.amend(record.latest, change), at);
  }

  /** When time will do something to it; null is never. */
  dueAt(record: SubscriptionRecord): number | null {
    switch (record.status) {
      case 1:
        return record.expiresDate;
      case 4:
        return record.graceUntil;
      case 3:
        return (record.retrySince ?? 0) + RETRY_DAYS * DAY;
      default:
        return null;
    }
  }

  /** What time does to it at the moment it is due. */
  runDue(record: SubscriptionRecord, at: number): void {
    if (record.status === 1) {
      this.renew(record, at);
    } else if (record.status === 4) {
      record.status = 3;
      this.tell('GRACE_PERIOD_EXPIRED', null, record, undefined, at);
    } else {
      this.expire(record, 2, 'BILLING_RETRY', at);
    }
  }

  private renew(record: SubscriptionRecord, at: number): void {
    if (!record.autoRenew) {
      this.expire(record, 1, 'VOLUNTARY', at);
    } else if (record.increase?.consented === false) {
      this.expire(record, 3, 'PRICE_INCREASE', at);
    } else if (this.book.product(record.autoRenewProductId).forSale === false) {
      this.expire(record, 4, 'PRODUCT_NOT_FOR_SALE', at);
    } else if (record.pays) {
      this.renewFrom(record, at, at, null);
    } else {
      this.fail(record, at);
    }
  }

  private fail(record: SubscriptionRecord, at: number): void {
    const { graceDays } = this.book.settings;
    record.retrySince = at;
    record.status = graceDays > 0 ? 4 : 3;
    record.graceUntil = graceDays > 0 ? at + graceDays * DAY : null;
    record.expirationIntent = 2;
    this.tell('DID_FAIL_TO_RENEW', graceDays > 0 ? 'GRACE_PERIOD' : null, record, undefined, at);
  }

  private expire(record: SubscriptionRecord, intent: number, subtype: string, at: number): void {
    record.status = 2;
    record.autoRenew = false;
    record.expirationIntent = intent;
    this.tell('EXPIRED', subtype, record, undefined, at);
  }

  private renewFrom(record: SubscriptionRecord, from: number, at: number, subtype: string | null): void {
    const product = this.book.product(record.autoRenewProductId);
    if (record.increase) record.renewalPrice = record.increase.price;
    else if (record.productId !== product.productId) record.renewalPrice = priceOf(product.prices, record.currency);
    record.increase = null;
    record.productId = product.productId;
    const transaction = this.till.charge(record, product, from, { reason: 'RENEWAL' });
    this.tell('DID_RENEW', subtype, record, transaction, at);
  }

  private subscribe(product: Product, purchase: Purchase, account: string, at: number): TransactionInfo {
    const record = this.till.open(product, purchase, account, 'PURCHASED', at);
    const offer = this.offerOf(product, purchase, account);
    const transaction = this.till.charge(record, product, at, { reason: 'PURCHASE', ...(offer && { offer }) });
    if (offer?.type === 'code') this.tell('OFFER_REDEEMED', 'INITIAL_BUY', record, transaction, at);
    else this.tell('SUBSCRIBED', 'INITIAL_BUY', record, transaction, at);
    return transaction;
  }

  private resubscribe(record: SubscriptionRecord, product: Product, purchase: Purchase, at: number): TransactionInfo {
    Object.assign(record, { autoRenew: true, expirationIntent: null, increase: null, pays: true, startedAt: at });
    if (purchase.appAccountToken !== undefined) record.appAccountToken = purchase.appAccountToken;
    record.productId = record.autoRenewProductId = product.productId;
    record.renewalPrice = priceOf(product.prices, record.currency);
    const offer = this.offerOf(product, purchase, record.account);
    const transaction = this.till.charge(record, product, at, { reason: 'PURCHASE', ...(offer && { offer }) });
    this.tell('SUBSCRIBED', 'RESUBSCRIBE', record, transaction, at);
    return transaction;
  }

  /** Another product of the group: a higher level at once, a lower one or another length with the next renewal. */
  private change(record: SubscriptionRecord, product: Product, at: number): TransactionInfo {
    const from = this.book.product(record.productId);
    const level = (one: Product): number => one.level ?? 1;
    if (product.productId === record.productId) {
      if (record.autoRenewProductId === record.productId)
        throw new AppleSandboxError('it is subscribed to already', 409);
      record.autoRenewProductId = record.productId;
      this.tell('DID_CHANGE_RENEWAL_PREF', null, record, undefined, at);
      return this.book.transaction(record.latest);
    }
    const atOnce = level(product) < level(from) || (level(product) === level(from) && product.period === from.period);
    record.autoRenewProductId = product.productId;
    record.autoRenew = true;
    if (!atOnce) {
      this.tell('DID_CHANGE_RENEWAL_PREF', 'DOWNGRADE', record, undefined, at);
      return this.book.transaction(record.latest);
    }
    this.till.amend(record.latest, { isUpgraded: true });
    record.productId = product.productId;
    record.renewalPrice = priceOf(product.prices, record.currency);
    const transaction = this.till.charge(record, product, at, { reason: 'PURCHASE' });
    this.tell('DID_CHANGE_RENEWAL_PREF', 'UPGRADE', record, transaction, at);
    return transaction;
  }

  /** The introductory offer is for who never had one of the group. */
  private offerOf(product: Product, { offer = 'intro' }: Purchase, account: string): TakenOffer | null {
    if (typeof offer === 'object') return offer;
    if (offer === 'none' || !product.introOffer) return null;
    const had = this.book
      .historyOf(account)
      .some(({ offerType, subscriptionGroupIdentifier: group }) => offerType === 1 && group === product.group);
    return had ? null : { ...product.introOffer, type: 'intro' };
  }

  private tell(
    type: NotificationType,
    subtype: string | null,
    subscription: SubscriptionRecord,
    transaction: TransactionInfo | undefined,
    at: number,
  ): void {
    this.notify(
      type,
      subtype,
      { subscription, transaction: transaction ?? this.book.transaction(subscription.latest) },
      at,
    );
  }

  private tellOf(type: NotificationType, transaction: TransactionInfo, at: number): void {
    const subscription = this.book.subscriptions.get(transaction.originalTransactionId);
    this.notify(type, null, { transaction, ...(subscription && { subscription }) }, at);
  }
}
