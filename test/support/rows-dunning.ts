import { AT, unique, type RowContext, type RowValues } from './row-values';

/** A valid row of each table about declined renewals. */
export const DUNNING_ROWS = {
  /** Needs the subscription and the invoice it names. */
  dunning_cases: ({ customerId }) => ({
    id: unique('case'),
    customer_id: customerId,
    subscription_id: unique('sub'),
    invoice_id: unique('inv'),
    provider: 'stripe',
    owner: 'kassa',
    status: 'open',
    opened_at: AT,
    grace_until: '2026-01-08T00:00:00Z',
    next_action_at: AT,
    created_at: AT,
    updated_at: AT,
  }),
  /** Needs the case it names. */
  dunning_reminders: ({ customerId }) => ({
    case_id: unique('case'),
    day: 3,
    customer_id: customerId,
    due_at: AT,
    status: 'sent',
    told_at: AT,
  }),
  /** Needs the case and the invoice it names. */
  payment_recovery_attempts: ({ customerId }) => ({
    id: unique('att'),
    case_id: unique('case'),
    invoice_id: unique('inv'),
    customer_id: customerId,
    number: 1,
    strategy: 'scheduled',
    status: 'scheduled',
    due_at: AT,
    request_key: unique('key'),
    created_at: AT,
    updated_at: AT,
  }),
  /** Needs the invoice it names. */
  invoice_retry_schedules: ({ customerId }) => ({
    invoice_id: unique('inv'),
    customer_id: customerId,
    attempts: 0,
    updated_at: AT,
  }),
} satisfies Readonly<Record<string, (context: RowContext) => RowValues>>;
