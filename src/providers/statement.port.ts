import type { FactObjectType, Provider } from '../shared/facts';
import type { ListPage } from './provider.port';

/** What moves money on our balance at a provider. `fee` and `other` belong to no payment of a customer's. */
export const MOVEMENT_KINDS = [
  'charge',
  'refund',
  'refund_failure',
  'dispute',
  'dispute_reversal',
  'payout',
  'payout_failure',
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

/** An object whose reading tells of a movement. */
export interface TellingObject {
  objectType: FactObjectType;
  objectId: string;
  aggregate: string;
}

/** A provider's own account of our money. All of it is network, and never inside a transaction. */
export interface StatementSource {
  readonly provider: Provider;
  /** Whether it is on in this installation. */
  readonly on: boolean;
  /** Movements of that time, `from` inclusive, `to` exclusive, in no promised order. */
  lines(range: { from: Date; to: Date }, page?: string): Promise<ListPage<StatementLine>>;
  /** Every movement of one object (or of a payment's charge), whenever it was; empty where there is none. */
  linesOf(objectRef: string): Promise<StatementLine[]>;
  /** Whose movement it is, asked of the provider; null for what is nobody's. */
  whose(line: StatementLine): Promise<string | null>;
  /** What to read so that the movement is booked; empty where no reading would tell of it. */
  telling(line: StatementLine): Promise<TellingObject[]>;
}
