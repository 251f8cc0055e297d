/** What facts tell of money that we pay out to others: read them from `facts.ts`. */

export interface FundReservationPayload {
  payoutId: string;
  /** The quote the amount is of: another quote is another reservation. */
  quoteRef: string;
  /** Minor units of our balance's currency, the fee included. */
  amount: number;
  currency: string;
}

/** In the provider's words. A transfer may go back: `outgoing_payment_sent` is not the end of it. */
export const TRANSFER_STATES = [
  'incoming_payment_waiting',
  'incoming_payment_initiated',
  'processing',
  'funds_converted',
  'outgoing_payment_sent',
  'bounced_back',
  'funds_refunded',
  'cancelled',
  'charged_back',
] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

export interface TransferStatePayload {
  state: TransferState;
  /**
   * Of one that has ended without paying: whether it had ever been paid for, and what came back to our balance (minor units of its
   * currency; null: all of it, as far as the provider says). Only readings tell; absent while it has not ended so.
   */
  settlement?: { wasFunded: boolean; returned: number | null };
}

/** What was asked for, by the quote it was made with. Amounts in minor units. */
export interface TransferOrderPayload {
  payoutId: string;
  quoteRef: string;
  sourceCurrency: string;
  /** What leaves our balance, the fee included. */
  sourceAmount: number;
  fee: number;
  targetCurrency: string;
  targetAmount: number;
  /** Target per source, as the provider quoted it: a decimal. */
  rate: string;
}

export interface TransferFundingPayload {
  /** `authorization_required`: a person has to fund it in the provider's own pages. */
  status: 'completed' | 'rejected' | 'authorization_required';
  /** In the provider's words. */
  errorCode: string | null;
}

export interface TransferFailurePayload {
  /** In the provider's words. */
  failureCode: string;
}

export interface DepositPayload {
  /** Minor units; negative where money went back to our bank. */
  amount: number;
  currency: string;
  createdAt: string;
}
