import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor } from '../../platform/audit';
import { UnitOfWork, type Tx } from '../../platform/database';
import {
  Intents,
  type Intent,
  type IntentHandler,
  type IntentSpec,
  type ProviderOutcome,
} from '../../platform/intents';
import { StripeGateway } from '../../providers/stripe';
import { CustomersService, type Customer } from '../customers';

const KIND = 'customer.create';

/** Makes a customer's account at Stripe, once. */
@Injectable()
export class StripeCustomerFlow implements IntentHandler, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly stripe: StripeGateway,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /** @returns the customer's id at Stripe. */
  async ensure(customer: Customer, actor: Actor): Promise<string> {
    const known = await this.unitOfWork.service((tx) => this.customers.accountOf(tx, customer.id, 'stripe'));
    if (known) return known;
    const spec: IntentSpec = {
      provider: 'stripe',
      kind: KIND,
      customerId: customer.id,
      dedupeKey: `${KIND}:stripe:${customer.id}`,
      reopen: true,
      params: {},
    };
    const result = await this.intents.run(spec, actor);
    return result.providerId;
  }

  async call(intent: Intent, idempotencyKey: string): Promise<ProviderOutcome> {
    const customerId = ownerOf(intent);
    const email = await this.unitOfWork.service((tx) => this.customers.emailOf(tx, customerId));
    const providerId = await this.stripe.createCustomer({ customerId, intentId: intent.id, email }, idempotencyKey);
    return { providerId, outcome: {} };
  }

  async find(intent: Intent): Promise<ProviderOutcome | null> {
    const providerId = await this.stripe.findCustomer({ customerId: ownerOf(intent), intentId: intent.id });
    return providerId === null ? null : { providerId, outcome: {} };
  }

  async commit(tx: Tx, intent: Intent, result: ProviderOutcome): Promise<void> {
    await this.customers.link(tx, 'stripe', result.providerId, ownerOf(intent));
  }
}

function ownerOf(intent: Intent): string {
  if (!intent.customerId) throw new Error(`Intent ${intent.id} names no customer`);
  return intent.customerId;
}
