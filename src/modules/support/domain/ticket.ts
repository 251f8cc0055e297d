export const TICKET_TYPES = [
  'webhook_failure',
  'payment_failure',
  'dispute',
  'refund_failure',
  'fraud_review',
  'reconciliation_break',
  'store_purchase',
  'payout',
  'other',
] as const;
export type TicketType = (typeof TICKET_TYPES)[number];

/** From the least to the most pressing. */
export const TICKET_PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type TicketPriority = (typeof TICKET_PRIORITIES)[number];

/** `retrying`: what it is about is being done once more, and its end settles the ticket. */
export const TICKET_STATUSES = ['open', 'investigating', 'retrying', 'resolved'] as const;
export type TicketStatus = (typeof TICKET_STATUSES)[number];

/** manual: a person has settled it elsewhere. auto_retry: what it is about was done once more, and went well. */
export const TICKET_RESOLUTIONS = ['manual', 'auto_retry'] as const;
export type TicketResolution = (typeof TICKET_RESOLUTIONS)[number];
