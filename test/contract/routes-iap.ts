import { list, of, PAGE, words, type Route } from './route';

const USER = ['user'] as const;
const SUBSCRIPTION = words(`id provider providerId plan.code plan.name status billingCycle quantity amount currency
  currentPeriodStart currentPeriodEnd trialEndsAt cancelAtPeriodEnd canceledAt graceUntil createdAt manageUrl`);
const FEATURES = of(
  'entitlements.features.*',
  words('granted limit used remaining until grants.source grants.sourceId grants.until'),
);
const ADMIN = ['admin'] as const;
const SUPPORT = ['support', 'admin'] as const;
const TERMS = words('plan billingCycle feature quantity active');
const PRODUCT = [...words('provider productId kind used createdAt updatedAt'), ...TERMS];
const RECEIPT = words('signedTransaction transactionId packageName productId purchaseToken');
const PURCHASE = words('provider providerId productId');

/** Purchases in the stores. */
export const IAP_ROUTES: Readonly<Record<string, Route>> = {
  'GET /iap/identity': { auth: USER, status: 200, answers: ['appAccountToken', 'obfuscatedExternalAccountId'] },
  'GET /iap/eligibility': {
    ...{ auth: USER, status: 200, query: ['productId', 'platform'] },
    answers: ['eligible', 'reason', 'provider', 'manageUrl'],
  },
  'GET /admin/iap/products': {
    auth: ADMIN,
    status: 200,
    query: ['provider', 'active', ...PAGE],
    answers: list(PRODUCT),
  },
  'POST /admin/iap/products': {
    ...{ auth: ADMIN, status: 201, requires: ['provider', 'productId', 'kind'], takes: TERMS, answers: PRODUCT },
  },
  'PATCH /admin/iap/products/{provider}/{productId}': { auth: ADMIN, status: 200, takes: TERMS, answers: PRODUCT },
  'DELETE /admin/iap/products/{provider}/{productId}': { auth: ADMIN, status: 204 },
  'POST /admin/iap/transfers': {
    ...{ auth: SUPPORT, status: 201, requires: ['provider', 'providerId', 'toCustomerId', 'reason'] },
    answers: words('id provider providerId fromCustomerId toCustomerId at'),
  },
  'POST /iap/validate': {
    ...{ auth: USER, status: 200, requires: ['platform'], takes: RECEIPT },
    answers: ['valid', ...of('subscription', SUBSCRIPTION), ...of('purchase', PURCHASE), ...FEATURES],
  },
  'POST /iap/restore': {
    ...{
      auth: USER,
      status: 200,
      requires: ['platform'],
      takes: ['signedTransactions', 'transactionIds', 'purchases'],
    },
    answers: [
      ...of('purchases', PURCHASE),
      ...of('subscriptions', SUBSCRIPTION),
      ...of('refused', [...PURCHASE, 'code']),
      ...FEATURES,
    ],
  },
};
