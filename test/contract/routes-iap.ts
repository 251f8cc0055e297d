import { of, words, type Route } from './route';

const USER = ['user'] as const;
const SUBSCRIPTION = words(`id provider providerId plan.code plan.name status billingCycle quantity amount currency
  currentPeriodStart currentPeriodEnd trialEndsAt cancelAtPeriodEnd canceledAt graceUntil createdAt`);
const FEATURES = of(
  'entitlements.features.*',
  words('granted limit used remaining until grants.source grants.sourceId grants.until'),
);
const PURCHASE = words('provider providerId productId');

/** Purchases in the stores. */
export const IAP_ROUTES: Readonly<Record<string, Route>> = {
  'GET /iap/identity': { auth: USER, status: 200, answers: ['appAccountToken', 'obfuscatedExternalAccountId'] },
  'POST /iap/validate': {
    ...{ auth: USER, status: 200, requires: ['platform'], takes: ['signedTransaction', 'transactionId'] },
    answers: ['valid', ...of('subscription', SUBSCRIPTION), ...of('purchase', PURCHASE), ...FEATURES],
  },
  'POST /iap/restore': {
    ...{ auth: USER, status: 200, requires: ['platform'], takes: ['signedTransactions', 'transactionIds'] },
    answers: [
      ...of('purchases', PURCHASE),
      ...of('subscriptions', SUBSCRIPTION),
      ...of('refused', [...PURCHASE, 'code']),
      ...FEATURES,
    ],
  },
};
