import { randomBytes } from 'node:crypto';
import { AT, unique, type RowContext, type RowValues } from './row-values';

/** Rows of those who are paid. */
export const PAYEE_ROWS: Readonly<Record<string, (context: RowContext) => RowValues>> = {
  beneficiaries: ({ customerId }) => ({
    ...{ id: unique('bnf'), currency: 'EUR', type: 'iban', status: 'active', customer_id: customerId },
    ...{ fingerprint: randomBytes(32).toString('base64url'), sealed: 'v1.key.text', recipient_ref: unique('4000') },
    ...{ created_at: AT, updated_at: AT },
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
};
