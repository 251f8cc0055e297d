export { StripeAdapter } from './stripe-adapter';
export { StripeGateway, type CreatedSubscription, type PortalFlow } from './stripe-gateway';
export { StripeInvoiceGateway, type InvoiceAction, type SettledInvoice } from './stripe-gateway-invoices';
export {
  StripePaymentMethodGateway,
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
export { NO_DETAILS, StripeTaxGateway, type BillingDetails, type DetailsChange } from './stripe-gateway-tax';
export { taxAddressInvalid } from './stripe-errors';
export { stripeAggregate } from './stripe-translator';
export { verifyStripeEvent } from './stripe-webhook';
export { StripeModule } from './stripe.module';
