import { MirrorKind } from '../mirrors/mirror-kind';
import type { MirrorColumns, OwnedObject } from '../mirrors/mirror-rows.repository';
import { foldCreditNote, type CreditNoteState } from './domain/fold-credit-note';

export const CREDIT_NOTE_MIRROR = new MirrorKind('credit_note', foldCreditNote, creditNoteRow);

function creditNoteRow({ key, customerId }: OwnedObject, state: CreditNoteState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    provider_invoice_id: p.invoiceRef,
    number: p.number,
    status: p.status,
    reason: p.reason,
    currency: p.currency,
    total: p.total,
    tax: p.tax,
    pre_payment: p.prePayment,
    refunded: p.refunded,
    credited: p.credited,
    out_of_band: p.outOfBand,
    intent_id: p.intentId,
    created_at: p.createdAt,
  };
}
