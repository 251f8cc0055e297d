import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import type { UserIdentity } from '../../../platform/http';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../../platform/intents';
import { NO_DETAILS, StripeTaxGateway, type BillingDetails, type DetailsChange } from '../../../providers/stripe';
import { CustomersService } from '../../customers';
import { StripeCustomerFlow } from '../stripe-customer.flow';
import { distinctTaxIds, isWellFormed } from './domain/tax-id';
import { malformedTaxId } from './tax.errors';

const KIND = 'billing_details.change';

/** As stored: whose details, and which request. The details themselves are personal and stand nowhere but at Stripe. */
interface Params {
  customerRef: string;
  requestId: string;
}

/** A customer's name, address and tax ids, which live at Stripe alone. */
@Injectable()
export class BillingDetailsFlow implements IntentHandler, OnModuleInit {
  readonly kind = KIND;
  /**
   * What requests under way want, by their id. Gone with the process: the intent is then settled by the mark at Stripe, and
   * the caller, who has had no answer, asks again.
   */
  private readonly wanted = new Map<string, DetailsChange>();

  constructor(
    private readonly intents: Intents,
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly stripeCustomers: StripeCustomerFlow,
    private readonly stripe: StripeTaxGateway,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /** Nothing for who has never paid. */
  async read(user: UserIdentity): Promise<BillingDetails> {
    const customerRef = await this.unitOfWork.service(async (tx) => {
      const customer = await this.customers.byUser(tx, user.id);
      return customer && this.customers.accountOf(tx, customer.id, 'stripe');
    });
    return customerRef ? this.stripe.details(customerRef) : NO_DETAILS;
  }

  /**
   * Names the state wanted, so that asking twice is asking once; a customer's changes come one after the other.
   * @throws TAX_ID_INVALID, TAX_ADDRESS_INVALID, and nothing has changed; REQUEST_IN_PROGRESS beside another change.
   */
  async change(user: UserIdentity, request: DetailsChange, actor: Actor): Promise<BillingDetails> {
    const change = { ...request, taxIds: request.taxIds && distinctTaxIds(request.taxIds) };
    change.taxIds?.forEach((taxId, index) => {
      if (!isWellFormed(taxId)) throw malformedTaxId(taxId.type, index);
    });
    const customer = await this.unitOfWork.user(user.id, (tx) =>
      this.customers.ensure(tx, { id: user.id, email: user.email ?? null }),
    );
    const customerRef = await this.stripeCustomers.ensure(customer, actor);
    const params: Params = { customerRef, requestId: randomUUID() };
    this.wanted.set(params.requestId, change);
    try {
      await this.intents.run(
        {
          provider: 'stripe',
          kind: KIND,
          customerId: customer.id,
          dedupeKey: `${KIND}:${params.requestId}`,
          alone: true,
          params: { ...params },
        },
        actor,
      );
    } finally {
      this.wanted.delete(params.requestId);
    }
    return this.stripe.details(customerRef);
  }

  async call(intent: Intent, idempotencyKey: string): Promise<ProviderOutcome> {
    const { customerRef, requestId } = intent.params as unknown as Params;
    const change = this.wanted.get(requestId);
    if (!change) throw new Error(`The details that intent ${intent.id} of ${customerOf(intent)} wants are gone`);
    await this.stripe.change(customerRef, change, intent.id, idempotencyKey);
    return { providerId: customerRef, outcome: {} };
  }

  async find(intent: Intent): Promise<ProviderOutcome | null> {
    const { customerRef } = intent.params as unknown as Params;
    return (await this.stripe.isMarked(customerRef, intent.id)) ? { providerId: customerRef, outcome: {} } : null;
  }

  /** Nothing of ours says where a customer lives. */
  commit(): Promise<void> {
    return Promise.resolve();
  }
}
