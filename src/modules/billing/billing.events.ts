/** Domain events of this module; payloads hold ids and figures only. */
export const BILLING_EVENTS = {
  /** {subscriptionId, status, formerStatus} */
  subscriptionUpdated: 'subscription.updated',
  /** {userId is not in it: consumers resolve the customer} */
  entitlementsUpdated: 'entitlements.updated',
  /** {invoiceId, amount, currency} */
  invoicePaid: 'invoice.paid',
  /** {invoiceId, attempt} */
  paymentFailed: 'payment.failed',
  /** {planId}: the catalog has to be mirrored to the providers. */
  planChanged: 'plan.changed',
} as const;
