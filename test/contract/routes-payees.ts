import { list, of, PAGE, words, type Route } from './route';

const ADMIN = ['admin'] as const;
const BOOKKEEPERS = ['finance', 'admin'] as const;
const BENEFICIARY = words('id status name currency type account country customerId createdAt archivedAt');
const LIMIT = words('maxPerPayout dailyMax secondApprovalAbove');
const POLICY = [...of('limits', ['role', 'currency', ...LIMIT]), ...of('otherwise', LIMIT)];
const RULE_CHANGE =
  words(`description action active priority countries names match scope windowSeconds maxCount maxAmount
  currency`);
const RULE = [...words('key kind createdAt updatedAt'), ...RULE_CHANGE];
const BATCH =
  words(`id status counts.pending counts.invalid counts.prepared counts.failed counts.canceled preparedBy createdAt
  canceledAt`);
const ERROR = words('error.code error.message error.details');
const BATCH_LINES = [...BATCH, ...of('lines', [...words('number status payoutId payoutStatus'), ...ERROR])];

/** Who is paid, who may approve it, and files of payouts. */
export const PAYEE_ROUTES: Readonly<Record<string, Route>> = {
  'GET /payouts/beneficiaries': {
    ...{
      auth: BOOKKEEPERS,
      status: 200,
      query: ['status', 'currency', 'customerId', ...PAGE],
      answers: list(BENEFICIARY),
    },
  },
  'POST /payouts/beneficiaries': {
    ...{ auth: BOOKKEEPERS, status: 201, requires: ['name', 'currency', 'type', 'details'] },
    ...{ takes: ['userId', 'customerId', 'sourceCurrency'], answers: BENEFICIARY },
  },
  'GET /payouts/beneficiaries/requirements': {
    ...{ auth: BOOKKEEPERS, status: 200, query: ['currency', 'sourceCurrency', 'amount'] },
    answers: list(
      words(`type title fields.key fields.name fields.required fields.type fields.example fields.minLength
      fields.maxLength fields.validationRegexp fields.valuesAllowed.key fields.valuesAllowed.name`),
    ),
  },
  'GET /payouts/beneficiaries/{id}': { auth: BOOKKEEPERS, status: 200, answers: BENEFICIARY },
  'DELETE /payouts/beneficiaries/{id}': { auth: BOOKKEEPERS, status: 204 },
  'GET /payouts/policy': { auth: ADMIN, status: 200, answers: POLICY },
  'PUT /payouts/policy': { auth: ADMIN, status: 200, requires: ['limits'], answers: POLICY },
  'GET /payouts/rules': { auth: ADMIN, status: 200, answers: list(RULE) },
  'POST /payouts/rules': {
    ...{ auth: ADMIN, status: 201, requires: ['key', 'description', 'kind', 'action'], answers: RULE },
    takes: RULE_CHANGE.filter((field) => field !== 'description' && field !== 'action'),
  },
  'PATCH /payouts/rules/{key}': { auth: ADMIN, status: 200, takes: RULE_CHANGE, answers: RULE },
  'POST /payouts/batches': { auth: BOOKKEEPERS, status: 201, query: ['confirmDuplicate'], answers: BATCH_LINES },
  'GET /payouts/batches': { auth: BOOKKEEPERS, status: 200, query: PAGE, answers: list(BATCH) },
  'GET /payouts/batches/{id}': { auth: BOOKKEEPERS, status: 200, answers: BATCH_LINES },
  'POST /payouts/batches/{id}/cancel': { auth: BOOKKEEPERS, status: 200, answers: BATCH_LINES },
  'POST /payouts/batches/{id}/approve': {
    ...{ auth: BOOKKEEPERS, status: 200, takes: ['afterLine'] },
    answers: ['afterLine', ...of('lines', [...words('number payoutId status'), ...ERROR])],
  },
};
