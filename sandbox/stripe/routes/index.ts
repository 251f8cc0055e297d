/** Every route the sandbox plays. What is not here, the shell answers as Stripe answers an unknown URL. */
import type { SandboxRoute } from '../contract';
import type { SandboxContext } from '../engine/context';
import { balanceRoutes } from './balance.routes';
import { catalogRoutes } from './catalog.routes';
import { creditRoutes } from './credit-notes.routes';
import { customerRoutes } from './customers.routes';
import { fraudRoutes } from './fraud.routes';
import { discountRoutes } from './discounts.routes';
import { invoiceRoutes } from './invoices.routes';
import { paymentMethodRoutes } from './payment-methods.routes';
import { paymentRoutes } from './payments.routes';
import { payoutRoutes } from './payouts.routes';
import { moneyBackRoutes } from './refunds.routes';
import { scheduleRoutes } from './schedules.routes';
import { sessionRoutes } from './sessions.routes';
import { subscriptionRoutes } from './subscriptions.routes';
import { taxRoutes } from './tax.routes';

export function stripeRoutes(ctx: SandboxContext): SandboxRoute[] {
  return [
    ...customerRoutes(ctx),
    ...catalogRoutes(ctx),
    ...discountRoutes(ctx),
    ...taxRoutes(ctx),
    ...subscriptionRoutes(ctx),
    ...scheduleRoutes(ctx),
    ...invoiceRoutes(ctx),
    ...paymentRoutes(ctx),
    ...paymentMethodRoutes(ctx),
    ...sessionRoutes(ctx),
    ...balanceRoutes(ctx),
    ...moneyBackRoutes(ctx),
    ...fraudRoutes(ctx),
    ...payoutRoutes(ctx),
    ...creditRoutes(ctx),
  ];
}
