import type {
  ChargePayload,
  CreditNotePayload,
  CreditPayload,
  DisputePayload,
  PaymentConcernPayload,
  ProviderPayoutPayload,
  RefundPayload,
  StoreSale,
} from './money-payloads';
import type {
  DepositPayload,
  FundReservationPayload,
  TransferFailurePayload,
  TransferFundingPayload,
  TransferOrderPayload,
  TransferStatePayload,
} from './transfer-payloads';

export type * from './money-payloads';
export type * from './transfer-payloads';

/**
 * What happened at a provider, in our vocabulary. Every adapter turns its provider's JSON into these, every module reads
 * only these; state is a fold over them (docs/architecture.md). Facts carry provider ids and figures, never personal
 * data, because they are kept for good. Times are ISO 8601 strings, amounts integers in minor units, currencies upper case.
 */
export type Provider = 'stripe' | 'apple' | 'google' | 'wise';

/** Stripe's words; the other providers' states map onto them. */
export type SubscriptionStatus =
  'incomplete' | 'incomplete_expired' | 'trialing' | 'active' | 'past_due' | 'paused' | 'unpaid' | 'canceled';

export interface SubscriptionPayload {
  /** The customer's id at the provider. */
  customerRef: string;
  /** Our customer's id, where the object carries our metadata. */
  ownerId: string | null;
  intentId: string | null;
  status: SubscriptionStatus;
  providerStatus: string;
  /** The price's id at the provider. */
  priceRef: string;
  /** Our price's id, where the price carries our metadata. */
  priceId: string | null;
  quantity: number;
  unitAmount: number;
  currency: string;
  interval: 'day' | 'week' | 'month' | 'year';
  intervalCount: number;
  currentPeriodStart: string;
  currentPeriodEnd: string;
  trialEndsAt: string | null;
  cancelAtPeriodEnd: boolean;
  cancelAt: string | null;
  canceledAt: string | null;
  endedAt: string | null;
  createdAt: string;
  latestInvoiceRef: string | null;
  /** The method it is charged to before the customer's. Absent where it names none, and in facts recorded before it was read. */
  methodRef?: string;
  /** While past due, until when the provider itself grants access. Absent where it says nothing, and our plans decide. */
  graceUntil?: string;
  /** When it came to be so, where the provider only shows states and says that too. Absent in facts recorded before it was read. */
  changedAt?: string;
}

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';

export interface InvoiceLine {
  ref: string;
  description: string | null;
  amount: number;
  currency: string;
  quantity: number | null;
  priceRef: string | null;
  periodStart: string;
  periodEnd: string;
  proration: boolean;
  tax: number;
  /** The part of `tax` that `amount` contains. Absent where it contains none, and in facts recorded before it was read. */
  taxInclusive?: number;
  /** What coupons take off `amount`. Absent where there are none, and in facts recorded before it was read. */
  discount?: number;
  /** How much of `quantity` a store has taken back, in `WHOLE_PIECE`s' parts. Absent where nothing, and in older facts. */
  returned?: number;
}

/** One tax on an invoice, its lines added up. */
export interface InvoiceTax {
  amount: number;
  /** Contained in the prices, or on top of them. */
  inclusive: boolean;
  /** Why it is what it is, in the provider's words: `standard_rated`, `reverse_charge`, `customer_exempt`, `not_collecting`. */
  reason: string | null;
  /** The rate's id at the provider. */
  rateRef: string | null;
}

export interface InvoicePayload {
  customerRef: string;
  subscriptionRef: string | null;
  ownerId: string | null;
  number: string | null;
  status: InvoiceStatus;
  billingReason: string | null;
  currency: string;
  total: number;
  tax: number;
  /** What `tax` is made of, zero taxes and their reasons included. Absent where there are none, and in older facts. */
  taxes?: InvoiceTax[];
  /** What coupons have taken off, contained in `total`. Absent where there are none, and in older facts. */
  discount?: number;
  amountDue: number;
  amountPaid: number;
  amountRemaining: number;
  /** The customer's balance before and after; negative is credit in his favour. */
  startingBalance: number;
  endingBalance: number | null;
  /** Taken off the amount due by credit notes. Absent where there are none, and in facts recorded before it was read. */
  creditedBeforePayment?: number;
  /** Paid, and nothing of it by the provider's own count. */
  paidOutOfBand: boolean;
  /** What was paid outside the provider, where it says so: only readings do. Absent is unknown. */
  amountPaidOffStripe?: number;
  attemptCount: number;
  nextAttemptAt: string | null;
  hostedUrl: string | null;
  pdfUrl: string | null;
  periodStart: string;
  periodEnd: string;
  createdAt: string;
  finalizedAt: string | null;
  paidAt: string | null;
  /** When it was given up. Absent while it is not, and in facts recorded before this was read. */
  uncollectibleAt?: string;
  /** Absent while it is not void, and in facts recorded before this was read. */
  voidedAt?: string;
  lines: InvoiceLine[];
}

export type PaymentStatus = 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled';

export interface PaymentMethodSummary {
  type: string;
  brand: string | null;
  last4: string | null;
}

export interface PaymentPayload {
  customerRef: string;
  amount: number;
  currency: string;
  status: PaymentStatus;
  declineCode: string | null;
  method: PaymentMethodSummary | null;
  createdAt: string;
  /** Which invoice it is for, where the payment itself says so. Absent where `payment.linked` does. */
  invoiceRef?: string;
  /** Of what was sold by a store. */
  sale?: StoreSale;
}

/** Which invoice a payment is for: a provider may say it apart from the payment itself. */
export interface PaymentLinkPayload {
  invoiceRef: string;
}

/** What the payment was made with, told by the charge. */
export interface PaymentChargePayload {
  method: PaymentMethodSummary;
}

/** A method that was to be saved, and was declined. */
export interface SetupPayload {
  customerRef: string;
  declineCode: string | null;
  method: PaymentMethodSummary | null;
}

/** A card or account that may be charged. Nothing here tells one card from another: fingerprints are personal data. */
export interface PaymentMethodPayload {
  /** Whose it is at the provider; null from the moment it is detached, which is for good. */
  customerRef: string | null;
  /** In the provider's words: `card`, `us_bank_account`, `sepa_debit`. */
  type: string;
  brand: string | null;
  last4: string | null;
  /** 1 to 12. A card is good to the end of that month. */
  expMonth: number | null;
  expYear: number | null;
  /** ISO 3166 alpha-2, of the issuer. */
  country: string | null;
  bankName: string | null;
  createdAt: string;
}

/** The provider's own customer, as far as it decides what is charged. */
export interface CustomerPayload {
  status: 'active' | 'deleted';
  /** The method that is charged where a subscription names none. */
  defaultMethodRef: string | null;
}

/** What was bought in a store that names each purchase by a token, and what is still to be done about it. */
export interface PurchasePayload {
  kind: 'subscription' | 'product';
  /** As a subscription's `priceRef`, or the line of its invoice. */
  productRef: string;
  /** In the provider's words. */
  state: string;
  /** No more is to come of it. */
  ended: boolean;
  /** When it was paid for, a free trial included; null until then. */
  completedAt: string | null;
  /** The provider was told that it is granted; without that it gives the money back. */
  acknowledged: boolean;
  /** The token it stands in the place of: an upgrade, or who comes back. */
  replacesRef: string | null;
  /** As of its invoice's line. */
  returned?: number;
}

export interface CheckoutPayload {
  customerRef: string | null;
  ownerId: string | null;
  intentId: string | null;
  subscriptionRef: string | null;
  status: 'open' | 'complete' | 'expired';
}

interface FactOf<ObjectType extends string, Kind extends string, Payload> {
  provider: Provider;
  objectType: ObjectType;
  /** The object's id at the provider. */
  objectId: string;
  kind: Kind;
  /** Lock key of the customer aggregate, e.g. `stripe:cus_123`. */
  aggregate: string;
  /** The provider's time. */
  occurredAt: Date;
  /** The provider's event id, or the id of the read that told us. One source says one thing about one object. */
  sourceId: string;
  payload: Payload;
  /** The object before the change, where the provider says it. */
  before: Payload | null;
}

export type SubscriptionFact = FactOf<
  'subscription',
  'subscription.created' | 'subscription.changed' | 'subscription.snapshot' | 'subscription.deleted',
  SubscriptionPayload
>;
export type InvoiceFact = FactOf<
  'invoice',
  | 'invoice.created'
  | 'invoice.changed'
  | 'invoice.finalized'
  | 'invoice.payment_failed'
  | 'invoice.payment_action_required'
  | 'invoice.paid'
  | 'invoice.voided'
  | 'invoice.uncollectible'
  | 'invoice.snapshot',
  InvoicePayload
>;
export type PaymentFact =
  | FactOf<
      'payment',
      | 'payment.created'
      | 'payment.changed'
      | 'payment.failed'
      | 'payment.succeeded'
      | 'payment.canceled'
      | 'payment.snapshot',
      PaymentPayload
    >
  | FactOf<'payment', 'payment.linked', PaymentLinkPayload>
  | FactOf<'payment', 'payment.charged', PaymentChargePayload>;
export type CheckoutFact = FactOf<
  'checkout',
  'checkout.completed' | 'checkout.expired' | 'checkout.snapshot',
  CheckoutPayload
>;

export type PurchaseFact = FactOf<'purchase', 'purchase.snapshot', PurchasePayload>;

export type RefundFact = FactOf<
  'refund',
  'refund.created' | 'refund.changed' | 'refund.failed' | 'refund.snapshot',
  RefundPayload
>;
export type DisputeFact = FactOf<
  'dispute',
  | 'dispute.created'
  | 'dispute.changed'
  | 'dispute.closed'
  | 'dispute.withdrawn'
  | 'dispute.reinstated'
  | 'dispute.snapshot',
  DisputePayload
>;
export type ChargeFact = FactOf<'charge', 'charge.succeeded' | 'charge.changed' | 'charge.snapshot', ChargePayload>;
export type CreditNoteFact = FactOf<
  'credit_note',
  'credit_note.created' | 'credit_note.changed' | 'credit_note.voided' | 'credit_note.snapshot',
  CreditNotePayload
>;
export type CreditFact = FactOf<'credit', 'credit.granted', CreditPayload>;
export type PaymentConcernFact = FactOf<
  'payment_concern',
  'payment_concern.raised' | 'payment_concern.closed' | 'payment_concern.snapshot',
  PaymentConcernPayload
>;
export type PaymentMethodFact = FactOf<
  'payment_method',
  'payment_method.attached' | 'payment_method.changed' | 'payment_method.detached' | 'payment_method.snapshot',
  PaymentMethodPayload
>;
export type CustomerFact = FactOf<
  'customer',
  'customer.created' | 'customer.changed' | 'customer.deleted' | 'customer.snapshot',
  CustomerPayload
>;
export type SetupFact = FactOf<'setup', 'setup.failed', SetupPayload>;
export type ProviderPayoutFact = FactOf<
  'provider_payout',
  | 'provider_payout.created'
  | 'provider_payout.changed'
  | 'provider_payout.paid'
  | 'provider_payout.failed'
  | 'provider_payout.canceled'
  | 'provider_payout.snapshot',
  ProviderPayoutPayload
>;

/** Money set aside on our balance for one payout; the object's id is the transfer's own key, `customerTransactionId`. Told by ourselves. */
export type FundReservationFact = FactOf<
  'fund_reservation',
  'fund_reservation.made' | 'fund_reservation.released',
  FundReservationPayload
>;
/** A transfer to somebody's bank account. Its order, and what became of paying for it, are told by the answers to our calls. */
export type TransferFact =
  | FactOf<'transfer', 'transfer.changed' | 'transfer.snapshot', TransferStatePayload>
  | FactOf<'transfer', 'transfer.ordered', TransferOrderPayload>
  | FactOf<'transfer', 'transfer.funded', TransferFundingPayload>
  | FactOf<'transfer', 'transfer.failed', TransferFailurePayload>;
/** Money that came onto our balance from our own bank; the object's id is the movement's. */
export type DepositFact = FactOf<'deposit', 'deposit.snapshot', DepositPayload>;

/** Every fact type there is. A new provider adds none; a new kind of object adds one member here. */
export type Fact =
  | SubscriptionFact
  | InvoiceFact
  | PaymentFact
  | CheckoutFact
  | PurchaseFact
  | RefundFact
  | DisputeFact
  | ChargeFact
  | CreditNoteFact
  | CreditFact
  | PaymentConcernFact
  | PaymentMethodFact
  | CustomerFact
  | SetupFact
  | ProviderPayoutFact
  | FundReservationFact
  | TransferFact
  | DepositFact;
export type FactObjectType = Fact['objectType'];
export type FactKind = Fact['kind'];

/** A fact as stored: with our id for it and its place in the recorded order. */
export type Stored<F extends Fact = Fact> = F & { id: string; seq: bigint };
