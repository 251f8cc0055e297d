import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import type { ReadResult } from '../provider.port';
import { StripeClient } from './stripe-client';
import type { Owner } from './stripe-gateway';
import { METADATA, refOf } from './stripe-objects';
import { answeredAt, snapshotOf, type StripeObject } from './stripe-snapshots';

export type SetupType = 'card' | 'us_bank_account';

/** A payment method of a customer, as Stripe has it. */
export interface SavedMethod {
  providerId: string;
  type: string;
  /** A card's brand, a bank's name. */
  brand: string | null;
  last4: string | null;
  expMonth: number | null;
  expYear: number | null;
  /** Renewals are charged to it unless a subscription names another. */
  isDefault: boolean;
  createdAt: Date;
}

/** A setup intent and the secret that the client confirms it with. */
export interface StartedSetup {
  providerId: string;
  clientSecret: string;
}

/** Who is charged, by ids at Stripe. */
export interface ChargedTo {
  customerRef: string;
  /** The subscription that renews. */
  subscriptionRef: string | null;
}

const MAX_METHODS = 100;

/**
 * Payment methods are shown as Stripe has them, so nobody is ever shown one that is gone. What our own calls change is
 * answered as facts, so that the mirror does not wait for the webhooks.
 */
@Injectable()
export class StripePaymentMethodGateway {
  constructor(private readonly client: StripeClient) {}

  /** Newest first. @param subscriptionRef the one that renews, whose own method comes before the customer's. */
  async list(customerRef: string, subscriptionRef: string | null): Promise<SavedMethod[]> {
    const [methods, defaultRef] = await Promise.all([
      this.client.call((sdk) => sdk.customers.listPaymentMethods(customerRef, { limit: MAX_METHODS })),
      this.defaultOf(customerRef, subscriptionRef),
    ]);
    return methods.data.map((method) => toSaved(method, defaultRef));
  }

  /** Whether it is the customer's: another's is as unknown as none. */
  async isOf(customerRef: string, methodRef: string): Promise<boolean> {
    try {
      await this.client.call((sdk) => sdk.customers.retrievePaymentMethod(customerRef, methodRef));
      return true;
    } catch (error) {
      if (isAppError(error) && error.kind === 'not_found') return false;
      throw error;
    }
  }

  /** For the customer and for the subscription that renews. Names the state wanted, so twice is once. */
  async makeDefault(
    { customerRef, subscriptionRef }: ChargedTo,
    methodRef: string,
    callId: string,
  ): Promise<ReadResult> {
    const customer = await this.client.call((sdk) =>
      sdk.customers.update(customerRef, { invoice_settings: { default_payment_method: methodRef } }),
    );
    const told = answered({ objectType: 'customer', object: customer }, customer, { customerRef, callId });
    if (subscriptionRef === null) return told;
    const subscription = await this.client.call((sdk) =>
      sdk.subscriptions.update(subscriptionRef, { default_payment_method: methodRef }),
    );
    const also = answered({ objectType: 'subscription', object: subscription }, subscription, { customerRef, callId });
    return { ...told, facts: [...told.facts, ...also.facts] };
  }

  async detach(customerRef: string, methodRef: string, callId: string): Promise<ReadResult> {
    const method = await this.client.call((sdk) => sdk.paymentMethods.detach(methodRef));
    return answered({ objectType: 'payment_method', object: method }, method, { customerRef, callId });
  }

  /** A setup intent whose method may be charged when the customer is away. */
  async setUp(request: Owner & { customerRef: string; type: SetupType }, key: string): Promise<StartedSetup> {
    const params: Stripe.SetupIntentCreateParams = {
      customer: request.customerRef,
      usage: 'off_session',
      ...typeParams(request.type),
      metadata: { [METADATA.customerId]: request.customerId, [METADATA.intentId]: request.intentId },
    };
    return toStarted(await this.client.call((sdk) => sdk.setupIntents.create(params, { idempotencyKey: key })));
  }

  async setup(setupRef: string): Promise<StartedSetup> {
    return toStarted(await this.client.call((sdk) => sdk.setupIntents.retrieve(setupRef)));
  }

  /** Consistent at once. */
  async findSetup(customerRef: string, intentId: string): Promise<StartedSetup | null> {
    const list = await this.client.call((sdk) => sdk.setupIntents.list({ customer: customerRef, limit: 100 }));
    const found = list.data.find(({ metadata }) => metadata?.[METADATA.intentId] === intentId);
    return found ? toStarted(found) : null;
  }

  private async defaultOf(customerRef: string, subscriptionRef: string | null): Promise<string | null> {
    const [customer, subscription] = await Promise.all([
      this.client.call((sdk) => sdk.customers.retrieve(customerRef)),
      subscriptionRef === null ? null : this.client.call((sdk) => sdk.subscriptions.retrieve(subscriptionRef)),
    ]);
    const own = refOf(subscription?.default_payment_method);
    return own ?? (customer.deleted ? null : refOf(customer.invoice_settings.default_payment_method));
  }
}

/** @param callId of the call that was answered, made before it. */
function answered(
  read: StripeObject,
  answer: Stripe.Response<object>,
  { customerRef, callId }: { customerRef: string; callId: string },
): ReadResult {
  const snapshot = snapshotOf(read, { answeredAt: answeredAt(answer), sourceId: `answer:${callId}` }, customerRef);
  if (!snapshot) throw new Error(`Stripe answered a ${read.objectType} without a customer`);
  return snapshot;
}

function toStarted({ id, client_secret: clientSecret }: Stripe.SetupIntent): StartedSetup {
  if (!clientSecret) throw new Error('Stripe answered a setup intent without its secret');
  return { providerId: id, clientSecret };
}

/** Bank accounts are verified through Financial Connections, at once, not by deposits that take days. */
function typeParams(
  type: SetupType,
): Pick<Stripe.SetupIntentCreateParams, 'allowed_payment_method_types' | 'payment_method_options'> {
  if (type === 'card') return { allowed_payment_method_types: ['card'] };
  return {
    allowed_payment_method_types: ['us_bank_account'],
    payment_method_options: {
      us_bank_account: { verification_method: 'instant', financial_connections: { permissions: ['payment_method'] } },
    },
  };
}

function toSaved(method: Stripe.PaymentMethod, defaultRef: string | null): SavedMethod {
  const { card, us_bank_account: bank } = method;
  return {
    providerId: method.id,
    type: method.type,
    brand: card?.brand ?? bank?.bank_name ?? null,
    last4: card?.last4 ?? bank?.last4 ?? null,
    expMonth: card?.exp_month ?? null,
    expYear: card?.exp_year ?? null,
    isDefault: method.id === defaultRef,
    createdAt: new Date(method.created * 1000),
  };
}
