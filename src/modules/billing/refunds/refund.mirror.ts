import { MirrorKind } from '../mirrors/mirror-kind';
import type { MirrorColumns, OwnedObject } from '../mirrors/mirror-rows.repository';
import { foldRefund, type RefundState } from './domain/fold-refund';

export const REFUND_MIRROR = new MirrorKind('refund', foldRefund, refundRow);

function refundRow({ key, customerId }: OwnedObject, state: RefundState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    provider_payment_id: p.paymentRef,
    amount: p.amount,
    currency: p.currency,
    status: p.status,
    reason: p.reason,
    failure_reason: p.failureReason,
    intent_id: p.intentId,
    created_at: p.createdAt,
  };
}
