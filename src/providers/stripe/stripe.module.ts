import { Global, Module } from '@nestjs/common';
import { StripeAdapter } from './stripe-adapter';
import { StripeClient } from './stripe-client';
import { StripeGateway } from './stripe-gateway';
import { StripeCardGateway } from './stripe-gateway-cards';
import { StripeCatalogGateway } from './stripe-gateway-catalog';
import { StripeCreditGateway } from './stripe-gateway-credits';
import { StripeDiscountGateway } from './stripe-gateway-discounts';
import { StripeErasureGateway } from './stripe-gateway-erasure';
import { StripeInvoiceGateway } from './stripe-gateway-invoices';
import { StripeMoneyGateway } from './stripe-gateway-money';
import { StripePaymentMethodGateway } from './stripe-gateway-payment-methods';
import { StripeSubscriptionGateway } from './stripe-gateway-subscriptions';
import { StripeTaxGateway } from './stripe-gateway-tax';
import { StripeLists } from './stripe-lists';
import { StripeReader } from './stripe-reader';
import { StripeStatement } from './stripe-statement';

@Global()
@Module({
  providers: [
    StripeClient,
    StripeReader,
    StripeLists,
    StripeGateway,
    StripeCardGateway,
    StripeCatalogGateway,
    StripeCreditGateway,
    StripeDiscountGateway,
    StripeErasureGateway,
    StripeSubscriptionGateway,
    StripeInvoiceGateway,
    StripePaymentMethodGateway,
    StripeMoneyGateway,
    StripeTaxGateway,
    StripeAdapter,
    StripeStatement,
  ],
  exports: [
    StripeErasureGateway,
    StripeGateway,
    StripeCardGateway,
    StripeCatalogGateway,
    StripeCreditGateway,
    StripeDiscountGateway,
    StripeSubscriptionGateway,
    StripeInvoiceGateway,
    StripePaymentMethodGateway,
    StripeMoneyGateway,
    StripeTaxGateway,
    StripeAdapter,
    StripeStatement,
  ],
})
export class StripeModule {}
