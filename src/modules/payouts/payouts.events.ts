import type { PayoutStatus } from './domain/payout-status';

/**
 * Domain events of this module: one for each status a payout comes to, also again. `objectType` is `payout`, `objectId` its id;
 * payload {payoutId, status, formerStatus (null at first), amount, currency, sourceAmount, sourceCurrency, failureCode}, with
 * `amount` and `currency` as the beneficiary gets them, in minor units. `customerId` is the customer who is paid; null for others.
 */
export const PAYOUT_EVENTS = {
  queued: 'payout.queued',
  awaiting_second_approval: 'payout.awaiting_second_approval',
  processing: 'payout.processing',
  requires_manual_funding: 'payout.requires_manual_funding',
  paid: 'payout.paid',
  bounced: 'payout.bounced',
  failed: 'payout.failed',
  refunded: 'payout.refunded',
  charged_back: 'payout.charged_back',
  canceled: 'payout.canceled',
  rejected: 'payout.rejected',
} as const satisfies Record<PayoutStatus, string>;
