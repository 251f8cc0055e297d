import { Injectable, type OnModuleInit } from '@nestjs/common';
import type {
  CheckoutFact,
  FactObjectType,
  InvoiceFact,
  PaymentFact,
  Stored,
  SubscriptionFact,
} from '../../shared/facts';
import type { Tx } from '../../platform/database';
import {
  FactPipeline,
  FactStoreRepository,
  type AggregateFacts,
  type FactProjection,
  type ObjectKey,
  type OwnedAggregate,
  type ProjectionResult,
} from '../../platform/facts';
import { Outbox, type DomainEvent } from '../../platform/outbox';
import { LedgerService } from '../ledger';
import { BILLING_EVENTS } from './billing.events';
import { foldInvoice, type InvoiceState } from './domain/fold-invoice';
import { foldPayment } from './domain/fold-payment';
import { invoiceJournal } from './domain/invoice-journal';
import type { Effects } from './effects';
import { InvoicesRepository, type MirroredInvoice } from './invoices.repository';
import { PaymentsRepository } from './payments.repository';
import { SubscriptionProjection } from './subscription-projection.service';

/** Makes subscriptions, invoices, payments and all that follows from them out of facts. */
@Injectable()
export class BillingProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['subscription', 'invoice', 'payment', 'checkout'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly store: FactStoreRepository,
    private readonly subscriptions: SubscriptionProjection,
    private readonly invoices: InvoicesRepository,
    private readonly payments: PaymentsRepository,
    private readonly ledger: LedgerService,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, facts: AggregateFacts): Promise<ProjectionResult> {
    const effects: Effects = { events: [], readAgain: [] };
    const touched = new Set<string>();
    for (const object of facts.objects) {
      const { key, facts: all } = object;
      if (key.objectType === 'invoice') {
        const subscriptionRef = await this.projectInvoice(tx, facts, object, effects);
        if (subscriptionRef) touched.add(subscriptionRef);
      } else if (key.objectType === 'payment') {
        await this.projectPayment(tx, facts, key, all as Stored<PaymentFact>[]);
      } else if (key.objectType === 'checkout') {
        await this.projectCheckout(tx, all as Stored<CheckoutFact>[], effects);
      } else {
        touched.add(key.objectId);
      }
    }
    // Last: a subscription's grace depends on its invoices, whichever of the two was told first.
    await this.projectSubscriptions(tx, facts, [...touched], effects);
    await this.outbox.append(tx, effects.events);
    return { readAgain: effects.readAgain };
  }

  private async projectSubscriptions(
    tx: Tx,
    facts: AggregateFacts,
    refs: readonly string[],
    effects: Effects,
  ): Promise<void> {
    const told = new Map(
      facts.objects
        .filter(({ key }) => key.objectType === 'subscription')
        .map(({ key, facts: all }) => [key.objectId, all as Stored<SubscriptionFact>[]]),
    );
    const provider = facts.objects[0]?.key.provider ?? 'stripe';
    const missing = refs.filter((ref) => !told.has(ref));
    const keys = missing.map((objectId): ObjectKey => ({ provider, objectType: 'subscription', objectId }));
    for (const fact of await this.store.ofObjects(tx, keys)) {
      if (fact.objectType !== 'subscription') continue;
      told.set(fact.objectId, [...(told.get(fact.objectId) ?? []), fact]);
    }
    for (const [objectId, own] of told) await this.subscriptions.project(tx, facts, objectId, own, effects);
  }

  /** @returns the subscription it is for. */
  private async projectInvoice(
    tx: Tx,
    owner: OwnedAggregate,
    { key, facts, fresh }: AggregateFacts['objects'][number],
    effects: Effects,
  ): Promise<string | null> {
    const state = foldInvoice(facts as readonly Stored<InvoiceFact>[]);
    if (!state) return null;
    if (state.undecided) effects.readAgain.push(key);
    const mirrored = await this.invoices.mirror(tx, key.provider, key.objectId, owner.customerId, state);
    const identity = { invoiceId: mirrored.id, providerRef: key.objectId, customerId: owner.customerId };
    await this.ledger.post(tx, invoiceJournal(state, identity));
    effects.events.push(...invoiceEvents(state, mirrored, owner.customerId, fresh as readonly Stored<InvoiceFact>[]));
    return state.payload.subscriptionRef;
  }

  private async projectPayment(
    tx: Tx,
    owner: OwnedAggregate,
    key: ObjectKey,
    facts: readonly Stored<PaymentFact>[],
  ): Promise<void> {
    const state = foldPayment(facts);
    if (state) await this.payments.mirror(tx, key.provider, key.objectId, owner.customerId, state);
  }

  /** A completed checkout whose subscription nobody has told us of is asked for: its own event may be lost. */
  private async projectCheckout(tx: Tx, facts: readonly Stored<CheckoutFact>[], effects: Effects): Promise<void> {
    const made = facts.find((fact) => fact.payload.status === 'complete' && fact.payload.subscriptionRef !== null);
    const objectId = made?.payload.subscriptionRef;
    if (!made || !objectId) return;
    const key: ObjectKey = { provider: made.provider, objectType: 'subscription', objectId };
    if ((await this.store.aggregateOf(tx, key)) === null) effects.readAgain.push(key);
  }
}

/**
 * Payment is told when the mirror moves to paid; a declined attempt by its own fact, which is fresh once, while the invoice
 * is open. The mirror cannot tell attempts: Stripe sends the invoice's change, with the count, before the failure.
 */
function invoiceEvents(
  state: InvoiceState,
  mirrored: MirroredInvoice,
  customerId: string,
  fresh: readonly Stored<InvoiceFact>[],
): DomainEvent[] {
  const { payload, paid } = state;
  const base = { objectType: 'invoice', objectId: mirrored.id, customerId };
  const figures = { invoiceId: mirrored.id, amount: payload.amountDue, currency: payload.currency };
  const events: DomainEvent[] = [];
  if (paid && payload.status === 'paid' && mirrored.formerStatus !== 'paid') {
    events.push({ ...base, type: BILLING_EVENTS.invoicePaid, payload: figures, occurredAt: paid.at });
  }
  for (const fact of fresh) {
    if (fact.kind !== 'invoice.payment_failed' || payload.status !== 'open') continue;
    const attempt = { ...figures, attempt: fact.payload.attemptCount };
    events.push({ ...base, type: BILLING_EVENTS.paymentFailed, payload: attempt, occurredAt: fact.occurredAt });
  }
  return events;
}
