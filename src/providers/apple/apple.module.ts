import { Global, Module } from '@nestjs/common';
import { AppleAdapter } from './apple-adapter';
import { AppleClient } from './apple-client';
import { AppleMissed } from './apple-missed';
import { AppleReader } from './apple-reader';
import { AppleStatement } from './apple-statement';
import { AppleVerifier } from './apple-verifier';
import { AppleWebhook } from './apple-webhook';

@Global()
@Module({
  providers: [AppleVerifier, AppleClient, AppleReader, AppleMissed, AppleWebhook, AppleAdapter, AppleStatement],
  exports: [AppleVerifier, AppleReader, AppleWebhook, AppleAdapter, AppleStatement],
})
export class AppleModule {}
