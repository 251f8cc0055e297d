import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config';
import { UnitOfWork } from '../../platform/database';
import { allowedRedirect, redirectRules, type UserIdentity } from '../../platform/http';
import { StripeGateway, type PortalFlow as PortalFlowKind } from '../../providers/stripe';
import { CustomersService } from '../customers';
import { customerNotFound } from './billing.errors';
import { SubscriptionsRepository } from './subscriptions.repository';

/** Opens Stripe's own page for cards, invoices, plans and cancellation. Makes nothing that would need an intent. */
@Injectable()
export class PortalFlow {
  constructor(
    private readonly config: AppConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly stripe: StripeGateway,
  ) {}

  /** @throws REDIRECT_NOT_ALLOWED, CUSTOMER_NOT_FOUND for a user without an account at Stripe. */
  async open(user: UserIdentity, returnUrl: string, flow: PortalFlowKind | null): Promise<string> {
    const url = allowedRedirect(returnUrl, 'returnUrl', redirectRules(this.config));
    const { customerRef, subscriptionRef } = await this.unitOfWork.service(async (tx) => {
      const customer = await this.customers.byUser(tx, user.id);
      const ref = customer ? await this.customers.accountOf(tx, customer.id, 'stripe') : null;
      if (!ref) throw customerNotFound();
      const current = await this.subscriptions.currentOfUser(tx, user.id);
      const ours = current?.provider === 'stripe' ? current : await this.subscriptions.openAtStripe(tx, user.id);
      return { customerRef: ref, subscriptionRef: ours?.providerId ?? null };
    });
    return this.stripe.createPortalSession(customerRef, url, flow, subscriptionRef);
  }
}
