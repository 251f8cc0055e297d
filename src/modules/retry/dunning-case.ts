import type { InvoiceStatus, Provider, SubscriptionStatus } from '../../shared/facts';
import type { EndAction, EndInvoice } from '../billing';

export const CASE_STATUSES = ['open', 'recovered', 'exhausted', 'closed'] as const;
export type CaseStatus = (typeof CASE_STATUSES)[number];
export type CloseReason =
  | 'paid'
  | 'grace_over'
  | 'voided'
  | 'uncollectible'
  | 'subscription_canceled'
  | 'subscription_paused'
  | 'subscription_unpaid'
  | 'superseded';

/** The stored reasons for which nothing is scheduled. */
export type StoredHold =
  | 'watching'
  | 'provider_retries'
  | 'method_required'
  | 'action_required'
  | 'network_cap'
  | 'attempts_used'
  | 'grace_ends';

/** What is done about one declined renewal. Times are business time. */
export interface DunningCase {
  id: string;
  customerId: string;
  subscriptionId: string;
  invoiceId: string;
  provider: Provider;
  /** Who tries again. */
  owner: 'kassa' | 'provider';
  status: CaseStatus;
  closeReason: CloseReason | null;
  /** The first declined attempt. */
  openedAt: Date;
  graceUntil: Date;
  closedAt: Date | null;
  takenOverAt: Date | null;
  holdReason: StoredHold | null;
  endAction: EndAction | null;
  endInvoice: EndInvoice | null;
  endingAt: Date | null;
  nextActionAt: Date | null;
  failures: number;
  latePaidAt: Date | null;
  createdAt: Date;
}

/** A case beside the mirror rows it follows from. */
export interface StandingCase extends DunningCase {
  invoiceStatus: InvoiceStatus;
  invoicePaidAt: Date | null;
  subscriptionStatus: SubscriptionStatus;
}

/** A declined renewal that is to be followed up, as the mirror rows tell it. */
export interface Candidate {
  customerId: string;
  subscriptionId: string;
  invoiceId: string;
  provider: Provider;
  openedAt: Date;
  graceUntil: Date;
}
