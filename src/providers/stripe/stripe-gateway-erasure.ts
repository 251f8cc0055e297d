import { Injectable } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import { StripeClient } from './stripe-client';

/** Who is to be forgotten, at Stripe. */
@Injectable()
export class StripeErasureGateway {
  constructor(private readonly client: StripeClient) {}

  /** What Stripe would know him by: e-mail, name, phone, street. Nothing of who is deleted there already. */
  async wordsOf(customerRef: string): Promise<string[]> {
    const customer = await this.unlessGone(() => this.client.call((sdk) => sdk.customers.retrieve(customerRef)));
    if (customer === null || customer.deleted) return [];
    const { email, name, phone, address } = customer;
    return [email, name, phone, address?.line1].filter((word) => typeof word === 'string' && word !== '') as string[];
  }

  async isDeleted(customerRef: string): Promise<boolean> {
    const customer = await this.unlessGone(() => this.client.call((sdk) => sdk.customers.retrieve(customerRef)));
    return customer === null || customer.deleted === true;
  }

  /**
   * With his name, address, tax ids and payment methods; for good (docs.stripe.com/api/customers/delete). His invoices and
   * payments stay there, as the law wants them to. Twice is once.
   */
  async delete(customerRef: string): Promise<void> {
    await this.unlessGone(() => this.client.call((sdk) => sdk.customers.del(customerRef)));
  }

  private async unlessGone<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      if (isAppError(error) && error.kind === 'not_found') return null;
      throw error;
    }
  }
}
