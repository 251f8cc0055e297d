export { ACCESS_REASONS, type AccessStep } from './access/domain/access-steps';
export { AccessHistory } from './access/access-history.service';
export type { AccessDifference } from './access/access-invariant.repository';
export { AccessInvariant } from './access/access-invariant.service';
export { BillingOwnership } from './billing-ownership.service';
export { manageUrlOf } from './billing.errors';
export { BILLING_EVENTS } from './billing.events';
export { BillingModule } from './billing.module';
export { CustomerBilling, type CustomerPurchases } from './care/customer-billing.service';
export { CatalogSeedService } from './catalog-seed.service';
export {
  DEFAULT_DUNNING_POLICY,
  completePolicy,
  type DunningPolicy,
  type EndAction,
  type EndInvoice,
} from './catalog/domain/dunning-policy';
export { InvoiceRecoveryFlow } from './recovery/invoice-recovery.flow';
export { InvoiceRetrySchedules } from './recovery/invoice-retry-schedules.repository';
export type { Comparison, Sighting } from './domain/same-state';
export { InvoiceResponse, toInvoiceResponse } from './dto/invoices.response.dto';
export { SubscriptionResponse, toSubscriptionResponse } from './dto/subscriptions.response.dto';
export type { FraudReviewPayload } from './fraud/fraud-review';
export { MirrorFreshness } from './mirror-freshness.service';
export { MirrorInvariant, type MirrorCheck } from './mirrors/mirror-invariant.service';
export { PaymentLinks, type PayPage } from './payment-links/payment-links.flow';
export { isTakenBack, type StorePurchase } from './stores/domain/purchase-grants';
export { StoreBilling } from './stores/store-billing.service';
export type { Subscription } from './subscriptions.repository';
export { RevenueRelease, type Released } from './revenue/revenue-release.service';
