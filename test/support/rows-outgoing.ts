import { AT, unique, type RowContext, type RowValues } from './row-values';

/** Rows of outgoing webhooks; each needs those it names. */
export const OUTGOING_ROWS: Readonly<Record<string, (context: RowContext) => RowValues>> = {
  webhook_endpoints: () => ({
    id: unique('whe'),
    url: 'https://api.test.example/webhooks',
    description: '',
    event_types: ['*'],
    status: 'enabled',
    created_at: AT,
    updated_at: AT,
  }),
  webhook_secrets: () => ({ id: unique('whs'), endpoint_id: 'whe_1', sealed: 'v1.key.text', created_at: AT }),
  webhook_sequences: () => ({ object_type: 'invoice', object_id: unique('inv'), last: 1 }),
  webhook_messages: () => ({
    id: unique('msg'),
    event_id: unique('out'),
    type: 'invoice.paid',
    object_type: 'invoice',
    object_id: unique('inv'),
    sequence: 1,
    body: '{}',
    occurred_at: AT,
    created_at: AT,
  }),
  webhook_deliveries: () => ({
    id: unique('whd'),
    message_id: 'msg_1',
    endpoint_id: 'whe_1',
    status: 'pending',
    begun_at: AT,
    next_attempt_at: AT,
    created_at: AT,
  }),
  webhook_attempts: () => ({ delivery_id: 'whd_1', number: 1, at: AT, duration_ms: 1, status_code: 204 }),
};

/** One bad row for each check on them. */
export const BAD_OUTGOING_ROWS: Readonly<Record<string, [string, RowValues]>> = {
  webhook_endpoints_url: ['webhook_endpoints', { url: 'ftp://api.test.example' }],
  webhook_endpoints_types: ['webhook_endpoints', { event_types: [] }],
  webhook_endpoints_status: ['webhook_endpoints', { status: 'asleep' }],
  webhook_endpoints_disabled: ['webhook_endpoints', { status: 'disabled' }],
  webhook_endpoints_reason: ['webhook_endpoints', { status: 'disabled', disabled_at: 'now', disabled_reason: 'mood' }],
  webhook_endpoints_deleted: ['webhook_endpoints', { status: 'deleted' }],
  webhook_secrets_sealed: ['webhook_secrets', { sealed: 'whsec_in_clear' }],
  webhook_sequences_last: ['webhook_sequences', { last: -1 }],
  webhook_messages_sequence: ['webhook_messages', { sequence: 0 }],
  webhook_messages_event: ['webhook_messages', { event_id: null }],
  webhook_deliveries_status: ['webhook_deliveries', { status: 'lost', settled_at: 'now' }],
  webhook_deliveries_settled: ['webhook_deliveries', { status: 'delivered' }],
  webhook_deliveries_lease: ['webhook_deliveries', { lease_owner: 'me' }],
  webhook_deliveries_counts: ['webhook_deliveries', { failures: 1 }],
  webhook_attempts_number: ['webhook_attempts', { number: 0 }],
  webhook_attempts_duration: ['webhook_attempts', { duration_ms: -1 }],
  webhook_attempts_status_code: ['webhook_attempts', { status_code: 99, error: 'status' }],
  webhook_attempts_error: ['webhook_attempts', { error: 'mood' }],
  webhook_attempts_outcome: ['webhook_attempts', { status_code: null }],
  webhook_attempts_texts: ['webhook_attempts', { response: 'x'.repeat(1025) }],
};
