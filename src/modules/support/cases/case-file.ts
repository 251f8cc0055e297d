import type { Provider, SubscriptionStatus } from '../../../shared/facts';
import type { AccessStep, DunningPolicy } from '../../billing';
import type { DeclineClass, DunningCase, RecoveryAttempt, Reminder } from '../../retry';
import type { Ticket } from '../tickets.repository';

export interface CaseInvoice {
  id: string;
  customerId: string;
  provider: Exclude<Provider, 'wise'>;
  providerId: string;
  number: string | null;
  status: string;
  billingReason: string | null;
  currency: string;
  amountDue: bigint;
  amountPaid: bigint;
  amountRemaining: bigint;
  amountRefunded: bigint;
  attemptCount: number;
  createdAt: Date;
  finalizedAt: Date | null;
  firstFailedAt: Date | null;
  paidAt: Date | null;
}

export interface CaseSubscription {
  id: string;
  providerId: string;
  status: SubscriptionStatus;
  planId: string;
  planCode: string;
  planName: string;
  graceDays: number;
  graceUntil: Date | null;
  /** The plan's own; null where the default counts. */
  dunning: DunningPolicy | null;
}

/** What the provider told of the invoice, its payments and its subscription. */
export interface CaseFact {
  id: string;
  at: Date;
  kind: string;
  objectType: string;
  /** The provider's ids. */
  objectId: string;
  status: string | null;
  declineCode: string | null;
  sourceId: string;
}

/** A declined attempt, as the provider told it, in plain words. */
export interface CaseDecline {
  at: Date;
  code: string | null;
  class: DeclineClass;
  meaning: string;
}

export const OUTCOMES = ['never_failed', 'not_followed_up', 'open', 'recovered', 'exhausted', 'closed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One line of the story. */
export interface StoryLine {
  at: Date;
  what: string;
  summary: string;
}

/** A step of access, with the plan's code instead of its id. */
export type CaseAccess = Omit<AccessStep, 'planId'> & { plan: string | null };

/** All that is known of a declined renewal, from its first failure to its outcome. */
export interface CaseFile {
  invoice: CaseInvoice;
  subscription: CaseSubscription | null;
  policy: DunningPolicy;
  /** How it was followed up; null for what never failed, or was no renewal. */
  standing: DunningCase | null;
  attempts: RecoveryAttempt[];
  declines: CaseDecline[];
  reminders: Reminder[];
  facts: CaseFact[];
  tickets: Ticket[];
  access: CaseAccess[];
}
