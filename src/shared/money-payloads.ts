/** What facts tell of money that moves or moves back: read them from `facts.ts`, with the facts that carry them. */
/** What a store's commission on a sale hangs on: the same in the payment's facts and in those of its refunds. */
export interface StoreSale {
  kind: 'subscription' | 'one_time';
  soldAt: string;
  /** When the subscription was first bought; null for what is bought once, and where the store does not say. */
  since: string | null;
}

export type RefundStatus = 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled';

export interface RefundPayload {
  /** The refunded payment's id at the provider. */
  paymentRef: string;
  intentId: string | null;
  amount: number;
  currency: string;
  status: RefundStatus;
  reason: string | null;
  failureReason: string | null;
  /** The movement on our balance at the provider: the money is gone from there. Null while nothing was taken. */
  movementRef: string | null;
  /** The movement by which a failed refund came back. Absent where the provider keeps no balance of ours. */
  failureMovementRef?: string | null;
  /** Those of the two that a reading has shown, in the currency our balance is kept in; events name them only. */
  movements?: BalanceMovement[];
  /** Of what was sold by a store. */
  sale?: StoreSale;
  /** Which of them, where a payment may be refunded, have that taken back and be refunded again, under one id. */
  occurrence?: string;
  createdAt: string;
}

/** A movement on our balance at the provider. */
export interface BalanceMovement {
  ref: string;
  /** Signed: negative is taken from us. Minor units of `currency`, the fee not included. */
  amount: number;
  fee: number;
  currency: string;
  createdAt: string;
}

export type DisputeStatus =
  | 'warning_needs_response'
  | 'warning_under_review'
  | 'warning_closed'
  | 'needs_response'
  | 'under_review'
  | 'won'
  | 'lost'
  | 'prevented';

export interface DisputePayload {
  paymentRef: string;
  amount: number;
  currency: string;
  status: DisputeStatus;
  providerStatus: string;
  reason: string;
  evidenceDueBy: string | null;
  hasEvidence: boolean;
  evidenceCount: number;
  /** Every time money was withdrawn or reinstated so far. */
  movements: BalanceMovement[];
  createdAt: string;
}

export interface ChargePayload {
  customerRef: string;
  paymentRef: string;
  amount: number;
  currency: string;
  /** The movement on our balance; null until the charge is captured. */
  movementRef: string | null;
  /** What came in, in the currency our balance is kept in; null where only its id was told. */
  settlement: BalanceMovement | null;
  createdAt: string;
}

export interface CreditNotePayload {
  customerRef: string;
  invoiceRef: string;
  number: string;
  intentId: string | null;
  status: 'issued' | 'void';
  reason: string | null;
  currency: string;
  total: number;
  tax: number;
  /** Taken off what was still to be paid. */
  prePayment: number;
  /** Given back by refunds, as credit, and outside the provider; with `prePayment` they make up the total. */
  refunded: number;
  credited: number;
  outOfBand: number;
  voidedAt: string | null;
  createdAt: string;
}

/** Credit given to the customer without an invoice, in his favour. */
export interface CreditPayload {
  customerRef: string;
  ownerId: string | null;
  intentId: string | null;
  amount: number;
  currency: string;
  createdAt: string;
}

/** What the provider or an issuer thinks of a payment: an early fraud warning, a review. */
export interface PaymentConcernPayload {
  paymentRef: string;
  concern: 'fraud_warning' | 'review';
  /** Of a review: whether somebody still has to look. A warning stays open. */
  open: boolean;
  reason: string;
  createdAt: string;
}

export type ProviderPayoutStatus = 'pending' | 'in_transit' | 'paid' | 'failed' | 'canceled';

/** Money that the provider pays out to our bank account. */
export interface ProviderPayoutPayload {
  amount: number;
  currency: string;
  status: ProviderPayoutStatus;
  failureCode: string | null;
  arrivesAt: string;
  createdAt: string;
}
