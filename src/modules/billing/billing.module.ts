import { Module } from '@nestjs/common';
import { StripeModule } from '../../providers/stripe';
import { CustomersModule } from '../customers';
import { EntitlementsModule } from '../entitlements';
import { LedgerModule } from '../ledger';
import { BillingOwnership } from './billing-ownership.service';
import { BillingProjection } from './billing-projection.service';
import { CustomerBilling } from './care/customer-billing.service';
import { CatalogMirrorFlow } from './catalog-mirror.flow';
import { CatalogRepository } from './catalog.repository';
import { CatalogSeedRepository } from './catalog-seed.repository';
import { CatalogSeedService } from './catalog-seed.service';
import { CheckoutController } from './checkout.controller';
import { CheckoutFlow } from './checkout.flow';
import { CurrentSubscription } from './current-subscription.service';
import { CustomerCareController } from './customer-care.controller';
import { InvoiceDeskController } from './invoice-desk.controller';
import { InvoiceSettlementFlow } from './invoice-settlement.flow';
import { InvoicesController } from './invoices.controller';
import { InvoicesRepository } from './invoices.repository';
import { MirrorFreshnessRepository } from './mirror-freshness.repository';
import { MirrorFreshness } from './mirror-freshness.service';
import { MirrorInvariantRepository } from './mirror-invariant.repository';
import { MirrorInvariant } from './mirror-invariant.service';
import { OwnAnswer } from './own-answer.service';
import { PaymentMethodsController } from './payment-methods.controller';
import { PaymentMethodsFlow } from './payment-methods.flow';
import { PaymentsRepository } from './payments.repository';
import { PlanChangeFlow } from './plan-change.flow';
import { PlanQuotes } from './plan-quotes.service';
import { PlansController } from './plans.controller';
import { PlansService } from './plans.service';
import { PortalFlow } from './portal.flow';
import { PurchaseService } from './purchase.service';
import { StripeCustomerFlow } from './stripe-customer.flow';
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

@Module({
  imports: [StripeModule, CustomersModule, EntitlementsModule, LedgerModule],
  controllers: [
    PlansController,
    SubscriptionsController,
    CheckoutController,
    InvoicesController,
    PaymentMethodsController,
    CustomerCareController,
    InvoiceDeskController,
    BillingDetailsController,
  ],
  providers: [
    CatalogRepository,
    CatalogSeedRepository,
    CatalogSeedService,
    CatalogMirrorFlow,
    PlansService,
    SubscriptionsRepository,
    InvoicesRepository,
    PaymentsRepository,
    SubscriptionProjection,
    BillingProjection,
    BillingOwnership,
    MirrorFreshnessRepository,
    MirrorFreshness,
    MirrorInvariantRepository,
    MirrorInvariant,
    OwnAnswer,
    StripeCustomerFlow,
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
    CustomerBilling,
    PaymentMethodsFlow,
    CheckoutFlow,
    PortalFlow,
    TaxTermsFlow,
    BillingDetailsFlow,
  ],
  exports: [BillingOwnership, CustomerBilling, CatalogSeedService, MirrorFreshness, MirrorInvariant],
})
export class BillingModule {}
