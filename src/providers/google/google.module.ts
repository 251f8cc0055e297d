import { Global, Module } from '@nestjs/common';
import { GoogleAdapter } from './google-adapter';
import { GoogleCerts } from './google-certs';
import { GoogleClient } from './google-client';
import { GoogleMissed } from './google-missed';
import { GooglePurchases } from './google-purchases.repository';
import { GoogleReader } from './google-reader';
import { GoogleStatement } from './google-statement';
import { GoogleVerifier } from './google-verifier';
import { GoogleWebhook } from './google-webhook';

@Global()
@Module({
  providers: [
    GoogleCerts,
    GoogleVerifier,
    GoogleClient,
    GooglePurchases,
    GoogleReader,
    GoogleMissed,
    GoogleStatement,
    GoogleWebhook,
    GoogleAdapter,
  ],
  exports: [GoogleClient, GoogleReader, GoogleStatement, GoogleWebhook, GoogleAdapter],
})
export class GoogleModule {}
