import { ENTITLEMENTS_UPDATED } from '../entitlements';

/** Domain events of this module; payloads hold ids and figures only. */
export const BILLING_EVENTS = {
  /** {subscriptionId, status, formerStatus}; on every change that a reader can see, also where the status stays. */
  subscriptionUpdated: 'subscription.updated',
  /** {userId is not in it: consumers resolve the customer} */
  entitlementsUpdated: ENTITLEMENTS_UPDATED,
  /** {invoiceId, amount, currency} */
  invoicePaid: 'invoice.paid',
  /** {invoiceId, attempt} */
  paymentFailed: 'payment.failed',
  /** {refundId, provider, paymentRef, amount, currency, status} */
  refundUpdated: 'refund.updated',
  /** {disputeId, provider, paymentRef, amount, currency, status, formerStatus, reason, evidenceDueBy} */
  disputeUpdated: 'dispute.updated',
  /** {provider, concernRef, paymentRef, concern, open, reason} */
  paymentConcern: 'payment.concern',
  /** {paymentMethodId, provider, methodRef, type, change, expMonth, expYear, expiredInvoiceIds}; see `PaymentMethodProjection` */
  paymentMethodUpdated: 'payment_method.updated',
  /** {paymentMethodId, provider, methodRef, brand, last4, expMonth, expYear, expiresAt}: once for each date on a card */
  paymentMethodExpiring: 'payment_method.expiring',
  /** {planId}: the catalog has to be mirrored to the providers. */
  planChanged: 'plan.changed',
  /** {subscriptionRef}: a trial at Stripe was told of, perhaps with its card. */
  trialTold: 'trial.told',
  /** {subscriptionId, trialEndsAt}: three days before a trial turns into a paid time; once for each end. */
  trialEnding: 'trial.ending',
  /** FraudReviewPayload: a person is to look at a payment attempt. */
  fraudReview: 'fraud.review',
  /** {discountId}: its coupon and promotion code have to follow. */
  discountChanged: 'discount.changed',
} as const;
