import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Money } from '../../../shared/money';
import { toStripeAmount } from '../../../shared/money-stripe';
import { AuditLog, type Actor } from '../../../platform/audit';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { IdempotencyContext } from '../../../platform/http';
import { OwnAnswer } from '../../../platform/inbox';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../../platform/intents';
import { Outbox } from '../../../platform/outbox';
import type { ReadResult } from '../../../providers/provider.port';
import { StripeCreditGateway, type CreditOrder, type GivenCredit } from '../../../providers/stripe';
import { CustomersService, type Customer } from '../../customers';
import { LedgerService } from '../../ledger';
import { customerNotFound } from '../billing.errors';
import { dedupeKeyOf } from '../purchase.service';
import { StripeCustomerFlow } from '../stripe-customer.flow';
import { otherCurrency } from './credits.errors';

const KIND = 'customer.credit';

interface Credited extends ProviderOutcome {
  snapshot: ReadResult;
}

export interface CreditRequest {
  /** In the customer's favour. */
  credit: Money;
  /** For the audit log. */
  reason: string;
}

/** Credit as it was given. */
export interface CustomerCredit {
  /** The provider's id of the movement. */
  providerId: string;
  credit: Money;
  createdAt: string;
}

/** Gives a customer credit at Stripe, which his next invoices use up; his come one after the other. */
@Injectable()
export class CustomerCreditFlow implements IntentHandler<Credited>, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly stripe: StripeCreditGateway,
    private readonly stripeCustomers: StripeCustomerFlow,
    private readonly customers: CustomersService,
    private readonly ledger: LedgerService,
    private readonly answers: OwnAnswer,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /**
   * @throws CUSTOMER_NOT_FOUND, AMOUNT_NOT_CHARGEABLE, CURRENCY_NOT_SUPPORTED, CURRENCY_NOT_THE_CUSTOMERS,
   * REQUEST_IN_PROGRESS, and Stripe's failures.
   */
  async give(customerId: string, { credit, reason }: CreditRequest, actor: Actor): Promise<CustomerCredit> {
    const charged = toStripeAmount(credit);
    const customer = await this.unitOfWork.service((tx) => this.customers.byId(tx, customerId));
    if (!customer) throw customerNotFound();
    // Who repeats his own request after a lost answer goes on with it.
    const known = IdempotencyContext.current() ? await this.intents.known(dedupeKeyOf(KIND)) : null;
    const order = known
      ? (known.params as unknown as CreditOrder)
      : { customerRef: await this.accountFor(customer, charged.currency, actor), ...charged };
    const { providerId, outcome } = await this.intents.run(
      {
        ...{ provider: 'stripe', kind: KIND, customerId, dedupeKey: dedupeKeyOf(KIND), alone: true },
        params: { ...order },
      },
      actor,
      async (tx) => {
        await this.audit.record(tx, {
          ...{ actor, action: KIND, objectType: 'customer', objectId: customerId, customerId },
          before: { credit: await this.creditIn(tx, customerId, credit.currency) },
          after: { given: credit.amount.toString(), currency: credit.currency, reason },
        });
      },
    );
    this.outbox.wake();
    return { providerId, credit, createdAt: outcome['createdAt'] as string };
  }

  async call(intent: Intent, idempotencyKey: string): Promise<Credited> {
    const owner = { customerId: customerOf(intent), intentId: intent.id };
    return toOutcome(await this.stripe.give(intent.params as unknown as CreditOrder, owner, idempotencyKey));
  }

  async find(intent: Intent): Promise<Credited | null> {
    const { customerRef } = intent.params as unknown as CreditOrder;
    const age = this.clock.wall().getTime() - intent.createdAt.getTime();
    // In the provider's time, which business time follows.
    const since = new Date(this.clock.now().getTime() - age);
    const found = await this.stripe.find(customerRef, intent.id, since);
    return found && toOutcome(found);
  }

  async commit(tx: Tx, intent: Intent, { snapshot }: Credited): Promise<void> {
    await this.answers.apply(tx, customerOf(intent), snapshot);
  }

  /** The customer's account at Stripe, made where he has none; its currency is the one his credit is kept in. */
  private async accountFor(customer: Customer, currency: string, actor: Actor): Promise<string> {
    const customerRef = await this.stripeCustomers.ensure(customer, actor);
    const own = await this.stripe.currencyOf(customerRef);
    if (own !== null && own !== currency) throw otherCurrency(currency.toUpperCase(), own.toUpperCase());
    return customerRef;
  }

  private async creditIn(tx: Tx, customerId: string, currency: string): Promise<string> {
    const credit = await this.ledger.creditOf(tx, customerId);
    return (credit.find((balance) => balance.currency === currency)?.amount ?? 0n).toString();
  }
}

function toOutcome({ providerId, createdAt, snapshot }: GivenCredit): Credited {
  return { providerId, outcome: { createdAt }, snapshot };
}
