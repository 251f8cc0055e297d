import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { CheckoutFact, FactObjectType, InvoiceFact, Stored, SubscriptionFact } from '../../shared/facts';
import { AppConfig } from '../../platform/config';
import type { Tx } from '../../platform/database';
import {
  FactPipeline,
  FactStoreRepository,
  objectKeyText,
  type FactProjection,
  type ObjectKey,
  type ReadAgain,
  type TouchedObject,
} from '../../platform/facts';
import { Outbox, type DomainEvent } from '../../platform/outbox';
import { collectorOf, LedgerService, type JournalDraft } from '../ledger';
import { BILLING_EVENTS } from './billing.events';
import { RedemptionsRepository } from './discounts/redemptions.repository';
import type { InvoiceState } from './domain/fold-invoice';
import { foldSubscription } from './domain/fold-subscription';
import { invoiceJournal } from './domain/invoice-journal';
import { paymentJournal } from './domain/payment-journal';
import type { Effects } from './effects';
import { INVOICE_MIRROR } from './mirrors/invoice.mirror';
import type { MirroredRow } from './mirrors/mirror-rows.repository';
import { MirroredObjects } from './mirrors/mirrored-objects.service';
import { PAYMENT_MIRROR } from './mirrors/payment.mirror';
import type { TouchedMoney } from './money-back.repository';
import { SubscriptionAccess, type AffectedSubscription } from './subscription-access.service';

/** Makes subscriptions, invoices, payments and all that follows from them out of facts. */
@Injectable()
export class BillingProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['subscription', 'invoice', 'payment', 'checkout'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly store: FactStoreRepository,
    private readonly access: SubscriptionAccess,
    private readonly mirrors: MirroredObjects,
    private readonly ledger: LedgerService,
    private readonly outbox: Outbox,
    private readonly redemptions: RedemptionsRepository,
    private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const effects: Effects = { events: [], readAgain: [] };
    const ofType = (type: FactObjectType): TouchedObject[] => objects.filter(({ key }) => key.objectType === type);
    const graced = await this.projectInvoices(tx, ofType('invoice'), effects);
    await this.projectPayments(tx, ofType('payment'), effects);
    await this.projectCheckouts(tx, ofType('checkout'), effects);
    const refunded = await this.access.behind(tx, objects.flatMap(moneyOf));
    // Last: a subscription's access depends on its invoices and their money, whichever of them was told first.
    const told = ofType('subscription').map((object) => ({
      ...object,
      facts: object.facts as readonly Stored<SubscriptionFact>[],
    }));
    await this.access.project(tx, told, [...graced, ...refunded], effects);
    await this.outbox.append(tx, effects.events);
    return effects.readAgain;
  }

  isUndecided(objectType: FactObjectType, facts: readonly Stored[]): boolean {
    switch (objectType) {
      case 'subscription':
        return foldSubscription(facts as Stored<SubscriptionFact>[])?.undecided ?? true;
      case 'invoice':
        return INVOICE_MIRROR.isUndecided(facts);
      case 'payment':
        return PAYMENT_MIRROR.isUndecided(facts);
      default:
        return false;
    }
  }

  /** @returns the subscriptions whose grace may hang on them, with their owners. */
  private async projectInvoices(
    tx: Tx,
    objects: readonly TouchedObject[],
    effects: Effects,
  ): Promise<AffectedSubscription[]> {
    const { mirrored, readAgain } = await this.mirrors.write(tx, INVOICE_MIRROR, objects);
    effects.readAgain.push(...readAgain);
    const drafts: JournalDraft[] = [];
    const graced: AffectedSubscription[] = [];
    for (const { object, state, row } of mirrored) {
      const { customerId, aggregate, fresh } = object;
      const { provider, objectId: providerRef } = object.key;
      const identity = { invoiceId: row.id, providerRef, customerId, provider: collectorOf(provider) };
      drafts.push(...invoiceJournal(state, identity));
      effects.events.push(...invoiceEvents(state, row, customerId, fresh as Stored<InvoiceFact>[]));
      // An invoice that no attempt has failed on never touches its subscription's grace.
      const objectId = state.payload.subscriptionRef;
      if (objectId === null || state.firstFailedAt === null) continue;
      graced.push({ key: { provider, objectType: 'subscription', objectId }, customerId, aggregate });
    }
    await this.ledger.post(tx, drafts);
    return graced;
  }

  private async projectPayments(tx: Tx, objects: readonly TouchedObject[], effects: Effects): Promise<void> {
    const { mirrored, readAgain } = await this.mirrors.write(tx, PAYMENT_MIRROR, objects);
    effects.readAgain.push(...readAgain);
    const drafts = mirrored.flatMap(({ object: { key, customerId }, state, row }) => {
      const { provider, objectId: providerRef } = key;
      const identity = { paymentId: row.id, providerRef, customerId, provider: collectorOf(provider) };
      return paymentJournal(state, identity, this.config.storeCommission);
    });
    await this.ledger.post(tx, drafts);
  }

  /**
   * A completed checkout whose subscription nobody has told us of is asked for: its own event may be lost. One that was
   * left unpaid frees the discount it holds.
   */
  private async projectCheckouts(tx: Tx, objects: readonly TouchedObject[], effects: Effects): Promise<void> {
    const made = new Map<string, ReadAgain>();
    const unpaid: string[] = [];
    for (const { aggregate, facts, key } of objects) {
      for (const { payload } of facts as readonly Stored<CheckoutFact>[]) {
        if (payload.status === 'expired' && payload.intentId !== null) unpaid.push(payload.intentId);
        const objectId = payload.status === 'complete' ? payload.subscriptionRef : null;
        if (objectId === null) continue;
        const subscription: ObjectKey = { provider: key.provider, objectType: 'subscription', objectId };
        made.set(objectKeyText(subscription), { key: subscription, aggregate });
      }
    }
    const known = await this.store.aggregatesOf(
      tx,
      [...made.values()].map(({ key }) => key),
    );
    for (const [text, again] of made) if (!known.has(text)) effects.readAgain.push(again);
    await this.redemptions.release(tx, unpaid);
  }
}

function moneyOf({ key, aggregate }: TouchedObject): TouchedMoney[] {
  const { provider, objectType, objectId } = key;
  if (objectType === 'payment') return [{ provider, aggregate, paymentRef: objectId, invoiceRef: null }];
  if (objectType === 'invoice') return [{ provider, aggregate, paymentRef: null, invoiceRef: objectId }];
  return [];
}

/**
 * Payment is told when the mirror moves to paid; a declined attempt by its own fact, which is fresh once, while the invoice
 * is open. The mirror cannot tell attempts: Stripe sends the invoice's change, with the count, before the failure.
 */
function invoiceEvents(
  state: InvoiceState,
  { id, formerStatus }: MirroredRow,
  customerId: string,
  fresh: readonly Stored<InvoiceFact>[],
): DomainEvent[] {
  const { payload, paid } = state;
  const base = { objectType: 'invoice', objectId: id, customerId };
  const figures = { invoiceId: id, amount: payload.amountDue, currency: payload.currency };
  const events: DomainEvent[] = [];
  if (paid && payload.status === 'paid' && formerStatus !== 'paid') {
    events.push({ ...base, type: BILLING_EVENTS.invoicePaid, payload: figures, occurredAt: paid.at });
  }
  for (const fact of fresh) {
    if (fact.kind !== 'invoice.payment_failed' || payload.status !== 'open') continue;
    const attempt = { ...figures, attempt: fact.payload.attemptCount };
    events.push({ ...base, type: BILLING_EVENTS.paymentFailed, payload: attempt, occurredAt: fact.occurredAt });
  }
  return events;
}
