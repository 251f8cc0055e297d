import { Module } from '@nestjs/common';
import { StripeModule } from '../../providers/stripe';
import { CustomersModule } from '../customers';
import { EntitlementsModule } from '../entitlements';
import { LedgerModule } from '../ledger';
import { AccessHistoryRepository } from './access/access-history.repository';
import { AccessHistory } from './access/access-history.service';
import { AccessInvariantRepository } from './access/access-invariant.repository';
import { AccessInvariant } from './access/access-invariant.service';
import { BillingOwnership } from './billing-ownership.service';
import { BillingProjection } from './billing-projection.service';
import { CATALOG_CONTROLLERS, CATALOG_PROVIDERS } from './catalog/catalog.parts';
import { CatalogMirrorFlow } from './catalog-mirror.flow';
import { CatalogRepository } from './catalog.repository';
import { CatalogSeedRepository } from './catalog-seed.repository';
import { CatalogSeedService } from './catalog-seed.service';
import { CustomerBilling } from './care/customer-billing.service';
import { ChargeProjection } from './charges/charge-projection.service';
import { CheckoutController } from './checkout.controller';
import { CheckoutFlow } from './checkout.flow';
import { ConcernProjection } from './concerns/concern-projection.service';
import { CreditLines } from './credit-notes/credit-lines.flow';
import { CreditNoteFlow } from './credit-notes/credit-note.flow';
import { CreditNotesController } from './credit-notes/credit-notes.controller';
import { CreditNotesRepository } from './credit-notes/credit-notes.repository';
import { CreditNoteProjection } from './credit-notes/credit-note-projection.service';
import { CustomerCreditController } from './credits/customer-credit.controller';
import { CustomerCreditFlow } from './credits/customer-credit.flow';
import { CurrentSubscription } from './current-subscription.service';
import { CustomerCareController } from './customer-care.controller';
import { DiscountDesk } from './discounts/discount-desk.service';
import { DiscountHoldsFlow } from './discounts/discount-holds.flow';
import { DiscountMirrorFlow } from './discounts/discount-mirror.flow';
import { DiscountPreview } from './discounts/discount-preview.service';
import { DiscountsAdminController } from './discounts/discounts-admin.controller';
import { DiscountsController } from './discounts/discounts.controller';
import { DiscountsRepository } from './discounts/discounts.repository';
import { DiscountsService } from './discounts/discounts.service';
import { RedemptionsRepository } from './discounts/redemptions.repository';
import { FRAUD_CONTROLLERS, FRAUD_PROVIDERS } from './fraud';
import { DisputeAnswerFlow } from './disputes/dispute-answer.flow';
import { DisputesController } from './disputes/disputes.controller';
import { DisputesRepository } from './disputes/disputes.repository';
import { DisputeProjection } from './disputes/dispute-projection.service';
import { InvoiceDeskController } from './invoice-desk.controller';
import { InvoiceSettlementFlow } from './invoice-settlement.flow';
import { InvoicesController } from './invoices.controller';
import { InvoicesRepository } from './invoices.repository';
import { MirrorFreshnessRepository } from './mirror-freshness.repository';
import { MirrorFreshness } from './mirror-freshness.service';
import { MirrorInvariantRepository } from './mirrors/mirror-invariant.repository';
import { MirrorInvariant } from './mirrors/mirror-invariant.service';
import { MirrorRows } from './mirrors/mirror-rows.repository';
import { MirroredObjects } from './mirrors/mirrored-objects.service';
import { MoneyBack } from './money-back.repository';
import { CardExpiryNoticesRepository } from './payment-methods/card-expiry-notices.repository';
import { ExpiredInvoicesRepository } from './payment-methods/expired-invoices.repository';
import { ExpiringCards } from './payment-methods/expiring-cards.service';
import { PaymentMethodProjection } from './payment-methods/payment-method-projection.service';
import { ProviderCustomerProjection } from './payment-methods/provider-customer-projection.service';
import { PaymentMethodsController } from './payment-methods.controller';
import { PaymentMethodsFlow } from './payment-methods.flow';
import { PaymentLinks } from './payment-links/payment-links.flow';
import { PaymentsRepository } from './payments.repository';
import { PlanChangeFlow } from './plan-change.flow';
import { PlanQuotes } from './plan-quotes.service';
import { PlansController } from './plans.controller';
import { PlansService } from './plans.service';
import { PortalFlow } from './portal.flow';
import { ProviderPayoutProjection } from './provider-payouts/provider-payout-projection.service';
import { PurchaseService } from './purchase.service';
import { InvoiceRecoveryFlow } from './recovery/invoice-recovery.flow';
import { InvoiceRetrySchedules } from './recovery/invoice-retry-schedules.repository';
import { InvoiceTakeoverFlow } from './recovery/invoice-takeover.flow';
import { RefundFlow } from './refunds/refund.flow';
import { RefundsController } from './refunds/refunds.controller';
import { RefundsRepository } from './refunds/refunds.repository';
import { RefundProjection } from './refunds/refund-projection.service';
import { RevenueRelease } from './revenue/revenue-release.service';
import { RevenueRepository } from './revenue/revenue.repository';
import { StoreBilling } from './stores/store-billing.service';
import { PurchaseMovesRepository } from './stores/purchase-moves.repository';
import { StorePurchases } from './stores/store-purchases.service';
import { StorePurchasesRepository } from './stores/store-purchases.repository';
import { StripeCustomerFlow } from './stripe-customer.flow';
import { SubscriptionAccess } from './subscription-access.service';
import { SubscriptionCancelFlow } from './subscription-cancel.flow';
import { SubscriptionCreateFlow } from './subscription-create.flow';
import { SubscriptionPauseFlow } from './subscription-pause.flow';
import { SubscriptionProjection } from './subscription-projection.service';
import { SubscriptionUpdateFlow } from './subscription-update.flow';
import { SubscriptionsController } from './subscriptions.controller';
import { SubscriptionsRepository } from './subscriptions.repository';
import { BillingDetailsController } from './tax/billing-details.controller';
import { BillingDetailsFlow } from './tax/billing-details.flow';
import { TaxTermsFlow } from './tax/tax-terms.flow';
import { TrialExtensionFlow } from './trial-extension.flow';
import { TrialEndingsRepository } from './trials/trial-endings.repository';
import { TrialEndings } from './trials/trial-endings.service';

@Module({
  imports: [StripeModule, CustomersModule, EntitlementsModule, LedgerModule],
  controllers: [
    PlansController,
    ...CATALOG_CONTROLLERS,
    SubscriptionsController,
    CheckoutController,
    InvoicesController,
    PaymentMethodsController,
    CustomerCareController,
    CustomerCreditController,
    InvoiceDeskController,
    BillingDetailsController,
    RefundsController,
    DisputesController,
    CreditNotesController,
    BillingDetailsController,
    ...FRAUD_CONTROLLERS,
    DiscountsController,
    DiscountsAdminController,
    BillingDetailsController,
  ],
  providers: [
    ...FRAUD_PROVIDERS,
    CatalogRepository,
    CatalogSeedRepository,
    CatalogSeedService,
    CatalogMirrorFlow,
    ...CATALOG_PROVIDERS,
    PlansService,
    SubscriptionsRepository,
    InvoicesRepository,
    PaymentsRepository,
    MirrorRows,
    MirroredObjects,
    MoneyBack,
    RevenueRepository,
    RevenueRelease,
    SubscriptionProjection,
    SubscriptionAccess,
    BillingProjection,
    RefundProjection,
    RefundsRepository,
    RefundFlow,
    DisputeProjection,
    DisputesRepository,
    DisputeAnswerFlow,
    ChargeProjection,
    CreditNoteProjection,
    CreditNotesRepository,
    CreditLines,
    CreditNoteFlow,
    ConcernProjection,
    ProviderPayoutProjection,
    PaymentMethodProjection,
    ProviderCustomerProjection,
    ExpiredInvoicesRepository,
    CardExpiryNoticesRepository,
    ExpiringCards,
    PaymentLinks,
    TrialEndingsRepository,
    TrialEndings,
    BillingOwnership,
    MirrorFreshnessRepository,
    MirrorFreshness,
    MirrorInvariantRepository,
    MirrorInvariant,
    AccessInvariantRepository,
    AccessHistoryRepository,
    AccessHistory,
    AccessInvariant,
    StoreBilling,
    StorePurchasesRepository,
    PurchaseMovesRepository,
    StorePurchases,
    StripeCustomerFlow,
    DiscountsRepository,
    RedemptionsRepository,
    DiscountsService,
    DiscountPreview,
    DiscountDesk,
    DiscountMirrorFlow,
    DiscountHoldsFlow,
    PurchaseService,
    SubscriptionCreateFlow,
    SubscriptionCancelFlow,
    CurrentSubscription,
    SubscriptionUpdateFlow,
    PlanQuotes,
    PlanChangeFlow,
    SubscriptionPauseFlow,
    TrialExtensionFlow,
    InvoiceSettlementFlow,
    InvoiceTakeoverFlow,
    InvoiceRecoveryFlow,
    InvoiceRetrySchedules,
    CustomerBilling,
    CustomerCreditFlow,
    PaymentMethodsFlow,
    CheckoutFlow,
    PortalFlow,
    TaxTermsFlow,
    BillingDetailsFlow,
  ],
  exports: [
    AccessInvariant,
    AccessHistory,
    BillingOwnership,
    CustomerBilling,
    CatalogSeedService,
    InvoiceRecoveryFlow,
    InvoiceRetrySchedules,
    MirrorFreshness,
    MirrorInvariant,
    PaymentLinks,
    RevenueRelease,
    StoreBilling,
  ],
})
export class BillingModule {}
