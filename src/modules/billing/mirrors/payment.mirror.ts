import { foldPayment, type PaymentState } from '../domain/fold-payment';
import { MirrorKind } from './mirror-kind';
import type { MirrorColumns, OwnedObject } from './mirror-rows.repository';

export const PAYMENT_MIRROR = new MirrorKind('payment', foldPayment, paymentRow);

function paymentRow({ key, customerId }: OwnedObject, state: PaymentState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    provider_invoice_id: state.invoiceRef,
    amount: p.amount,
    currency: p.currency,
    status: p.status,
    decline_code: p.declineCode,
    method_type: state.method?.type ?? null,
    method_brand: state.method?.brand ?? null,
    method_last4: state.method?.last4 ?? null,
    created_at: p.createdAt,
  };
}
