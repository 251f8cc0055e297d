import { Injectable } from '@nestjs/common';
import { newId } from '../../../shared/ids';
import { Clock } from '../../../shared/clock';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { OwnAnswer } from '../../../platform/inbox';
import { Intents, type Intent } from '../../../platform/intents';
import { StripeInvoiceGateway } from '../../../providers/stripe';
import { invoiceNotFound, subscriptionNotFound } from '../billing.errors';
import type { EndAction, EndInvoice } from '../catalog/domain/dunning-policy';
import { InvoiceSettlementFlow } from '../invoice-settlement.flow';
import { InvoicesRepository, type Invoice } from '../invoices.repository';
import { SubscriptionUpdateFlow } from '../subscription-update.flow';
import { SubscriptionsRepository } from '../subscriptions.repository';
import { InvoiceTakeoverFlow, type Takeover } from './invoice-takeover.flow';

/** One charge of an open invoice. */
export interface RecoveryCharge {
  invoiceId: string;
  /** The same key is the same charge: after a crash, or a lost answer, it is gone on with. */
  key: string;
  /** The provider's id of a method; null: the one that is charged without a word. */
  methodRef: string | null;
  actor: Actor;
  note: object;
}

/** In place of the subscription that was not paid for. */
const UPDATES = { cancel: 'cancel', mark_unpaid: 'stop_collection', pause: 'pause' } as const;

/** What may be done at the provider about a renewal that was declined: the one door for whoever keeps the schedule. */
@Injectable()
export class InvoiceRecoveryFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly invoices: InvoicesRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly settlement: InvoiceSettlementFlow,
    private readonly takeovers: InvoiceTakeoverFlow,
    private readonly updates: SubscriptionUpdateFlow,
    private readonly intents: Intents,
    private readonly stripe: StripeInvoiceGateway,
    private readonly answers: OwnAnswer,
    private readonly clock: Clock,
  ) {}

  /** @throws REQUEST_IN_PROGRESS, and Stripe's failures. */
  async takeOver(invoiceId: string): Promise<Takeover> {
    return this.takeovers.takeOver(await this.invoice(invoiceId));
  }

  /**
   * Pays it as customers and operators do. No rule about customers' attempts is asked: nobody is at the till.
   * @returns the status it has then; `open` while a debit is under way.
   * @throws as `InvoiceSettlementFlow.settle`.
   */
  async charge({ invoiceId, key, methodRef, actor, note }: RecoveryCharge): Promise<Invoice['status']> {
    const what = { action: 'pay', paymentMethodRef: methodRef } as const;
    const order = { what, actor, note, dedupeKey: key, unguarded: true };
    return (await this.settlement.settle(await this.invoice(invoiceId), order)).status;
  }

  /** What is known of a charge by its key, whoever made it. */
  known(key: string): Promise<Intent | null> {
    return this.intents.known(key);
  }

  /** Reads the invoice, so that what nobody told us of is known before it is given up. */
  async lookAgain(invoiceId: string): Promise<void> {
    const { customerId, providerId } = await this.invoice(invoiceId);
    const { snapshot } = await this.stripe.read(providerId, newId('req', this.clock.wall().getTime()));
    await this.answers.take(customerId, snapshot);
  }

  /** Cancels, pauses or stops the subscription; one that has ended stays as it is. */
  async endSubscription(subscriptionId: string, action: EndAction, actor: Actor): Promise<void> {
    const subscription = await this.unitOfWork.service((tx) => this.subscriptions.byId(tx, subscriptionId));
    if (!subscription) throw subscriptionNotFound();
    if (subscription.status === 'canceled' || subscription.status === 'paused') return;
    await this.updates.run(subscription, {
      update: { action: UPDATES[action] },
      actor,
      note: { reason: 'dunning' },
      check: () => undefined,
      dedupeKey: `dunning.${action}:${subscription.providerId}:${subscription.currentPeriodStart.toISOString()}`,
    });
  }

  /** Goes on collecting for a subscription that was marked unpaid, once what it owed is paid. */
  async resumeSubscription(subscriptionId: string, actor: Actor, key: string): Promise<void> {
    const subscription = await this.unitOfWork.service((tx) => this.subscriptions.byId(tx, subscriptionId));
    if (!subscription) throw subscriptionNotFound();
    if (subscription.status === 'canceled') return;
    await this.updates.run(subscription, {
      update: { action: 'resume_collection' },
      actor,
      note: { reason: 'dunning' },
      check: () => undefined,
      dedupeKey: key,
    });
  }

  /** Makes it void, or gives it up; one that is settled stays as it is. */
  async settle(invoiceId: string, action: EndInvoice, actor: Actor, key: string): Promise<void> {
    const invoice = await this.invoice(invoiceId);
    if (invoice.status !== 'open') return;
    await this.settlement.settle(invoice, { what: { action }, actor, note: { reason: 'dunning' }, dedupeKey: key });
  }

  private async invoice(id: string): Promise<Invoice> {
    const invoice = await this.unitOfWork.service((tx) => this.invoices.byId(tx, id));
    if (!invoice) throw invoiceNotFound(id);
    return invoice;
  }
}
