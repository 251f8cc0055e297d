export { accountTokenOf as appAccountTokenOf, customerOfAccountToken } from '../account-token';
export { AppleAdapter } from './apple-adapter';
export { appleAggregate, AUTO_RENEWABLE, ownerOf, type SubscriptionTold } from './apple-facts';
export { AppleReader, subscriptionReading, transactionReading } from './apple-reader';
export { AppleStatement } from './apple-statement';
export { AppleVerifier } from './apple-verifier';
export { AppleWebhook } from './apple-webhook';
export type { AppleRenewal, AppleTransaction } from './apple-wire';
export { AppleModule } from './apple.module';
