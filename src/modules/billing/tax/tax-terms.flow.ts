import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../platform/database';
import { StripeTaxGateway, taxAddressInvalid } from '../../../providers/stripe';
import { CustomersService } from '../../customers';
import { taxAddressRequired } from './tax.errors';

/** Whether what is sold is taxed, and whether it can be. Only reads at Stripe. */
@Injectable()
export class TaxTermsFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly stripe: StripeTaxGateway,
  ) {}

  /** Whether Stripe Tax is on. What is sold now stays as it was sold when the switch is turned. */
  get automatic(): boolean {
    return this.stripe.automatic;
  }

  /**
   * Asked before anything is made at Stripe for a purchase that shows no form of Stripe's own.
   * @throws TAX_ADDRESS_REQUIRED, TAX_ADDRESS_INVALID where tax is on and Stripe cannot say where the user is taxed.
   */
  async assertTaxable(userId: string): Promise<void> {
    if (!this.automatic) return;
    const customerRef = await this.unitOfWork.service(async (tx) => {
      const customer = await this.customers.byUser(tx, userId);
      return customer && this.customers.accountOf(tx, customer.id, 'stripe');
    });
    if (!customerRef) throw taxAddressRequired();
    const { address, taxStanding } = await this.stripe.details(customerRef);
    if (taxStanding !== 'unrecognized_location') return;
    throw address.country ? taxAddressInvalid() : taxAddressRequired();
  }

  /** Whether a first invoice that waits to be paid was made for where the customer was, or for who he was, before. */
  isOutdated(subscriptionRef: string, customerRef: string): Promise<boolean> {
    return this.stripe.isOutdated(subscriptionRef, customerRef);
  }

  /** A price sold before tax was on says from now on how it is taxed. */
  settleBehavior(priceRef: string): Promise<void> {
    return this.stripe.settleBehavior(priceRef);
  }
}
