import { Injectable, type OnModuleInit } from '@nestjs/common';
import { parseCurrency } from '../../../shared/currency';
import { money } from '../../../shared/money';
import { toStripeAmount } from '../../../shared/money-stripe';
import { AuditLog, type Actor } from '../../../platform/audit';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { IdempotencyContext } from '../../../platform/http';
import { OwnAnswer } from '../../../platform/inbox';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../../platform/intents';
import { Outbox } from '../../../platform/outbox';
import {
  StripeMoneyGateway,
  type AnsweredObject,
  type RefundOrder,
  type RefundReason,
} from '../../../providers/stripe';
import { dedupeKeyOf } from '../purchase.service';
import { amountToRefund } from './domain/refundable';
import { boughtElsewhere, paymentNotFound } from './refunds.errors';
import { RefundsRepository, type Refund, type RefundablePayment } from './refunds.repository';

const KIND = 'refund.create';

interface Refunded extends ProviderOutcome {
  answer: AnsweredObject;
}

export interface RefundRequest {
  paymentId: string;
  /** Minor units; null for all that is left. */
  amount: bigint | null;
  reason: RefundReason;
}

/** Gives money back at Stripe. A customer's refunds come one after the other, so that never more than was paid goes out. */
@Injectable()
export class RefundFlow implements IntentHandler<Refunded>, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly stripe: StripeMoneyGateway,
    private readonly answers: OwnAnswer,
    private readonly refunds: RefundsRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /**
   * @throws PAYMENT_NOT_FOUND, PAYMENT_NOT_REFUNDABLE, PAYMENT_DISPUTED, REFUND_EXCEEDS_PAYMENT, AMOUNT_NOT_CHARGEABLE,
   * REQUEST_IN_PROGRESS, and Stripe's refusals
   */
  async refund(request: RefundRequest, actor: Actor): Promise<Refund> {
    const { paymentId, reason } = request;
    const payment = await this.unitOfWork.service((tx) => this.refunds.payment(tx, paymentId));
    if (!payment) throw paymentNotFound(paymentId);
    if (payment.provider !== 'stripe') throw boughtElsewhere(payment.provider);
    // Who repeats his own request after a lost answer goes on with it, whatever is left by now.
    const known = IdempotencyContext.current() ? await this.intents.known(dedupeKeyOf(KIND)) : null;
    const order = known ? (known.params as unknown as RefundOrder) : orderOf(payment, request.amount, reason);
    const { providerId } = await this.intents.run(
      {
        provider: 'stripe',
        kind: KIND,
        customerId: payment.customerId,
        dedupeKey: dedupeKeyOf(KIND),
        alone: true,
        params: { ...order },
      },
      actor,
      async (tx) => {
        const fresh = await this.refunds.payment(tx, paymentId);
        if (!fresh) throw paymentNotFound(paymentId);
        if (!known) orderOf(fresh, request.amount, reason);
        await this.audit.record(tx, {
          actor,
          action: 'payment.refund',
          objectType: 'payment',
          objectId: paymentId,
          customerId: payment.customerId,
          before: { refunded: fresh.refunded.toString() },
          after: { amount: order.amount, currency: payment.currency, reason },
        });
      },
    );
    this.outbox.wake();
    const refund = await this.unitOfWork.service((tx) => this.refunds.byProviderId(tx, 'stripe', providerId));
    if (!refund) throw new Error(`Refund ${providerId} was made and has no row`);
    return refund;
  }

  async call(intent: Intent, idempotencyKey: string): Promise<Refunded> {
    return toOutcome(await this.stripe.refund(intent.params as unknown as RefundOrder, intent.id, idempotencyKey));
  }

  async find(intent: Intent): Promise<Refunded | null> {
    const { paymentRef } = intent.params as unknown as RefundOrder;
    const found = await this.stripe.findRefund(paymentRef, intent.id);
    return found && toOutcome(found);
  }

  async commit(tx: Tx, intent: Intent, { answer }: Refunded): Promise<void> {
    await this.answers.apply(tx, customerOf(intent), answer.snapshot);
  }
}

/** @throws why not. */
function orderOf(payment: RefundablePayment, asked: bigint | null, reason: RefundReason): RefundOrder {
  const amount = amountToRefund(payment, asked);
  if (typeof amount !== 'bigint') throw amount;
  const charged = toStripeAmount(money(amount, parseCurrency(payment.currency)));
  return { paymentRef: payment.providerId, amount: charged.amount, reason };
}

function toOutcome(answer: AnsweredObject): Refunded {
  return { providerId: answer.providerId, outcome: {}, answer };
}
