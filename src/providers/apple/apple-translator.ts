import { AppError, isAppError, validation } from '../../shared/app-error';
import type { Fact } from '../../shared/facts';
import type { Translation } from '../provider.port';
import {
  appleAggregate,
  AUTO_RENEWABLE,
  moneyFacts,
  refundFacts,
  subscriptionFact,
  type Said,
  type SubscriptionTold,
} from './apple-facts';
import type { AppleNotification, AppleTransaction } from './apple-wire';

/**
 * What a notification's type means (developer.apple.com/documentation/appstoreservernotifications/notificationtype). What has
 * become of the subscription stands in its status and its signed parts, whatever the type is called.
 */
type Meaning =
  /** The subscription begins, or begins again. */
  | 'begins'
  /** It is as it says, and its transaction is the latest. */
  | 'stands'
  | 'refund'
  | 'refund_reversed'
  /** About one transaction, which need not be the latest. */
  | 'transaction'
  | 'recorded';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  SUBSCRIBED: 'begins',
  OFFER_REDEEMED: 'begins',
  DID_RENEW: 'stands',
  DID_CHANGE_RENEWAL_STATUS: 'stands',
  DID_CHANGE_RENEWAL_PREF: 'stands',
  DID_FAIL_TO_RENEW: 'stands',
  GRACE_PERIOD_EXPIRED: 'stands',
  EXPIRED: 'stands',
  REVOKE: 'stands',
  RENEWAL_EXTENDED: 'stands',
  PRICE_INCREASE: 'stands',
  PRICE_CHANGE: 'stands',
  MIGRATION: 'stands',
  REFUND: 'refund',
  REFUND_REVERSED: 'refund_reversed',
  ONE_TIME_CHARGE: 'transaction',
  CONSUMPTION_REQUEST: 'transaction',
  REFUND_DECLINED: 'transaction',
  RENEWAL_EXTENSION: 'recorded',
  EXTERNAL_PURCHASE_TOKEN: 'recorded',
  METADATA_UPDATE: 'recorded',
  RESCIND_CONSENT: 'recorded',
  TEST: 'recorded',
};

/** These begin nothing: the subscription was there, and has another product. */
const CHANGES = new Set(['UPGRADE', 'DOWNGRADE']);

/** Turns a verified notification into facts. Pure. @throws AppError validation where a known type lacks what it must have. */
export function translateAppleNotification(notification: AppleNotification): Translation {
  const { type, transaction } = notification;
  const meaning = MEANINGS[type];
  if (meaning === undefined) return { kind: 'ignored', reason: `notification type ${type} means nothing to us` };
  if (meaning === 'recorded') return { kind: 'ignored', reason: `${type} changes nothing of ours` };
  if (!transaction) {
    throw validation('SCHEMA_VALIDATION', `The ${type} notification carries no transaction`, { type });
  }
  const said: Said = { occurredAt: new Date(notification.signedDate), sourceId: notification.id };
  try {
    const facts = factsOf(meaning, notification, transaction, said);
    return { kind: 'facts', aggregate: appleAggregate(transaction.originalTransactionId), facts };
  } catch (error) {
    if (isAppError(error) && error.kind === 'validation') throw error;
    throw new AppError({
      ...{ kind: 'validation', code: 'SCHEMA_VALIDATION', details: { type }, cause: error },
      message: `The ${type} notification cannot be read`,
    });
  }
}

function factsOf(meaning: Meaning, notification: AppleNotification, transaction: AppleTransaction, said: Said): Fact[] {
  const facts = moneyFacts(transaction, said);
  if (meaning === 'refund') facts.push(...refundFacts(transaction, 'refund.created', said));
  if (meaning === 'refund_reversed') facts.push(...refundFacts(transaction, 'refund.changed', said));
  const told = subscriptionTold(meaning, notification, transaction);
  if (told) {
    // Access that comes back after a refund was taken back begins again too.
    const begins = meaning === 'refund_reversed' || (meaning === 'begins' && !CHANGES.has(notification.subtype ?? ''));
    facts.push(subscriptionFact(told, begins ? 'subscription.created' : 'subscription.changed', said));
  }
  return facts;
}

/** Null where the notification does not show the subscription as it now is. */
function subscriptionTold(
  meaning: Meaning,
  { status, renewal, signedDate }: AppleNotification,
  transaction: AppleTransaction,
): SubscriptionTold | null {
  if (transaction.type !== AUTO_RENEWABLE || meaning === 'transaction') return null;
  if (meaning === 'begins' || meaning === 'stands') {
    return { transaction, renewal, status: status ?? statusFrom(transaction, signedDate) };
  }
  // A refund may be of any transaction, also of one of long ago: only that of the running period tells how things stand.
  const runs = (transaction.expiresDate ?? 0) > signedDate && transaction.isUpgraded !== true;
  return runs && status !== null ? { transaction, renewal, status } : null;
}

/** Where Apple leaves the status out: what the transaction itself shows. */
function statusFrom({ revocationDate, expiresDate = 0 }: AppleTransaction, at: number): number {
  if (revocationDate !== undefined) return 5;
  return expiresDate > at ? 1 : 2;
}
