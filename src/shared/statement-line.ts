/** What moves money on our balance at a provider. `deposit` comes from our own bank, or goes back there. `fee` and `other` belong to no payment of a customer's. */
export const MOVEMENT_KINDS = [
  'charge',
  'refund',
  'refund_failure',
  'dispute',
  'dispute_reversal',
  'payout',
  'payout_failure',
  'deposit',
  'fee',
  'other',
] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

/** One movement on our balance as the provider states it. Amounts in minor units, signed: negative leaves. */
export interface StatementLine {
  /** The provider's id of the movement itself. */
  ref: string;
  kind: MovementKind;
  /** The object that moved the money (a charge, a refund, ...); null where none did. */
  objectRef: string | null;
  /** The payment a charge belongs to. */
  paymentRef: string | null;
  /** Whose it is; null where the line does not say, see `whose`. */
  aggregate: string | null;
  /** How the object stands now, in our words; null where it has no status that we keep. */
  status: string | null;
  /** gross - fee = net. */
  gross: bigint;
  fee: bigint;
  net: bigint;
  currency: string;
  createdAt: Date;
  availableAt: Date;
}
