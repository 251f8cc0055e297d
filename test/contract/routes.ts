import { list, of, PAGE, words, type Route } from './route';
import { CATALOG_ROUTES } from './routes-catalog';
import { IAP_ROUTES } from './routes-iap';
import { FRAUD_ROUTES } from './routes-fraud';
import { PAYEE_ROUTES } from './routes-payees';
import { PAYOUT_ROUTES } from './routes-payouts';
import { NOTIFICATION_ROUTES } from './routes-notifications';
import { SUPPORT_ROUTES } from './routes-support';

export type { Auth, Route } from './route';

const SUBSCRIPTION = words(`id provider providerId plan.code plan.name status billingCycle quantity amount currency
  currentPeriodStart currentPeriodEnd trialEndsAt cancelAtPeriodEnd canceledAt graceUntil createdAt manageUrl`);
const PAYMENT = words(`id provider providerId invoiceId amount amountRefunded currency status declineCode method.type
  method.brand method.last4 createdAt`);
const INVOICE = words(`id provider providerId number status amountDue amountPaid amountRefunded tax currency periodStart
  periodEnd hostedUrl pdfUrl attemptCount nextRetryAt lines.description lines.amount createdAt paidAt`);
const PAYMENT_METHOD = words('id type brand last4 expMonth expYear isDefault');
const DETAILS = words(`name address.line1 address.line2 address.city address.postalCode address.state address.country
  taxIds.id taxIds.type taxIds.value taxIds.country taxIds.status taxStatus`);
const FEATURE = words('granted limit used remaining until grants.source grants.sourceId grants.until');
const EVENT = words('id provider providerId type status occurredAt receivedAt retryCount error');
const REFUND = words('id paymentId amount currency status reason createdAt');
const DISPUTE =
  words(`id paymentId customerId provider providerId amount currency status reason evidenceDueBy hasEvidence
  createdAt`);
const CREDIT_NOTE =
  words(`id invoiceId providerId number status reason currency total tax owed refunded credited outOfBand
  createdAt`);
const FOUND_CUSTOMER = words('id userId email createdAt trialUsedAt');
const DISCOUNT_LIMITS = words('name active expiresAt maxRedemptions');
const DISCOUNT_TERMS = words('percentOff amountOff currency duration durationInMonths plans firstTimeOnly');
const DISCOUNT = [
  ...words('id code redemptions.held redemptions.redeemed stripe.couponId createdAt updatedAt'),
  ...DISCOUNT_LIMITS,
  ...DISCOUNT_TERMS,
];
const RUN = words(`id provider from to status phase counts.providerLines counts.bookLines counts.foreign counts.breaks
  counts.unresolved totals.day totals.currency totals.provider.net totals.books.net error.code error.message startedAt
  finishedAt`);
const DUNNING_CASE = words(`id customerId subscriptionId invoiceId provider owner status closeReason holdReason openedAt
  graceUntil closedAt takenOverAt endAction endInvoice nextActionAt latePaidAt createdAt`);
const RECOVERY_ATTEMPT = words(`id caseId invoiceId number strategy status dueAt startedAt finishedAt lastErrorType
  declineCode adviceCode ticketId requestedBy`);
const BREAK =
  words(`id provider type status movement providerId objectId transactionIds difference currency expected.net
  actual.net occurredAt firstSeenRunId firstSeenAt lastSeenAt ageDays ticketedAt resolvedAt ignoredReason`);
const ENDPOINT = words(
  `id url description eventTypes status disabledReason disabledAt failingSince createdAt updatedAt`,
);
const OUTGOING =
  words(`id endpointId messageId type objectType objectId sequence status attempts nextAttemptAt lastStatusCode
  lastError createdAt settledAt`);
const CHANGE = { requires: ['plan'], takes: ['billingCycle', 'quantity', 'currency'] } as const;

const USER = ['user'] as const;
const SUPPORT = ['support', 'admin'] as const;
const FINANCE = ['finance'] as const;
const OPERATORS = ['support', 'finance', 'admin'] as const;
const ADMIN = ['admin'] as const;
const BOOKKEEPERS = ['finance', 'admin'] as const;

const CREATE_SUBSCRIPTION: Route = {
  ...{ auth: USER, status: 201, requires: ['plan'] },
  takes: ['billingCycle', 'trialPeriodDays', 'paymentMethodId', 'discountCode', 'quantity'],
  answers: [...of('subscription', SUBSCRIPTION), 'clientSecret'],
};
const STRIPE_WEBHOOK: Route = { auth: 'signed', status: 200, answers: ['received', 'id', 'status'] };
const OUT_OF_STRIPE: Route = { auth: FINANCE, status: 200, requires: ['reason'], answers: INVOICE };

/** The HTTP contract, route by route, as far as it is built. */
export const ROUTES: Readonly<Record<string, Route>> = {
  'GET /billing/plans': {
    ...{ auth: 'public', status: 200 },
    answers:
      words(`code name description trialDays prices.id prices.billingCycle prices.amount prices.currency features.key
      features.name features.type features.limit`),
  },
  'GET /billing/subscriptions': { auth: USER, status: 200, query: PAGE, answers: list(SUBSCRIPTION) },
  'GET /billing/subscriptions/me': { auth: USER, status: 200, answers: SUBSCRIPTION },
  'POST /billing/subscriptions': CREATE_SUBSCRIPTION,
  'POST /stripe/subscriptions': CREATE_SUBSCRIPTION,
  'PATCH /billing/subscriptions/plan': { auth: USER, status: 200, ...CHANGE, answers: SUBSCRIPTION },
  'POST /billing/subscriptions/plan/preview': {
    ...{ auth: USER, status: 200, ...CHANGE },
    answers: words('amountDueNow currency lines.description lines.amount nextInvoiceAmount effectiveAt'),
  },
  'DELETE /billing/subscriptions': { auth: USER, status: 200, query: ['atPeriodEnd'], answers: SUBSCRIPTION },
  'POST /billing/subscriptions/resume': { auth: USER, status: 200, answers: SUBSCRIPTION },
  'POST /billing/subscriptions/pause': { auth: USER, status: 200, answers: SUBSCRIPTION },
  'GET /billing/subscriptions/me/changes': {
    ...{ auth: USER, status: 200 },
    answers: list(words('at type fromPlan toPlan fromStatus toStatus source')),
  },
  'GET /billing/subscriptions/me/stream': { auth: USER, status: 200 },
  'POST /billing/checkout': {
    ...{ auth: USER, status: 201, requires: ['plan', 'successUrl', 'cancelUrl'] },
    takes: ['billingCycle', 'discountCode', 'quantity'],
    answers: ['url', 'sessionId'],
  },
  'POST /billing/portal': { auth: USER, status: 201, requires: ['returnUrl'], takes: ['flow'], answers: ['url'] },
  'GET /billing/invoices': { auth: USER, status: 200, query: PAGE, answers: list(INVOICE) },
  'GET /billing/invoices/{id}': { auth: USER, status: 200, answers: INVOICE },
  'POST /billing/invoices/{id}/retry': {
    ...{ auth: USER, status: 200, takes: ['paymentMethodId'], answers: ['status', 'attempt'] },
  },
  'GET /billing/payment-methods': { auth: USER, status: 200, answers: list(PAYMENT_METHOD) },
  'POST /billing/payment-methods/setup': { auth: USER, status: 201, takes: ['type'], answers: ['clientSecret'] },
  'POST /billing/payment-methods/{id}/default': { auth: USER, status: 200, answers: PAYMENT_METHOD },
  'DELETE /billing/payment-methods/{id}': { auth: USER, status: 204 },
  'GET /billing/details': { auth: USER, status: 200, answers: DETAILS },
  'PUT /billing/details': {
    ...{ auth: USER, status: 200, answers: DETAILS },
    ...{ requires: ['address'], takes: ['name', 'taxIds'] },
  },
  'GET /billing/payments': { auth: USER, status: 200, query: PAGE, answers: list(PAYMENT) },
  'POST /billing/refunds': {
    ...{ auth: FINANCE, status: 201, requires: ['paymentId', 'reason'], takes: ['amount'], answers: REFUND },
  },
  'GET /billing/refunds': { auth: OPERATORS, status: 200, query: PAGE, answers: list(REFUND) },
  'GET /billing/disputes': { auth: OPERATORS, status: 200, query: PAGE, answers: list(DISPUTE) },
  'GET /billing/disputes/{id}': { auth: OPERATORS, status: 200, answers: DISPUTE },
  'POST /billing/disputes/{id}/evidence': {
    ...{ auth: FINANCE, status: 200, requires: ['evidence'], takes: ['submit'], answers: DISPUTE },
  },
  'POST /billing/disputes/{id}/accept': { auth: FINANCE, status: 200, answers: DISPUTE },
  'POST /billing/discounts/validate': {
    ...{ auth: USER, status: 200, requires: ['code', 'plan'] },
    answers: words('valid reason percentOff amountOff currency duration'),
  },
  'POST /admin/discounts': {
    ...{
      auth: ADMIN,
      status: 201,
      requires: ['code'],
      takes: [...DISCOUNT_LIMITS, ...DISCOUNT_TERMS],
      answers: DISCOUNT,
    },
  },
  'GET /admin/discounts': { auth: ADMIN, status: 200, query: ['active', ...PAGE], answers: list(DISCOUNT) },
  'GET /admin/discounts/{id}': { auth: ADMIN, status: 200, answers: DISCOUNT },
  'PATCH /admin/discounts/{id}': { auth: ADMIN, status: 200, takes: DISCOUNT_LIMITS, answers: DISCOUNT },

  'POST /webhooks/stripe': STRIPE_WEBHOOK,
  'POST /billing/webhooks/stripe': STRIPE_WEBHOOK,
  'POST /webhooks/appstore': { ...STRIPE_WEBHOOK, requires: ['signedPayload'] },
  'POST /webhooks/play': { ...STRIPE_WEBHOOK, requires: ['message', 'subscription'] },
  'POST /webhooks/wise': {
    ...STRIPE_WEBHOOK,
    requires: ['data', 'subscription_id', 'event_type', 'schema_version', 'sent_at'],
  },
  'GET /admin/webhooks/events': {
    ...{ auth: SUPPORT, status: 200, query: ['provider', 'type', 'status', ...PAGE], answers: list(EVENT) },
  },
  'GET /admin/webhooks/events/{id}': {
    ...{ auth: SUPPORT, status: 200 },
    answers: [...EVENT, 'payload', 'earlierErrors', 'facts.kind', 'facts.payload'],
  },
  'POST /admin/webhooks/events/{id}/replay': { auth: SUPPORT, status: 202, query: ['dryRun'], answers: EVENT },
  'POST /admin/webhooks/replay': {
    ...{ auth: ADMIN, status: 200, query: ['dryRun'], takes: ['provider', 'type', 'status'] },
    answers: ['requeued'],
  },
  'POST /admin/webhooks/backfill': {
    ...{ auth: ADMIN, status: 200, requires: ['provider', 'since'], answers: ['stored', 'known', 'nextCursor'] },
  },

  'GET /entitlements/me': { auth: USER, status: 200, answers: of('features.*', FEATURE) },
  'GET /entitlements/check': {
    ...{ auth: USER, status: 200, query: ['feature'] },
    answers: ['allowed', 'reason', 'limit', 'used', 'remaining'],
  },
  'GET /entitlements/users/{userId}': { auth: 'internal', status: 200, answers: of('features.*', FEATURE) },

  ...SUPPORT_ROUTES,
  'GET /admin/customers': { auth: OPERATORS, status: 200, query: ['query', ...PAGE], answers: list(FOUND_CUSTOMER) },
  'GET /admin/customers/{id}': {
    ...{ auth: OPERATORS, status: 200 },
    answers: [
      ...of('customer', [...FOUND_CUSTOMER, ...of('accounts', words('provider providerId createdAt'))]),
      ...of('subscriptions', SUBSCRIPTION),
      ...of('openInvoices', INVOICE),
      ...of('credit', words('currency amount')),
      ...of('totals', words('currency paid refunded')),
      ...of('access', words('feature name type granted reason limit until')),
      ...of('access.grants', words('id source sourceId live limit createdAt until revokedAt endedBecause')),
      ...of('tickets', words('id type priority status summary assigneeId createdAt')),
    ],
  },
  'POST /admin/customers/{id}/erase': {
    ...{ auth: ADMIN, status: 200, requires: ['customerId'], takes: ['also'] },
    answers: words('customerId erasedAt bodies pending searched left.table left.column left.rows'),
  },
  'GET /admin/customers/{id}/timeline': {
    ...{ auth: OPERATORS, status: 200, query: PAGE },
    answers: list(words('at type objectType objectId summary amount currency source')),
  },
  'POST /admin/customers/{id}/credit': {
    ...{ auth: ['finance', 'admin'], status: 201, requires: ['amount', 'currency', 'reason'] },
    answers: words('customerId providerId amount currency createdAt'),
  },
  'POST /admin/customers/{id}/trial-extension': {
    ...{ auth: SUPPORT, status: 200, requires: ['reason', 'days'], answers: SUBSCRIPTION },
  },
  'POST /admin/invoices/{id}/void': OUT_OF_STRIPE,
  'POST /admin/invoices/{id}/mark-uncollectible': OUT_OF_STRIPE,
  'POST /admin/invoices/{id}/pay-out-of-band': OUT_OF_STRIPE,
  'POST /admin/invoices/{id}/credit-notes': {
    ...{ auth: FINANCE, status: 201, requires: ['amount', 'target'], takes: ['reason'], answers: CREDIT_NOTE },
  },
  'GET /admin/invoices/{id}/credit-notes': { auth: OPERATORS, status: 200, answers: CREDIT_NOTE },
  'POST /admin/credit-notes/{id}/void': { auth: FINANCE, status: 200, answers: CREDIT_NOTE },
  'GET /ledger/entries': {
    ...{ auth: BOOKKEEPERS, status: 200, query: ['account', 'customerId', 'refId', 'type', 'from', 'to', ...PAGE] },
    answers: list(
      words('id ts type refId provider amount currency uid meta entries.account entries.amount entries.currency'),
    ),
  },
  'GET /ledger/accounts/{code}/statement': {
    ...{ auth: BOOKKEEPERS, status: 200, query: ['currency', 'from', 'to', ...PAGE] },
    answers: [
      ...words('account type currency openingBalance closingBalance'),
      ...list(words('id ts type refId provider customerId amount balance')),
    ],
  },
  'GET /ledger/export': {
    ...{ auth: BOOKKEEPERS, status: 200, query: ['format', 'report', 'from', 'to', 'account', 'currency'] },
  },
  'GET /ledger/verify': {
    ...{ auth: BOOKKEEPERS, status: 200 },
    answers: words(
      'asOf ok complete differences checks.kinds checks.complete checks.looked findings.kind findings.subject findings.message',
    ),
  },
  'GET /ledger/balances': {
    auth: BOOKKEEPERS,
    status: 200,
    query: ['at', 'asKnownAt'],
    answers: of('data', words('account amount currency')),
  },
  'POST /reconciliation/runs': { auth: FINANCE, status: 202, requires: ['provider', 'from', 'to'], answers: RUN },
  'GET /reconciliation/runs': {
    ...{ auth: ['finance', 'admin'], status: 200, query: ['provider', 'status', ...PAGE], answers: list(RUN) },
  },
  'GET /reconciliation/runs/{id}': { auth: ['finance', 'admin'], status: 200, answers: RUN },
  'GET /reconciliation/runs/{id}/breaks': {
    ...{ auth: ['finance', 'admin'], status: 200, query: ['status', 'type', ...PAGE], answers: list(BREAK) },
  },
  'POST /reconciliation/breaks/{id}/ignore': { auth: FINANCE, status: 200, requires: ['reason'], answers: BREAK },
  'GET /retry/cases': {
    ...{ auth: OPERATORS, status: 200, answers: list(DUNNING_CASE) },
    query: [...PAGE, 'status', 'customerId', 'subscriptionId', 'invoiceId'],
  },
  'GET /retry/cases/{id}': {
    ...{ auth: OPERATORS, status: 200 },
    answers: [
      ...DUNNING_CASE,
      ...of('attempts', RECOVERY_ATTEMPT),
      ...of('reminders', words('day dueAt status toldAt')),
    ],
  },
  'POST /retry/cases/{id}/attempts': { auth: OPERATORS, status: 201, takes: ['note'], answers: RECOVERY_ATTEMPT },
  'POST /cron/dunning': {
    auth: 'cron',
    status: 200,
    answers: words('opened cases reminders scheduled attempts calls'),
  },
  'POST /cron/reconcile': { auth: 'cron', status: 202, answers: of('data', RUN) },
  ...CATALOG_ROUTES,
  'GET /admin/alerts': { auth: SUPPORT, status: 200, query: PAGE, answers: list(words('id kind severity message')) },
  ...FRAUD_ROUTES,
  ...IAP_ROUTES,
  ...PAYEE_ROUTES,
  ...PAYOUT_ROUTES,
  'POST /admin/alerts/{id}/resolve': {
    ...{ auth: ADMIN, status: 200, answers: words('id kind severity message resolvedAt') },
  },
  'GET /admin/audit': {
    ...{ auth: BOOKKEEPERS, status: 200 },
    query: ['actorId', 'action', 'objectType', 'objectId', 'customerId', 'from', 'to', ...PAGE],
    answers: list(
      words(`id at actor.type actor.id action objectType objectId customerId before after requestId
      addressHash`),
    ),
  },
  ...NOTIFICATION_ROUTES,
  'POST /admin/clock': { auth: ADMIN, status: 200, requires: ['offsetSeconds'], answers: ['offsetSeconds', 'now'] },
  'GET /admin/webhook-event-types': {
    ...{ auth: ADMIN, status: 200 },
    answers: ['version', ...of('data', words('type description example'))],
  },
  'GET /admin/webhook-endpoints': { auth: ADMIN, status: 200, query: PAGE, answers: list(ENDPOINT) },
  'POST /admin/webhook-endpoints': {
    ...{ auth: ADMIN, status: 201, requires: ['url', 'eventTypes'], takes: ['description'] },
    answers: [...ENDPOINT, 'secret'],
  },
  'GET /admin/webhook-endpoints/{id}': { auth: ADMIN, status: 200, answers: ENDPOINT },
  'PATCH /admin/webhook-endpoints/{id}': {
    ...{ auth: ADMIN, status: 200, takes: ['url', 'description', 'eventTypes'], answers: ENDPOINT },
  },
  'DELETE /admin/webhook-endpoints/{id}': { auth: ADMIN, status: 204 },
  'POST /admin/webhook-endpoints/{id}/rotate-secret': { auth: ADMIN, status: 200, answers: [...ENDPOINT, 'secret'] },
  'POST /admin/webhook-endpoints/{id}/enable': { auth: ADMIN, status: 200, answers: ENDPOINT },
  'POST /admin/webhook-endpoints/{id}/disable': { auth: ADMIN, status: 200, answers: ENDPOINT },
  'POST /admin/webhook-endpoints/{id}/test': { auth: ADMIN, status: 202, answers: OUTGOING },
  'POST /admin/webhook-endpoints/{id}/redeliver': {
    ...{ auth: ADMIN, status: 202, requires: ['since'], takes: ['which'], answers: ['queued', 'nextSince'] },
  },
  'GET /admin/webhook-endpoints/{id}/deliveries': {
    ...{ auth: ADMIN, status: 200, query: ['status', 'type', 'objectId', ...PAGE], answers: list(OUTGOING) },
  },
  'GET /admin/webhook-deliveries/{id}': {
    ...{ auth: ADMIN, status: 200 },
    answers: [
      ...OUTGOING,
      'payload',
      ...of('attemptLog', words('number at durationMs statusCode error detail response')),
    ],
  },
  'POST /admin/webhook-deliveries/{id}/redeliver': { auth: ADMIN, status: 202, answers: OUTGOING },
  'GET /health/live': { auth: 'public', status: 200, answers: ['status'] },
  'GET /health/ready': { auth: 'public', status: 200, answers: ['status'] },
};

/** What is no JSON and stands in no document: `path type`. */
export const PAGES: readonly string[] = ['/metrics text/plain', '/openapi.json application/json', '/docs text/html'];

/** What the contract names and nobody has built, by the part that brings it. Whoever does moves his entries up. */
export const TO_COME: Readonly<Record<string, readonly string[]>> = {
  'grants by hand': ['POST /entitlements/grants', 'DELETE /entitlements/grants/{id}'],
  usage: [
    'POST /usage/events',
    'POST /usage/track',
    'POST /usage/reservations',
    'POST /usage/reservations/{id}/commit',
    'POST /usage/reservations/{id}/release',
    'GET /usage/me',
    'GET /usage/me/{meter}',
    'GET /admin/meters',
    'POST /admin/meters',
  ],
  pods: [
    'POST /pods',
    'POST /pods/{id}/join',
    'POST /pods/{id}/leave',
    'GET /pods/mine',
    'GET /pods/{id}',
    'PATCH /pods/{id}/next-contribution-date',
    'POST /pods/{id}/retry-payment',
    'GET /pods/subscriptions/active',
    'PATCH /pods/{id}/subscription/status',
    'POST /payments',
  ],
  jobs: ['GET /cron/sync-subscriptions', 'POST /cron/sync-subscriptions', 'POST /cron/aggregate-analytics'],
  analytics: [
    'GET /analytics/dashboard',
    'GET /analytics/mrr',
    'GET /analytics/mrr/movements',
    'GET /analytics/churn',
    'GET /analytics/cohorts',
    'GET /analytics/revenue',
    'GET /analytics/ltv',
    'GET /analytics/payments',
    'GET /analytics/dunning',
    'GET /analytics/forecast',
  ],
  enterprise: ['GET /enterprise/organizations', 'GET /enterprise/contracts', 'POST /enterprise/quotes/preview'],
};
