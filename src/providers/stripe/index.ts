export { StripeAdapter } from './stripe-adapter';
export { StripeGateway, type CreatedSubscription, type PortalFlow } from './stripe-gateway';
export { StripeCardGateway, type CardQuestion, type ChargedCard } from './stripe-gateway-cards';
export {
  StripeCatalogGateway,
  type CatalogPage,
  type CatalogProduct,
  type SeenPrice,
  type SeenProduct,
} from './stripe-gateway-catalog';
export { StripeCreditGateway, type CreditOrder, type GivenCredit } from './stripe-gateway-credits';
export { StripeDiscountGateway } from './stripe-gateway-discounts';
export { StripeErasureGateway } from './stripe-gateway-erasure';
export {
  StripeInvoiceGateway,
  type InvoiceAction,
  type SettledInvoice,
  type TakenInvoice,
} from './stripe-gateway-invoices';
export {
  CREDIT_NOTE_REASONS,
  EVIDENCE_FIELDS,
  isTooMuchCredit,
  REFUND_REASONS,
  StripeMoneyGateway,
  type AnsweredObject,
  type CreditNoteOrder,
  type CreditNoteReason,
  type CreditNoteTarget,
  type EvidenceText,
  type RefundOrder,
  type RefundReason,
} from './stripe-gateway-money';
export {
  StripePaymentMethodGateway,
  type ChargedTo,
  type SavedMethod,
  type SetupType,
  type StartedSetup,
} from './stripe-gateway-payment-methods';
export {
  StripeSubscriptionGateway,
  type ChangedSubscription,
  type PreviewLine,
  type PriceChange,
  type PricePreview,
  type StripeProration,
  type SubscriptionStanding,
} from './stripe-gateway-subscriptions';
export { toStripePrice } from './stripe-price';
export { NO_DETAILS, StripeTaxGateway, type BillingDetails, type DetailsChange } from './stripe-gateway-tax';
export { taxAddressInvalid } from './stripe-errors';
export { StripeStatement } from './stripe-statement';
export { stripeAggregate } from './stripe-translator';
export { verifyStripeEvent } from './stripe-webhook';
export { StripeModule } from './stripe.module';
