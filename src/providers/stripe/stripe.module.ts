import { Global, Module } from '@nestjs/common';
import { StripeAdapter } from './stripe-adapter';
import { StripeClient } from './stripe-client';
import { StripeGateway } from './stripe-gateway';
import { StripeLists } from './stripe-lists';
import { StripeReader } from './stripe-reader';

@Global()
@Module({
  providers: [StripeClient, StripeReader, StripeLists, StripeGateway, StripeAdapter],
  exports: [StripeGateway, StripeAdapter],
})
export class StripeModule {}
