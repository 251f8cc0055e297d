import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Actor } from '../../platform/audit';
import { lockAggregate, UnitOfWork, type Tx } from '../../platform/database';
import {
  customerOf,
  Intents,
  type Intent,
  type IntentHandler,
  type IntentSpec,
  type ProviderOutcome,
} from '../../platform/intents';
import { stripeAggregate, StripeGateway } from '../../providers/stripe';
import { CustomersService, type Customer } from '../customers';

const KIND = 'customer.create';
/** As long as a list of all customers made since stays short. */
const RECENT_MS = 3_600_000;

/** Makes a customer's account at Stripe, once. */
@Injectable()
export class StripeCustomerFlow implements IntentHandler, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly stripe: StripeGateway,
    private readonly clock: Clock,
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
    const customerId = customerOf(intent);
    const email = await this.unitOfWork.service((tx) => this.customers.emailOf(tx, customerId));
    const providerId = await this.stripe.createCustomer({ customerId, intentId: intent.id, email }, idempotencyKey);
    return { providerId, outcome: {} };
  }

  async find(intent: Intent): Promise<ProviderOutcome | null> {
    const owner = { customerId: customerOf(intent), intentId: intent.id };
    const age = this.clock.wall().getTime() - intent.createdAt.getTime();
    // In the provider's time, which business time follows.
    const since = new Date(this.clock.now().getTime() - age);
    const providerId = await this.stripe.findCustomer(owner, since, age < RECENT_MS);
    return providerId === null ? null : { providerId, outcome: {} };
  }

  /** @throws TRY_AGAIN while a worker holds the aggregate: it may just be ignoring an event for want of this link. */
  async commit(tx: Tx, intent: Intent, result: ProviderOutcome): Promise<void> {
    await lockAggregate(tx, stripeAggregate(result.providerId));
    await this.customers.link(tx, 'stripe', result.providerId, customerOf(intent));
  }
}
