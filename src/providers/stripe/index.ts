export { StripeAdapter } from './stripe-adapter';
export { StripeGateway, type CreatedSubscription, type PortalFlow } from './stripe-gateway';
export { stripeAggregate } from './stripe-translator';
export { verifyStripeEvent } from './stripe-webhook';
export { StripeModule } from './stripe.module';
