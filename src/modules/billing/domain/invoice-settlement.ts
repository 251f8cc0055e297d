import type { InvoiceStatus } from '../../../shared/facts';

export type SettlementAction = 'pay' | 'pay_out_of_band' | 'void' | 'mark_uncollectible';

/**
 * From which status an invoice can be settled how. A draft is not the customer's yet, and paid and void are final; what was
 * given up may still be paid or voided. Source: docs.stripe.com/invoicing/overview, "Invoice statuses".
 */
const FROM: Readonly<Record<SettlementAction, readonly InvoiceStatus[]>> = {
  pay: ['open', 'uncollectible'],
  pay_out_of_band: ['open', 'uncollectible'],
  void: ['open', 'uncollectible'],
  mark_uncollectible: ['open'],
};

/** The status that shows it done. */
export const SETTLED_AS: Readonly<Record<SettlementAction, InvoiceStatus>> = {
  pay: 'paid',
  pay_out_of_band: 'paid',
  void: 'void',
  mark_uncollectible: 'uncollectible',
};

export function canSettle(status: InvoiceStatus, action: SettlementAction): boolean {
  return FROM[action].includes(status);
}

/** For "cannot be ...". */
export function wordFor(action: SettlementAction): string {
  return { pay: 'paid', pay_out_of_band: 'paid', void: 'voided', mark_uncollectible: 'given up' }[action];
}
