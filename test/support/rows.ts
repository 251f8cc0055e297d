import { randomBytes } from 'node:crypto';
import { DUNNING_ROWS } from './rows-dunning';
import { MONEY_ROWS } from './rows-money';
import { OUTGOING_ROWS } from './rows-outgoing';
import { NOTIFICATION_ROWS } from './rows-notifications';
import { PAYEE_ROWS } from './rows-payees';
import { PAYOUT_ROWS } from './rows-payouts';
import { AT, unique, type RowContext, type RowValues } from './row-values';

export type { RowValues } from './row-values';

/** Rows every owned one refers to; insert them once per database, in this order. */
export const CATALOG_ROWS: readonly (readonly [string, RowValues])[] = [
  ['plans', { id: 'plan_1', code: 'PRO', name: 'Pro', description: '', position: 1, created_at: AT, updated_at: AT }],
  [
    'prices',
    {
      id: 'prc_1',
      plan_id: 'plan_1',
      billing_cycle: 'monthly',
      amount: 2900,
      currency: 'USD',
      lookup_key: 'pro',
      created_at: AT,
    },
  ],
  ['features', { id: 'feat_1', key: 'seats', name: 'Seats', type: 'limit', position: 1, created_at: AT }],
  ['plan_features', { plan_id: 'plan_1', feature_id: 'feat_1', limit: 3 }],
  [
    'catalog_mirrors',
    { provider: 'stripe', object_type: 'price', object_id: 'prc_1', provider_id: 'p', synced_at: AT },
  ],
  [
    'iap_products',
    {
      ...{ provider: 'apple', product_id: 'pro.monthly', kind: 'subscription', plan_id: 'plan_1' },
      ...{ billing_cycle: 'monthly', created_at: AT, updated_at: AT },
    },
  ],
  [
    'discounts',
    {
      id: 'disc_1',
      code: 'WELCOME',
      name: 'Welcome',
      percent_off: 25,
      duration: 'once',
      first_time_only: false,
      active: true,
      created_at: AT,
      updated_at: AT,
    },
  ],
  ['discount_plans', { discount_id: 'disc_1', plan_id: 'plan_1' }],
  ['ledger_accounts', { code: 'stripe.clearing', type: 'asset', description: '' }],
  ['business_clock', { id: 1, updated_at: AT }],
];

interface Parent {
  table: string;
  column: string;
  /** The parent's, which `column` names; `id` where nothing is said. */
  key?: string;
}

/** What a row of a customer's hangs on besides him, and by which column. */
export const PARENTS: Readonly<Record<string, Parent | readonly Parent[]>> = {
  dunning_cases: [
    { table: 'subscriptions', column: 'subscription_id' },
    { table: 'invoices', column: 'invoice_id' },
  ],
  dunning_reminders: { table: 'dunning_cases', column: 'case_id' },
  payment_recovery_attempts: [
    { table: 'dunning_cases', column: 'case_id' },
    { table: 'invoices', column: 'invoice_id' },
  ],
  invoice_retry_schedules: { table: 'invoices', column: 'invoice_id' },
  discount_redemptions: { table: 'provider_intents', column: 'intent_id' },
  payment_attempts: { table: 'fraud_decisions', column: 'decision_id' },
  card_expiry_notices: { table: 'payment_methods', column: 'payment_method_id' },
  revenue_schedules: { table: 'invoices', column: 'invoice_id' },
  mail_outbox: { table: 'notifications', column: 'notification_id' },
  payouts: [
    { table: 'beneficiaries', column: 'beneficiary_id' },
    { table: 'transfer_owners', column: 'transfer_key', key: 'transfer_key' },
  ],
};

/** A valid row of each table; every table with a customer must have one here. */
export const ROW_FACTORIES: Readonly<Record<string, (context: RowContext) => RowValues>> = {
  customers: ({ customerId }) => ({ id: customerId, user_id: unique('user'), created_at: AT, updated_at: AT }),
  customer_accounts: ({ customerId }) => ({
    provider: 'stripe',
    provider_id: unique('cus'),
    customer_id: customerId,
    created_at: AT,
  }),
  subscriptions: ({ customerId }) => ({
    id: unique('sub'),
    customer_id: customerId,
    provider: 'stripe',
    provider_id: unique('sub'),
    plan_id: 'plan_1',
    price_id: 'prc_1',
    status: 'active',
    provider_status: 'active',
    billing_cycle: 'monthly',
    quantity: 1,
    amount: 2900,
    currency: 'USD',
    current_period_start: AT,
    current_period_end: AT,
    cancel_at_period_end: false,
    created_at: AT,
    last_fact_id: 'fact_1',
    fact_count: 1,
    updated_at: AT,
  }),
  invoices: ({ customerId }) => ({
    id: unique('inv'),
    customer_id: customerId,
    provider: 'stripe',
    provider_id: unique('in'),
    status: 'open',
    currency: 'USD',
    total: 1,
    tax: 0,
    amount_due: 1,
    amount_paid: 0,
    amount_remaining: 1,
    period_start: AT,
    period_end: AT,
    attempt_count: 0,
    lines: '[]',
    created_at: AT,
    last_fact_id: 'fact_1',
    fact_count: 1,
    updated_at: AT,
  }),
  payments: ({ customerId }) => ({
    id: unique('pay'),
    customer_id: customerId,
    provider: 'stripe',
    provider_id: unique('pi'),
    amount: 1,
    currency: 'USD',
    status: 'succeeded',
    created_at: AT,
    last_fact_id: 'fact_1',
    fact_count: 1,
    updated_at: AT,
  }),
  ...MONEY_ROWS,
  ...OUTGOING_ROWS,
  ...DUNNING_ROWS,
  ...NOTIFICATION_ROWS,
  ...PAYEE_ROWS,
  ...PAYOUT_ROWS,
  entitlement_grants: ({ customerId }) => ({
    id: unique('grant'),
    customer_id: customerId,
    feature_id: 'feat_1',
    source: 'stripe',
    source_id: unique('sub'),
    period_start: AT,
    created_at: AT,
    updated_at: AT,
  }),
  journal_transactions: ({ customerId }) => ({
    id: unique('jtx'),
    type: 'invoice.paid',
    ts: AT,
    recorded_at: AT,
    provider: 'stripe',
    ref_id: 'inv_1',
    customer_id: customerId,
    idempotency_key: unique('key'),
    content_hash: Buffer.alloc(32),
    meta: '{}',
  }),
  payment_support_tickets: ({ customerId }) => ({
    id: unique('tkt'),
    type: 'other',
    priority: 'normal',
    status: 'open',
    cause_key: unique('cause'),
    summary: 'x',
    details: '{}',
    customer_id: customerId,
    created_at: AT,
    updated_at: AT,
  }),
  /** Needs the ticket it names. */
  support_ticket_notes: () => ({
    id: unique('tkn'),
    ticket_id: 'tkt_1',
    at: AT,
    author_type: 'user',
    author_id: 'op_1',
    text: 'x',
  }),
  inbox_events: () => ({
    id: unique('evt'),
    provider: 'stripe',
    event_id: unique('evt'),
    type: 'invoice.paid',
    livemode: false,
    occurred_at: AT,
    received_at: AT,
    raw_body: Buffer.from('{}'),
    headers: '{}',
    status: 'received',
  }),
  facts: () => ({
    id: unique('fact'),
    provider: 'stripe',
    kind: 'invoice.paid',
    object_type: 'invoice',
    object_id: 'in_1',
    aggregate: 'stripe:cus_1',
    occurred_at: AT,
    source_id: unique('evt'),
    payload: '{}',
    recorded_at: AT,
  }),
  outbox_events: ({ customerId }) => ({
    id: unique('out'),
    type: 'invoice.paid',
    object_type: 'invoice',
    object_id: 'inv_1',
    customer_id: customerId,
    payload: '{}',
    occurred_at: AT,
    recorded_at: AT,
  }),
  provider_intents: ({ customerId }) => ({
    id: unique('int'),
    provider: 'stripe',
    kind: 'customer.create',
    customer_id: customerId,
    dedupe_key: unique('key'),
    params: '{}',
    state: 'pending',
    created_at: AT,
  }),
  /** Needs the intent it names. */
  discount_redemptions: ({ customerId }) => ({
    id: unique('dred'),
    discount_id: 'disc_1',
    customer_id: customerId,
    intent_id: unique('int'),
    state: 'held',
    held_at: AT,
  }),
  idempotency_keys: () => ({
    scope: 'user:1',
    key: unique('key'),
    request_hash: Buffer.alloc(32),
    method_path: 'POST /x',
    status: 'running',
    lease_until: AT,
    created_at: AT,
    expires_at: AT,
  }),
  audit_log: ({ customerId }) => ({
    id: unique('aud'),
    at: AT,
    actor_type: 'user',
    action: 'x',
    object_type: 'x',
    object_id: 'x',
    customer_id: customerId,
  }),
  purchase_transfers: ({ customerId }) => ({
    ...{ id: unique('xfer'), provider: 'apple', provider_id: unique('2000'), at: AT },
    ...{ from_customer_id: customerId, to_customer_id: 'cus_2' },
  }),
  google_acknowledgements: ({ customerId }) => ({
    ...{ purchase_token: unique('token'), customer_id: customerId, kind: 'subscription', product_ref: 'pro:monthly' },
    ...{ due_at: AT, status: 'pending', next_try_at: AT, created_at: AT },
  }),
  catalog_rollouts: () => ({ plan_id: 'plan_1', requested_at: AT }),
  alerts: () => ({
    id: unique('alr'),
    kind: 'x',
    severity: 'info',
    cause_key: unique('cause'),
    message: 'x',
    details: '{}',
    first_at: AT,
    last_at: AT,
  }),
  fraud_rules: () => ({
    key: `rule_${randomBytes(8).toString('hex')}`,
    description: 'x',
    signal: 'failures_of_customer',
    window_seconds: 60,
    threshold: 1,
    outcome: 'review',
    active: true,
    priority: 1,
    created_at: AT,
    updated_at: AT,
  }),
  fraud_decisions: ({ customerId }) => ({
    id: unique('frd'),
    dedupe_key: unique('key'),
    at: AT,
    customer_id: customerId,
    action: 'subscription.create',
    outcome: 'allow',
    degraded: false,
    reasons: '[]',
  }),
  /** Needs the decision it names. */
  payment_attempts: ({ customerId }) => ({
    id: unique('pat'),
    decision_id: unique('frd'),
    customer_id: customerId,
    action: 'subscription.create',
    at: AT,
    outcome: 'pending',
  }),
  trial_fingerprints: ({ customerId }) => ({
    card_hash: randomBytes(32).toString('base64url'),
    customer_id: customerId,
    at: AT,
  }),
};

/** An INSERT of a row, with values in place of columns where `changes` says so. */
export function insertOf(table: string, row: RowValues, changes: RowValues = {}): { text: string; values: unknown[] } {
  const entries = Object.entries({ ...row, ...changes });
  const columns = entries.map(([column]) => `"${column}"`).join(', ');
  const places = entries.map((_, i) => `$${i + 1}`).join(', ');
  return { text: `INSERT INTO ${table} (${columns}) VALUES (${places})`, values: entries.map(([, value]) => value) };
}
