import type { Delivery } from '../webhooks/deliverer';

export const TRANSFER_STATES = [
  'incoming_payment_waiting',
  'processing',
  'funds_converted',
  'outgoing_payment_sent',
  'bounced_back',
  'cancelled',
  'funds_refunded',
  'charged_back',
] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

/** What Wise decides, and what happens there, as somebody wants it. */
export interface WisePolicy {
  /** Funding and reading statements answer 403 until a person approves it on Wise's own pages. */
  strongAuthentication: boolean;
  /** The same for statements alone. */
  statementAuthentication: boolean;
  /** Every funding is rejected with this code. */
  rejectFunding: string | null;
  quoteLifeSeconds: number;
  /** How far every rate has moved, in hundredths of a percent of what it was: more is more for the recipient. */
  ratesMove: number;
  /** Whether funded transfers go on by themselves. */
  progresses: boolean;
}

/** Amounts everywhere are minor units, times are milliseconds. */
export interface BalanceRecord {
  readonly id: number;
  readonly currency: string;
  amount: number;
  readonly createdAt: number;
  modifiedAt: number;
}

export interface MovementRecord {
  readonly id: number;
  readonly balanceId: number;
  readonly currency: string;
  readonly kind: 'deposit' | 'withdrawal' | 'transfer' | 'refund' | 'charge';
  at: number;
  /** Negative for what leaves; with its fee. */
  amount: number;
  fee: number;
  readonly balanceAfter: number;
  /** `TRANSFER-123`, `BALANCE-123`. */
  reference: string;
  readonly transferId: number | null;
}

export interface PaymentOption {
  readonly payIn: string;
  readonly sourceAmount: number;
  readonly targetAmount: number;
  readonly fee: number;
  readonly disabled: { readonly code: string; readonly message: string } | null;
}

export interface QuoteRecord {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly provided: { readonly type: 'SOURCE' | 'TARGET'; readonly amount: number };
  /** Target per source, times 10^8. */
  readonly rate: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly preferredPayIn: string;
  payOut: string;
  targetAccount: number | null;
  options: readonly PaymentOption[];
  transferId: number | null;
  funded: boolean;
}

export interface AccountRecord {
  readonly id: number;
  readonly currency: string;
  readonly country: string | null;
  readonly type: string;
  readonly name: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly ownedByCustomer: boolean;
  active: boolean;
}

export interface TransferRecord {
  readonly id: number;
  readonly quoteId: string;
  readonly targetAccount: number;
  readonly customerTransactionId: string;
  readonly details: Readonly<Record<string, string>>;
  readonly createdAt: number;
  state: TransferState;
  /** When it came into this state, by which it goes on. */
  since: number;
  payment: { readonly id: number; readonly at: number; readonly amount: number; readonly currency: string } | null;
  /** What came back of what was paid; null while nothing was to come. */
  returned: number | null;
  readonly history: { readonly state: TransferState; readonly at: number }[];
}

export interface SubscriptionRecord {
  readonly id: string;
  readonly name: string;
  readonly trigger: string;
  readonly version: string;
  readonly url: string;
  readonly createdAt: number;
}

/** Something that subscriptions are told of. `type` is what chaos knows it by. */
export interface WiseEvent {
  readonly id: string;
  readonly type: string;
  readonly at: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** A test of one subscription goes to that one only. */
  readonly testOf: string | null;
}

/** Says what happened. */
export type Tell = (type: string, data: WiseEvent['data'], at: number) => void;

/** Whom Wise knows us as, and what it signs with: a reset leaves it, for servers have been told of it. */
export interface WiseIdentity {
  readonly profileId: number;
  readonly token: string;
  /** PEM; null until somebody needs it: it takes long to make. */
  readonly key: string | null;
  readonly subscriptions: readonly SubscriptionRecord[];
}

/** Wise as it is kept between two runs: plain data that JSON leaves as it is. */
export interface WiseState extends WiseIdentity {
  readonly random: number;
  readonly latest: number;
  readonly nextId: number;
  readonly policy: WisePolicy;
  readonly balances: readonly BalanceRecord[];
  readonly movements: readonly MovementRecord[];
  readonly quotes: readonly QuoteRecord[];
  readonly accounts: readonly AccountRecord[];
  readonly transfers: readonly TransferRecord[];
  readonly events: readonly WiseEvent[];
  readonly deliveries: readonly Delivery[];
}

/** What callers of the control API are told. */
export class WiseSandboxError extends Error {
  constructor(
    message: string,
    readonly status: 400 | 404 | 409 = 400,
  ) {
    super(message);
  }
}
