import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import { AuditLog, type Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import type { UserIdentity } from '../../platform/http';
import { OwnAnswer } from '../../platform/inbox';
import {
  customerOf,
  Intents,
  type Intent,
  type IntentHandler,
  type IntentSpec,
  type ProviderOutcome,
} from '../../platform/intents';
import type { ReadResult } from '../../providers/provider.port';
import {
  StripePaymentMethodGateway,
  type ChargedTo,
  type SavedMethod,
  type SetupType,
  type StartedSetup,
} from '../../providers/stripe';
import { CustomersService } from '../customers';
import { paymentMethodNotFound } from './billing.errors';
import { isOpen } from './domain/subscription-status';
import { PaymentGuard } from './fraud/payment-guard.flow';
import { dedupeKeyOf } from './purchase.service';
import { StripeCustomerFlow } from './stripe-customer.flow';
import { SubscriptionsRepository } from './subscriptions.repository';

const KIND = 'payment_method.setup';
/** What no id can be is nobody's, and is not asked for. */
const METHOD_ID = /^[a-z]{2,10}_[A-Za-z0-9_]{1,250}$/;

interface Params {
  customerRef: string;
  type: SetupType;
}

/** Whose methods they are, by ids at Stripe. */
interface Account extends ChargedTo {
  customerId: string;
}

/** A customer's payment methods, shown as Stripe has them. */
@Injectable()
export class PaymentMethodsFlow implements IntentHandler, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly stripeCustomers: StripeCustomerFlow,
    private readonly stripe: StripePaymentMethodGateway,
    private readonly audit: AuditLog,
    private readonly guard: PaymentGuard,
    private readonly answers: OwnAnswer,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /** Newest first; none for who has never paid. */
  async list(user: UserIdentity): Promise<SavedMethod[]> {
    const account = await this.accountOf(user);
    return account ? this.stripe.list(account.customerRef, account.subscriptionRef) : [];
  }

  /** Charges what comes to it, the running subscription's renewals included. @throws PAYMENT_METHOD_NOT_FOUND */
  async makeDefault(user: UserIdentity, methodRef: string, actor: Actor): Promise<SavedMethod> {
    const account = await this.own(user, methodRef);
    await this.change(account, { actor, action: 'payment_method.default', methodRef }, (callId) =>
      this.stripe.makeDefault(account, methodRef, callId),
    );
    const methods = await this.stripe.list(account.customerRef, account.subscriptionRef);
    const method = methods.find(({ providerId }) => providerId === methodRef);
    if (!method) throw paymentMethodNotFound(methodRef);
    return method;
  }

  /** @throws PAYMENT_METHOD_NOT_FOUND */
  async remove(user: UserIdentity, methodRef: string, actor: Actor): Promise<void> {
    const account = await this.own(user, methodRef);
    await this.change(account, { actor, action: 'payment_method.remove', methodRef }, (callId) =>
      this.stripe.detach(account.customerRef, methodRef, callId),
    );
  }

  /** @throws PAYMENT_METHOD_NOT_FOUND for one that is not the user's. */
  async own(user: UserIdentity, methodRef: string): Promise<Account> {
    if (!METHOD_ID.test(methodRef)) throw paymentMethodNotFound(methodRef);
    const account = await this.accountOf(user);
    if (!account || !(await this.stripe.isOf(account.customerRef, methodRef))) throw paymentMethodNotFound(methodRef);
    return account;
  }

  /** The method asked for, else the default as the list shows it; null where there is none. @throws PAYMENT_METHOD_NOT_FOUND */
  async toCharge(user: UserIdentity, methodRef: string | null): Promise<string | null> {
    if (methodRef !== null) {
      await this.own(user, methodRef);
      return methodRef;
    }
    // Left to itself, Stripe takes the one of the invoice's subscription, which nobody can change once that is over.
    return (await this.list(user)).find(({ isDefault }) => isDefault)?.providerId ?? null;
  }

  /** @returns the secret that the client confirms the new method with. @throws PAYMENT_BLOCKED */
  async setUp(user: UserIdentity, type: SetupType, actor: Actor): Promise<string> {
    const customer = await this.unitOfWork.user(user.id, (tx) =>
      this.customers.ensure(tx, { id: user.id, email: user.email ?? null }),
    );
    const params: Params = { customerRef: await this.stripeCustomers.ensure(customer, actor), type };
    const spec: IntentSpec = {
      provider: 'stripe',
      kind: KIND,
      customerId: customer.id,
      dedupeKey: dedupeKeyOf(KIND),
      params: { ...params },
    };
    const order = { action: KIND, customerId: customer.id, methodRef: null, subscriptionRef: null } as const;
    const result = await this.guard.attempt({ ...order, amount: null, currency: null, actor }, () =>
      this.intents.run(spec, actor),
    );
    return result.transient?.['clientSecret'] ?? (await this.stripe.setup(result.providerId)).clientSecret;
  }

  async call(intent: Intent, idempotencyKey: string): Promise<ProviderOutcome> {
    const params = intent.params as unknown as Params;
    const owner = { customerId: customerOf(intent), intentId: intent.id };
    return toOutcome(await this.stripe.setUp({ ...owner, ...params }, idempotencyKey));
  }

  async find(intent: Intent): Promise<ProviderOutcome | null> {
    const { customerRef } = intent.params as unknown as Params;
    const found = await this.stripe.findSetup(customerRef, intent.id);
    return found && toOutcome(found);
  }

  /** Nothing of ours changes before the customer confirms it. */
  commit(): Promise<void> {
    return Promise.resolve();
  }

  private accountOf(user: UserIdentity): Promise<Account | null> {
    return this.unitOfWork.service(async (tx) => {
      const customer = await this.customers.byUser(tx, user.id);
      const customerRef = customer ? await this.customers.accountOf(tx, customer.id, 'stripe') : null;
      if (!customer || !customerRef) return null;
      const current = await this.subscriptions.openAtStripe(tx, user.id);
      const charged = current && isOpen(current.status) ? current.providerId : null;
      return { customerId: customer.id, customerRef, subscriptionRef: charged };
    });
  }

  /** Not an intent: the call names the state wanted, so that twice is once. What it answers is taken in as facts. */
  private async change(
    { customerId }: Account,
    { actor, action, methodRef }: { actor: Actor; action: string; methodRef: string },
    call: (callId: string) => Promise<ReadResult>,
  ): Promise<void> {
    const answer = await call(newId('req', this.clock.wall().getTime()));
    await this.answers.take(customerId, answer, (tx) =>
      this.audit.record(tx, { actor, action, objectType: 'payment_method', objectId: methodRef, customerId }),
    );
  }
}

function toOutcome({ providerId, clientSecret }: StartedSetup): ProviderOutcome {
  return { providerId, outcome: {}, transient: { clientSecret } };
}
