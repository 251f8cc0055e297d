import { MirrorKind } from '../mirrors/mirror-kind';
import type { MirrorColumns, OwnedObject } from '../mirrors/mirror-rows.repository';
import { foldPaymentMethod, isAttached, type PaymentMethodState } from './domain/fold-payment-method';

export const PAYMENT_METHOD_MIRROR = new MirrorKind('payment_method', foldPaymentMethod, paymentMethodRow);

function paymentMethodRow({ key, customerId }: OwnedObject, state: PaymentMethodState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    status: isAttached(p) ? 'attached' : 'detached',
    type: p.type,
    brand: p.brand,
    last4: p.last4,
    exp_month: p.expMonth,
    exp_year: p.expYear,
    country: p.country,
    bank_name: p.bankName,
    created_at: p.createdAt,
  };
}
