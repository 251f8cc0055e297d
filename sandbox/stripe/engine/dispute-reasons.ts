/** Stripe's reasons, with what Visa calls them. */
export const disputeReasons = {
  credit_not_processed: '13.6',
  duplicate: '12.6.1',
  fraudulent: '10.4',
  general: '13.1',
  product_not_received: '13.1',
  product_unacceptable: '13.3',
  subscription_canceled: '13.2',
  unrecognized: '10.4',
} as const;

export type DisputeReason = keyof typeof disputeReasons;
