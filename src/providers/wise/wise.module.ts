import { Global, Module } from '@nestjs/common';
import { WiseClient } from './wise-client';
import { WiseGateway } from './wise-gateway';

@Global()
@Module({
  providers: [WiseClient, WiseGateway],
  exports: [WiseGateway],
})
export class WiseModule {}
