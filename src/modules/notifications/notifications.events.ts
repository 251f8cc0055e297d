/** Domain events of this module; payloads hold ids only. */
export const NOTIFICATION_EVENTS = {
  /** {notificationId, kind}: something new stands in a customer's list. */
  created: 'notification.created',
} as const;

/**
 * Domain events of others that customers are told of: whoever owns them appends them to the outbox, with the customer's id, in
 * the unit of work of the change. Twice is told once. Ids and figures only: what people have named is read where it is.
 * The customer's own backend is told of the same (`outgoing/public-events.ts`).
 */
export const TOLD_EVENTS = {
  /** Of the usage module, about `usage`, the id being the customer's and the meter's together; `UsageThreshold`. */
  usageThreshold: 'usage.threshold_reached',
  /** Of the pods module, about `contribution`; `ContributionTold`. */
  contributionDue: 'pod.contribution_due',
  contributionFailed: 'pod.contribution_failed',
} as const;

/** A customer has used this much of what his plan includes in a period. */
export interface UsageThreshold {
  /** Key of the meter. */
  readonly meter: string;
  /** As the catalog names it to customers. */
  readonly name: string;
  /** Percent: 80, 100. At 100 and above he has used all of it. */
  readonly threshold: number;
  /** Whole units. */
  readonly used: number;
  readonly limit: number;
  /** ISO 8601; it is told until the period is over. */
  readonly periodStart: string;
  readonly periodEnd: string;
}

/** A payout came to this end: `PAYOUT_EVENTS` of the payouts module; without a customer nobody is told. */
export interface PayoutTold {
  readonly payoutId: string;
  /** As the beneficiary gets it, in minor units. */
  readonly amount: number;
  readonly currency: string;
}

/** A member's contribution to a pod is due soon, or could not be collected. */
export interface ContributionTold {
  readonly contributionId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  /** ISO 8601: when it is collected, or was to be. */
  readonly dueAt: string;
  /** An invoice that can be paid by hand; null: it is paid in the app. */
  readonly invoiceId: string | null;
}
