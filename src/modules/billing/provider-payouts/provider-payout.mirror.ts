import { MirrorKind } from '../mirrors/mirror-kind';
import type { MirrorColumns, OwnedObject } from '../mirrors/mirror-rows.repository';
import { foldProviderPayout, type ProviderPayoutState } from './domain/fold-provider-payout';

export const PROVIDER_PAYOUT_MIRROR = new MirrorKind('provider_payout', foldProviderPayout, providerPayoutRow);

function providerPayoutRow({ key }: OwnedObject, state: ProviderPayoutState): MirrorColumns {
  const p = state.payload;
  return {
    provider: key.provider,
    provider_id: key.objectId,
    amount: p.amount,
    currency: p.currency,
    status: p.status,
    failure_code: p.failureCode,
    arrives_at: p.arrivesAt,
    created_at: p.createdAt,
  };
}
