import { list, of, PAGE, words, type Route } from './route';

const ADMIN = ['admin'] as const;
const PRICE = words('id billingCycle amount currency active providerId createdAt');
const CATALOG_FEATURE = words('id key name type createdAt');
const PLAN = [
  ...words(
    'id code name description trialDays graceDays active refundAccess disputeAccess position providerId createdAt updatedAt',
  ),
  ...of('prices', PRICE),
  ...of('features', words('key name type limit')),
];

/** Plans, prices and features, as an administrator keeps them. */
export const CATALOG_ROUTES: Readonly<Record<string, Route>> = {
  'GET /admin/plans': { auth: ADMIN, status: 200, query: PAGE, answers: list(PLAN) },
  'GET /admin/plans/{id}': { auth: ADMIN, status: 200, answers: PLAN },
  'POST /admin/plans': {
    ...{ auth: ADMIN, status: 201, requires: ['code', 'name'], answers: PLAN },
    takes: words('description trialDays graceDays active refundAccess disputeAccess dunning position features prices'),
  },
  'PATCH /admin/plans/{id}': {
    ...{ auth: ADMIN, status: 200, answers: PLAN },
    takes: words('name description trialDays graceDays active refundAccess disputeAccess dunning position features'),
  },
  'POST /admin/plans/{id}/prices': {
    ...{ auth: ADMIN, status: 201, requires: ['billingCycle', 'amount', 'currency'], answers: PRICE },
  },
  'PATCH /admin/prices/{id}': { auth: ADMIN, status: 200, requires: ['active'], answers: PRICE },
  'GET /admin/features': { auth: ADMIN, status: 200, query: PAGE, answers: list(CATALOG_FEATURE) },
  'POST /admin/features': {
    ...{ auth: ADMIN, status: 201, requires: ['key', 'name', 'type'], answers: CATALOG_FEATURE },
  },
  'PATCH /admin/features/{id}': { auth: ADMIN, status: 200, requires: ['name'], answers: CATALOG_FEATURE },
  'GET /admin/catalog/drift': {
    ...{ auth: ADMIN, status: 200 },
    answers: [
      'checkedAt',
      'products',
      'prices',
      ...of('drifts', words('kind objectType id providerId field ours theirs')),
    ],
  },
};
