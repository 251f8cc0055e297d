import type { IdPrefix } from '../../../shared/ids';

/** Objects of a provider that have a mirror row here, each with its table and our ids' prefix. */
export const MIRRORED_TABLES = {
  subscription: { table: 'subscriptions', prefix: 'sub' },
  invoice: { table: 'invoices', prefix: 'inv' },
  payment: { table: 'payments', prefix: 'pay' },
  refund: { table: 'refunds', prefix: 'rfd' },
  dispute: { table: 'disputes', prefix: 'dsp' },
  credit_note: { table: 'credit_notes', prefix: 'crn' },
  payment_method: { table: 'payment_methods', prefix: 'pm' },
  customer: { table: 'provider_customers', prefix: 'pcu' },
  provider_payout: { table: 'provider_payouts', prefix: 'ppo' },
} as const satisfies Record<string, { table: string; prefix: IdPrefix }>;

export type MirroredType = keyof typeof MIRRORED_TABLES;
