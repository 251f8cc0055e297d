import { MirrorKind } from '../mirrors/mirror-kind';
import type { MirrorColumns, OwnedObject } from '../mirrors/mirror-rows.repository';
import { foldDispute, type DisputeState } from './domain/fold-dispute';

export const DISPUTE_MIRROR = new MirrorKind('dispute', foldDispute, disputeRow);

function disputeRow({ key, customerId }: OwnedObject, state: DisputeState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    provider_payment_id: p.paymentRef,
    amount: p.amount,
    currency: p.currency,
    status: p.status,
    provider_status: p.providerStatus,
    reason: p.reason,
    evidence_due_by: p.evidenceDueBy,
    has_evidence: p.hasEvidence,
    evidence_count: p.evidenceCount,
    created_at: p.createdAt,
  };
}
