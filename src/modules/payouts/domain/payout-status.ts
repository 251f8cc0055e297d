import type { TransferStanding } from './fold-transfer';

export const PAYOUT_STATUSES = [
  'queued',
  'awaiting_second_approval',
  'processing',
  'requires_manual_funding',
  'paid',
  'bounced',
  'failed',
  'refunded',
  'charged_back',
  'canceled',
  'rejected',
] as const;
export type PayoutStatus = (typeof PAYOUT_STATUSES)[number];

/** What people have decided, or the provider for them: `refused` is a transfer that it would not take. */
export const PAYOUT_DECISIONS = [
  'queued',
  'awaiting_second_approval',
  'approved',
  'rejected',
  'canceled',
  'refused',
] as const;
export type PayoutDecision = (typeof PAYOUT_DECISIONS)[number];

/** Pure: the provider's word counts as soon as there is a transfer; it may go back, and so may we. */
export function payoutStatus(
  decision: PayoutDecision,
  transfer: Pick<TransferStanding, 'state' | 'funding'> | null,
): PayoutStatus {
  if (!transfer) return decision === 'approved' ? 'processing' : decision === 'refused' ? 'failed' : decision;
  const { state, funding } = transfer;
  switch (state) {
    case 'outgoing_payment_sent':
      return 'paid';
    case 'bounced_back':
      return 'bounced';
    case 'funds_refunded':
      return 'refunded';
    case 'charged_back':
      return 'charged_back';
    case 'cancelled':
      return funding === 'rejected' ? 'failed' : 'canceled';
    case 'processing':
    case 'funds_converted':
      return 'processing';
    case 'incoming_payment_waiting':
    case 'incoming_payment_initiated':
    case null:
      if (funding === 'rejected') return 'failed';
      return funding === 'authorization_required' ? 'requires_manual_funding' : 'processing';
  }
}
