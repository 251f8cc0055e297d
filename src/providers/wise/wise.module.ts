import { Global, Module } from '@nestjs/common';
import { WiseAccount } from './wise-account';
import { WiseAdapter } from './wise-adapter';
import { WiseClient } from './wise-client';
import { WiseGateway } from './wise-gateway';
import { WiseMissed } from './wise-missed';
import { WiseReader } from './wise-reader';
import { WiseStatement } from './wise-statement';
import { WiseWebhook } from './wise-webhook';

@Global()
@Module({
  providers: [WiseClient, WiseGateway, WiseAccount, WiseReader, WiseMissed, WiseStatement, WiseWebhook, WiseAdapter],
  exports: [WiseGateway, WiseReader, WiseStatement, WiseWebhook, WiseAdapter],
})
export class WiseModule {}
