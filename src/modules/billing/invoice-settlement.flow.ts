import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import { AuditLog, type Actor } from '../../platform/audit';
import { UnitOfWork, type Tx } from '../../platform/database';
import { IdempotencyContext } from '../../platform/http';
import { OwnAnswer } from '../../platform/inbox';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../platform/intents';
import { Outbox } from '../../platform/outbox';
import type { ReadResult } from '../../providers/provider.port';
import { StripeInvoiceGateway, type InvoiceAction, type SettledInvoice } from '../../providers/stripe';
import { invoiceNotFound, invoiceNotPossible } from './billing.errors';
import { canSettle, SETTLED_AS, wordFor } from './domain/invoice-settlement';
import { PaymentGuard, type PaymentOrder } from './fraud/payment-guard.flow';
import { InvoicesRepository, type Invoice } from './invoices.repository';
import { dedupeKeyOf } from './purchase.service';

const KIND = 'invoice.settle';

type Params = InvoiceAction & { invoiceRef: string };

interface Settled extends ProviderOutcome {
  snapshot: ReadResult;
}

export interface SettlementOrder {
  what: InvoiceAction;
  actor: Actor;
  /** For the audit log. */
  note?: object;
  /** What is asked for by no request: the same key is the same settlement, however often it is asked for. */
  dedupeKey?: string;
  /** The house's own attempt: the rules that stand before customers' attempts are not asked. */
  unguarded?: boolean;
}

/** Pays, voids or gives up an invoice at Stripe; a customer's come one after the other, so that none is paid twice. */
@Injectable()
export class InvoiceSettlementFlow implements IntentHandler<Settled>, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly stripe: StripeInvoiceGateway,
    private readonly answers: OwnAnswer,
    private readonly invoices: InvoicesRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
    private readonly guard: PaymentGuard,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /**
   * @throws INVALID_STATE_TRANSITION, REQUEST_IN_PROGRESS, PAYMENT_BLOCKED, PAYMENT_FAILED, PAYMENT_METHOD_REQUIRED, and
   * Stripe's refusals.
   */
  async settle(invoice: Invoice, order: SettlementOrder): Promise<Invoice> {
    const { what, actor, dedupeKey, unguarded = false } = order;
    const key = dedupeKey ?? dedupeKeyOf(KIND);
    // Who repeats his own request after a lost answer goes on with it, whatever the invoice looks like by now.
    const isRepeatable = dedupeKey !== undefined || IdempotencyContext.current() !== undefined;
    const known = isRepeatable ? await this.intents.known(key) : null;
    if (!known) assertOpenFor(invoice, what);
    const run = (): Promise<void> => this.run(invoice, order, { key, isRepeat: known !== null });
    // Operators settle what was paid elsewhere or is given up; only a payment is an attempt.
    const isAttempt = what.action === 'pay' && !unguarded;
    await (isAttempt ? this.guard.attempt(attemptOf(invoice, what.paymentMethodRef, actor), run) : run());
    this.outbox.wake();
    return this.unitOfWork.service((tx) => this.again(tx, invoice));
  }

  private async run(
    invoice: Invoice,
    { what, actor, note }: SettlementOrder,
    { key, isRepeat }: { key: string; isRepeat: boolean },
  ): Promise<void> {
    const params: Params = { ...what, invoiceRef: invoice.providerId };
    await this.intents.run(
      {
        provider: 'stripe',
        kind: KIND,
        customerId: invoice.customerId,
        dedupeKey: key,
        alone: true,
        params: { ...params },
      },
      actor,
      async (tx) => {
        const fresh = await this.again(tx, invoice);
        if (!isRepeat) assertOpenFor(fresh, what);
        await this.audit.record(tx, {
          actor,
          action: `invoice.${what.action}`,
          objectType: 'invoice',
          objectId: fresh.id,
          customerId: fresh.customerId,
          before: { status: fresh.status, attemptCount: fresh.attemptCount },
          after: { ...what, ...note },
        });
      },
    );
  }

  async call(intent: Intent, idempotencyKey: string): Promise<Settled> {
    const { invoiceRef, ...what } = intent.params as unknown as Params;
    try {
      return toOutcome(await this.stripe.settle(invoiceRef, what, intent.id, idempotencyKey));
    } catch (error) {
      // Refused because somebody else has just done it is done.
      const done = isAppError(error) && error.code === 'PROVIDER_REFUSED' ? await this.find(intent) : null;
      if (done) return done;
      throw error;
    }
  }

  async find(intent: Intent): Promise<Settled | null> {
    const { invoiceRef, action } = intent.params as unknown as Params;
    const standing = await this.stripe.read(invoiceRef, intent.id);
    return standing.status === SETTLED_AS[action] ? toOutcome(standing) : null;
  }

  async commit(tx: Tx, intent: Intent, result: Settled): Promise<void> {
    await this.answers.apply(tx, customerOf(intent), result.snapshot);
  }

  private async again(tx: Tx, { id }: Invoice): Promise<Invoice> {
    const invoice = await this.invoices.byId(tx, id);
    if (!invoice) throw invoiceNotFound(id);
    return invoice;
  }
}

function attemptOf(invoice: Invoice, methodRef: string | null, actor: Actor): PaymentOrder {
  const { customerId, amountDue, amountPaid, currency } = invoice;
  const left = amountDue - amountPaid;
  const amount = left > 0n ? left : 0n;
  return { action: 'invoice.pay', customerId, methodRef, subscriptionRef: null, amount, currency, actor };
}

function assertOpenFor({ provider, status }: Invoice, { action }: InvoiceAction): void {
  if (provider !== 'stripe' || !canSettle(status, action)) throw invoiceNotPossible(status, wordFor(action));
}

function toOutcome({ providerId, snapshot }: SettledInvoice): Settled {
  return { providerId, outcome: {}, snapshot };
}
