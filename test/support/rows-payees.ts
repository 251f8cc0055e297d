import { randomBytes } from 'node:crypto';
import { AT, unique, type RowContext, type RowValues } from './row-values';

/** Rows of those who are paid. */
export const PAYEE_ROWS: Readonly<Record<string, (context: RowContext) => RowValues>> = {
  beneficiaries: ({ customerId }) => ({
    ...{ id: unique('bnf'), currency: 'EUR', type: 'iban', status: 'active', customer_id: customerId },
    ...{ fingerprint: randomBytes(32).toString('base64url'), sealed: 'v1.key.text', recipient_ref: unique('4000') },
    ...{ created_at: AT, updated_at: AT },
  }),
  payout_limits: () => ({ role: 'finance', currency: '*', max_per_payout: 1, updated_at: AT }),
  payout_rules: () => ({
    ...{ key: `rule_${randomBytes(8).toString('hex')}`, description: 'x', kind: 'velocity', action: 'review' },
    ...{ active: true, priority: 1, countries: [], names: [], scope: 'house', window_seconds: 60, max_count: 1 },
    ...{ created_at: AT, updated_at: AT },
  }),
  payout_batches: () => ({
    ...{ id: unique('pob'), file_hash: randomBytes(32).toString('base64url'), confirm_duplicate: false },
    ...{ prepared_by: 'user-1', roles: ['finance'], created_at: AT },
  }),
  payout_batch_lines: () => ({
    ...{ batch_id: 'pob_1', number: 1, status: 'pending', sealed: 'v1.key.text', attempts: 0, due_at: AT },
  }),
};

/** One bad row for each check on them. */
export const BAD_PAYEE_ROWS: Readonly<Record<string, [string, RowValues]>> = {
  beneficiaries_currency: ['beneficiaries', { currency: 'eur' }],
  beneficiaries_type: ['beneficiaries', { type: 'by pigeon' }],
  beneficiaries_status: ['beneficiaries', { status: 'lost' }],
  beneficiaries_sealed: ['beneficiaries', { sealed: 'Ada Lovelace' }],
  beneficiaries_fingerprint: ['beneficiaries', { fingerprint: 'DE89370400440532013000' }],
  beneficiaries_erased: ['beneficiaries', { sealed: null }],
  beneficiaries_recipient: ['beneficiaries', { recipient_ref: null }],
  beneficiaries_archived: ['beneficiaries', { archived_at: 'now' }],
  beneficiaries_deactivated: ['beneficiaries', { deactivated_at: 'now' }],
  payout_limits_role: ['payout_limits', { role: 'user' }],
  payout_limits_currency: ['payout_limits', { currency: 'eur' }],
  payout_limits_amounts: ['payout_limits', { daily_max: -1 }],
  payout_rules_key: ['payout_rules', { key: 'No Key' }],
  payout_rules_description: ['payout_rules', { description: '' }],
  payout_rules_kind: ['payout_rules', { kind: 'mood' }],
  payout_rules_action: ['payout_rules', { action: 'shrug' }],
  payout_rules_priority: ['payout_rules', { priority: -1 }],
  payout_rules_countries: ['payout_rules', { countries: ['KP'] }],
  payout_rules_names: ['payout_rules', { names: ['x'] }],
  payout_rules_velocity: ['payout_rules', { scope: 'street' }],
  payout_rules_most: ['payout_rules', { max_count: 0 }],
  payout_rules_amount: ['payout_rules', { currency: 'EUR' }],
  payout_batches_hash: ['payout_batches', { file_hash: 'name,amount' }],
  payout_batches_canceled: ['payout_batches', { canceled_at: 'now' }],
  payout_batch_lines_number: ['payout_batch_lines', { number: 0 }],
  payout_batch_lines_status: ['payout_batch_lines', { status: 'lost', sealed: null }],
  payout_batch_lines_sealed: ['payout_batch_lines', { sealed: 'Ada Lovelace' }],
  payout_batch_lines_payout: ['payout_batch_lines', { status: 'prepared', sealed: null }],
  payout_batch_lines_error: ['payout_batch_lines', { error: '{}' }],
  payout_batch_lines_attempts: ['payout_batch_lines', { attempts: -1 }],
};
