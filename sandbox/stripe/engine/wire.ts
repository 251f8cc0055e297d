/**
 * The objects as they travel: Stripe's own types with references as ids and decimals as strings. Everything else is
 * taken from the `stripe` package, so a field that appears, disappears or changes there fails this build.
 */
import type Stripe from 'stripe';
import type {
  CouponObject,
  DiscountObject,
  PromotionCodeObject,
  ScheduleObject,
  TaxIdObject,
  TaxRateObject,
} from './wire-pricing';

/** `T` with the fields of `R` instead of its own. */
type Swap<T, R> = Omit<T, keyof R> & R;

export interface WireList<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

export type Metadata = Record<string, string>;

export type CustomerObject = Swap<
  Stripe.Customer,
  {
    default_source: null;
    invoice_settings: Swap<Stripe.Customer.InvoiceSettings, { default_payment_method: string | null }>;
    invoice_prefix: string;
    metadata: Metadata;
    next_invoice_sequence: number;
    test_clock: null;
  }
>;

export type ProductObject = Swap<Stripe.Product, { default_price: string | null; tax_code: string | null }>;

export type PriceObject = Swap<
  Stripe.Price,
  { currency_options?: undefined; product: string; tiers?: undefined; unit_amount: number; unit_amount_decimal: string }
>;

export type PlanObject = Swap<Stripe.Plan, { amount_decimal: string; product: string; tiers?: undefined }>;

export type ItemObject = Swap<
  Stripe.SubscriptionItem,
  { discounts: string[]; plan: PlanObject; price: PriceObject; quantity: number }
>;

export type SubscriptionObject = Swap<
  Stripe.Subscription,
  {
    customer: string;
    default_payment_method: string | null;
    default_source: null;
    discounts: string[];
    items: WireList<ItemObject>;
    latest_invoice: string | null;
    metadata: Metadata;
    payment_settings: Stripe.Subscription.PaymentSettings;
    pending_setup_intent: string | null;
    schedule: string | null;
    trial_settings: Stripe.Subscription.TrialSettings;
  }
>;

export type LineObject = Swap<
  Stripe.InvoiceLineItem,
  {
    metadata: Metadata;
    parent: Stripe.InvoiceLineItem.Parent;
    pricing: Swap<
      Stripe.InvoiceLineItem.Pricing,
      { price_details: { price: string; product: string }; unit_amount_decimal: string }
    >;
    quantity: number;
    quantity_decimal: string;
    subscription: string | null;
    taxes: Stripe.InvoiceLineItem.Tax[];
  }
>;

export type InvoiceObject = Swap<
  Stripe.Invoice,
  {
    auto_advance: boolean;
    customer: string;
    default_payment_method: string | null;
    lines: WireList<LineObject>;
    metadata: Metadata;
    parent: Stripe.Invoice.Parent | null;
    status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
    total_taxes: Stripe.Invoice.TotalTax[];
  }
>;

export type InvoicePaymentObject = Swap<
  Stripe.InvoicePayment,
  { invoice: string; payment: { type: 'payment_intent'; payment_intent: string }; status: 'open' | 'paid' | 'canceled' }
>;

export type PaymentMethodObject = Swap<Stripe.PaymentMethod, { customer: string | null; metadata: Metadata }>;

/** Stripe's error object as it stands in `last_payment_error` and `last_setup_error`. */
export interface IntentError {
  advice_code?: string;
  charge?: string;
  code: string;
  decline_code?: string;
  message: string;
  payment_method: PaymentMethodObject;
  type: 'card_error' | 'invalid_request_error';
}

export type PaymentIntentObject = Swap<
  Stripe.PaymentIntent,
  {
    client_secret: string;
    customer: string | null;
    last_payment_error: IntentError | null;
    latest_charge: string | null;
    metadata: Metadata;
    payment_method: string | null;
    status:
      'requires_payment_method' | 'requires_confirmation' | 'requires_action' | 'processing' | 'succeeded' | 'canceled';
  }
>;

export type SetupIntentObject = Swap<
  Stripe.SetupIntent,
  {
    client_secret: string;
    customer: string | null;
    last_setup_error: IntentError | null;
    metadata: Metadata;
    payment_method: string | null;
    status: 'requires_payment_method' | 'requires_confirmation' | 'requires_action' | 'succeeded' | 'canceled';
  }
>;

export type ChargeObject = Swap<
  Stripe.Charge,
  { balance_transaction: string | null; customer: string | null; payment_intent: string; payment_method: string }
>;

export type LineItemObject = Swap<Stripe.LineItem, { price: PriceObject; quantity: number }>;

export type CheckoutSessionObject = Swap<
  Stripe.Checkout.Session,
  {
    customer: string | null;
    invoice: string | null;
    line_items?: undefined;
    metadata: Metadata;
    payment_intent: string | null;
    setup_intent: string | null;
    subscription: string | null;
  }
>;

export type PortalSessionObject = Swap<Stripe.BillingPortal.Session, { configuration: string }>;

export type BalanceTransactionObject = Swap<
  Stripe.BalanceTransaction,
  { source: string | null; status: 'available' | 'pending' }
>;

export type RefundObject = Swap<
  Stripe.Refund,
  {
    balance_transaction: string | null;
    charge: string;
    customer: string | null;
    failure_balance_transaction?: string;
    metadata: Metadata;
    payment_intent: string;
    payment_method: string;
    source_transfer_reversal: null;
    status: 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled';
    transfer_reversal: null;
  }
>;

export type DisputeObject = Swap<
  Stripe.Dispute,
  { balance_transactions: BalanceTransactionObject[]; charge: string; payment_intent: string }
>;

export type CreditNoteLineObject = Swap<Stripe.CreditNoteLineItem, { unit_amount_decimal: string | null }>;

export type CreditNoteObject = Swap<
  Stripe.CreditNote,
  {
    customer: string;
    customer_balance_transaction: string | null;
    invoice: string;
    lines: WireList<CreditNoteLineObject>;
    metadata: Metadata;
    refunds: { amount_refunded: number; payment_record_refund: null; refund: string; type: 'refund' }[];
  }
>;

export type CustomerBalanceTransactionObject = Swap<
  Stripe.CustomerBalanceTransaction,
  { checkout_session: null; credit_note: string | null; customer: string; invoice: string | null; metadata: Metadata }
>;

export type PayoutObject = Swap<
  Stripe.Payout,
  {
    balance_transaction: string;
    failure_balance_transaction: string | null;
    metadata: Metadata;
    original_payout: null;
    reversed_by: null;
    status: 'pending' | 'in_transit' | 'paid' | 'failed' | 'canceled';
  }
>;

export type ReviewObject = Swap<Stripe.Review, { charge: string; payment_intent: string }>;

export type EarlyFraudWarningObject = Swap<Stripe.Radar.EarlyFraudWarning, { charge: string; payment_intent: string }>;

/** Every object type the sandbox keeps, by Stripe's `object` name. */
export interface WireObjects {
  customer: CustomerObject;
  product: ProductObject;
  price: PriceObject;
  subscription: SubscriptionObject;
  invoice: InvoiceObject;
  invoice_payment: InvoicePaymentObject;
  payment_method: PaymentMethodObject;
  payment_intent: PaymentIntentObject;
  setup_intent: SetupIntentObject;
  charge: ChargeObject;
  'checkout.session': CheckoutSessionObject;
  'billing_portal.session': PortalSessionObject;
  coupon: CouponObject;
  promotion_code: PromotionCodeObject;
  discount: DiscountObject;
  tax_rate: TaxRateObject;
  tax_id: TaxIdObject;
  subscription_schedule: ScheduleObject;
  balance_transaction: BalanceTransactionObject;
  refund: RefundObject;
  dispute: DisputeObject;
  credit_note: CreditNoteObject;
  customer_balance_transaction: CustomerBalanceTransactionObject;
  payout: PayoutObject;
  review: ReviewObject;
  'radar.early_fraud_warning': EarlyFraudWarningObject;
}

export type WireType = keyof WireObjects;
export type AnyWireObject = WireObjects[WireType];
