import { CREDIT_NOTE_MIRROR } from '../credit-notes/credit-note.mirror';
import { DISPUTE_MIRROR } from '../disputes/dispute.mirror';
import { PAYMENT_METHOD_MIRROR } from '../payment-methods/payment-method.mirror';
import { PROVIDER_CUSTOMER_MIRROR } from '../payment-methods/provider-customer.mirror';
import { PROVIDER_PAYOUT_MIRROR } from '../provider-payouts/provider-payout.mirror';
import { REFUND_MIRROR } from '../refunds/refund.mirror';
import { INVOICE_MIRROR } from './invoice.mirror';
import type { MirrorKind } from './mirror-kind';
import { PAYMENT_MIRROR } from './payment.mirror';

/** Every kind whose row is a function of its own facts alone. A subscription's hangs on the catalog and its invoices, too. */
export const MIRROR_KINDS: readonly Pick<MirrorKind, 'type' | 'expected'>[] = [
  INVOICE_MIRROR,
  PAYMENT_MIRROR,
  REFUND_MIRROR,
  DISPUTE_MIRROR,
  CREDIT_NOTE_MIRROR,
  PAYMENT_METHOD_MIRROR,
  PROVIDER_CUSTOMER_MIRROR,
  PROVIDER_PAYOUT_MIRROR,
];
