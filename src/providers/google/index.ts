export { accountTokenOf, customerOfAccountToken } from '../account-token';
export { GoogleAdapter } from './google-adapter';
export { GoogleClient } from './google-client';
export { googleAggregate, productIdOf } from './google-facts';
export { GoogleReader, type GooglePurchase } from './google-reader';
export { GoogleStatement } from './google-statement';
export { GoogleWebhook } from './google-webhook';
export { GoogleModule } from './google.module';
