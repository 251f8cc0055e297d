import type { Currency } from '../../../shared/currency';
import { credit, debit, draftOf, postingKey, type JournalDraft } from './journal';
import { POSTINGS } from './posting-table';

export interface RevenueReleased {
  /** Our id of the invoice. */
  invoiceId: string;
  customerId: string;
  currency: Currency;
  occurredAt: Date;
  /** Which release of the invoice it is, from 1. */
  number: number;
  /** Earned since the last one, minor units; negative where more had been released than is owed by now. */
  amount: bigint;
}

/** Dr revenue.deferred; Cr revenue.subscription: days of a paid or owed period that have passed. */
export function revenueReleased(release: RevenueReleased): JournalDraft<'revenue.released'> | null {
  const { invoiceId, customerId, currency, occurredAt, number, amount } = release;
  return draftOf({
    type: 'revenue.released',
    idempotencyKey: postingKey('kassa', invoiceId, POSTINGS['revenue.released'].kind, String(number)),
    refId: invoiceId,
    provider: 'kassa',
    occurredAt,
    customerId,
    meta: {},
    entries: [debit('revenue.deferred', amount, currency), credit('revenue.subscription', amount, currency)],
  });
}
