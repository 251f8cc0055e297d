import { randomUUID } from 'node:crypto';
import { AT, unique, type RowContext, type RowValues } from './row-values';

/** Rows of what is paid out. */
export const PAYOUT_ROWS: Readonly<Record<string, (context: RowContext) => RowValues>> = {
  transfer_owners: () => ({ transfer_key: randomUUID(), payout_id: unique('po') }),
  payouts: ({ customerId }) => ({
    ...{ id: unique('po'), status: 'queued', decision: 'queued', beneficiary_id: 'bnf_1', customer_id: customerId },
    ...{ transfer_key: randomUUID(), reference: 'Invoice 1', source_currency: 'USD', source_amount: 100, fee: 1 },
    ...{ target_currency: 'EUR', target_amount: 90, rate: '0.91', quote_ref: 'q_1', quote_expires_at: AT },
    ...{ reservations: 1, prepared_by: 'user-1', prepared_at: AT, attempts: 0, updated_at: AT },
  }),
  payout_history: () => ({
    ...{ payout_id: 'po_1', position: 1, to_status: 'queued', occurred_at: AT, recorded_at: AT },
    ...{ source: 'person', actor: 'user-1' },
  }),
  transfers: () => ({
    ...{ id: unique('trf'), provider: 'wise', provider_id: unique('5000'), transfer_key: randomUUID() },
    ...{ state: 'processing', funding: 'completed', times_sent: 0, was_funded: true },
    ...{ last_fact_id: 'fact_1', fact_count: 1, updated_at: AT },
  }),
};

/** One bad row for each check on them. */
export const BAD_PAYOUT_ROWS: Readonly<Record<string, [string, RowValues]>> = {
  payouts_status: [
    'payouts',
    { status: 'lost', transfer_ref: '1', decision: 'approved', approved_by: 'b', approved_at: AT },
  ],
  payouts_decision: ['payouts', { decision: 'shrugged', status: 'queued', transfer_ref: null }],
  payouts_status_decided: ['payouts', { status: 'paid' }],
  payouts_transfer_approved: ['payouts', { transfer_ref: '1' }],
  payouts_amounts: ['payouts', { fee: 100 }],
  payouts_currencies: ['payouts', { source_currency: 'usd' }],
  payouts_reference: ['payouts', { reference: '' }],
  payouts_reservations: ['payouts', { reservations: 0 }],
  payouts_attempts: ['payouts', { attempts: -1 }],
  payouts_failures: ['payouts', { failures: -1 }],
  payouts_four_eyes: [
    'payouts',
    { decision: 'approved', status: 'processing', approved_by: 'user-1', approved_at: AT },
  ],
  payouts_approved: ['payouts', { decision: 'approved', status: 'processing' }],
  payouts_ended: ['payouts', { decision: 'rejected', status: 'rejected' }],
  payouts_funding: ['payouts', { funding_called_at: AT }],
  payout_history_position: ['payout_history', { position: 2 }],
  payout_history_changed: ['payout_history', { position: 2, from_status: 'queued' }],
  payout_history_source: ['payout_history', { source: 'rumour', actor: null }],
  payout_history_person: ['payout_history', { actor: null }],
  transfers_provider: ['transfers', { provider: 'stripe' }],
  transfers_state: ['transfers', { state: 'lost' }],
  transfers_funding: ['transfers', { funding: 'perhaps' }],
  transfers_times: ['transfers', { times_sent: -1 }],
  transfers_returned: ['transfers', { returned: 5, was_funded: false }],
};
