import { Global, Module } from '@nestjs/common';
import { StripeAdapter } from './stripe-adapter';
import { StripeClient } from './stripe-client';
import { StripeGateway } from './stripe-gateway';
import { StripeInvoiceGateway } from './stripe-gateway-invoices';
import { StripePaymentMethodGateway } from './stripe-gateway-payment-methods';
import { StripeSubscriptionGateway } from './stripe-gateway-subscriptions';
import { StripeTaxGateway } from './stripe-gateway-tax';
import { StripeLists } from './stripe-lists';
import { StripeReader } from './stripe-reader';

@Global()
@Module({
  providers: [
    StripeClient,
    StripeReader,
    StripeLists,
    StripeGateway,
    StripeSubscriptionGateway,
    StripeInvoiceGateway,
    StripePaymentMethodGateway,
    StripeTaxGateway,
    StripeAdapter,
  ],
  exports: [
    StripeGateway,
    StripeSubscriptionGateway,
    StripeInvoiceGateway,
    StripePaymentMethodGateway,
    StripeTaxGateway,
    StripeAdapter,
  ],
})
export class StripeModule {}
