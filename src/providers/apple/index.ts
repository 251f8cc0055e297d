export { appAccountTokenOf, customerOfAccountToken } from './apple-account-token';
export { AppleAdapter } from './apple-adapter';
export { appleAggregate, ownerOf, type SubscriptionTold } from './apple-facts';
export { AppleReader, subscriptionReading } from './apple-reader';
export { AppleVerifier } from './apple-verifier';
export { AppleWebhook } from './apple-webhook';
export type { AppleRenewal, AppleTransaction } from './apple-wire';
export { AppleModule } from './apple.module';
