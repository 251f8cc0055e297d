import { Global, Module } from '@nestjs/common';
import { StripeAdapter } from './stripe-adapter';
import { StripeClient } from './stripe-client';
import { StripeGateway } from './stripe-gateway';
import { StripeSubscriptionGateway } from './stripe-gateway-subscriptions';
import { StripeLists } from './stripe-lists';
import { StripeReader } from './stripe-reader';

@Global()
@Module({
  providers: [StripeClient, StripeReader, StripeLists, StripeGateway, StripeSubscriptionGateway, StripeAdapter],
  exports: [StripeGateway, StripeSubscriptionGateway, StripeAdapter],
})
export class StripeModule {}
