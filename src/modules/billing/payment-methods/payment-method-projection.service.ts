import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, PaymentMethodFact, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import { BILLING_EVENTS } from '../billing.events';
import { foldColumns } from '../domain/fold-object';
import { MirrorRows, type MirrorColumns, type OwnedObject } from '../mirror-rows.repository';
import { changeOf, foldPaymentMethod, isAttached, type PaymentMethodState } from './domain/fold-payment-method';
import { ExpiredInvoicesRepository } from './expired-invoices.repository';

interface Folded {
  object: TouchedObject;
  state: PaymentMethodState;
}

/**
 * Payment methods. What becomes of one is told on, with the invoices that wait for a good card: dunning tries them again at
 * once, whether the customer has added a card or the network has renewed his.
 */
@Injectable()
export class PaymentMethodProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['payment_method'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly rows: MirrorRows,
    private readonly invoices: ExpiredInvoicesRepository,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const folded = objects.flatMap((object): Folded[] => {
      const state = foldPaymentMethod(object.facts as readonly Stored<PaymentMethodFact>[]);
      return state ? [{ object, state }] : [];
    });
    const written = await this.rows.write(
      tx,
      'payment_method',
      folded.map(({ object, state }) => paymentMethodRow(object, state)),
    );
    await this.tell(tx, folded, (ref) => written.get(ref)?.id);
    return folded.flatMap(({ object: { key, aggregate }, state }) => (state.undecided ? [{ key, aggregate }] : []));
  }

  isUndecided(_: FactObjectType, facts: readonly Stored[]): boolean {
    return foldPaymentMethod(facts as readonly Stored<PaymentMethodFact>[])?.undecided ?? true;
  }

  private async tell(tx: Tx, folded: readonly Folded[], idOf: (ref: string) => string | undefined): Promise<void> {
    const changed = folded.flatMap(({ object, state }) => {
      const facts = object.facts as readonly Stored<PaymentMethodFact>[];
      const change = changeOf(facts, object.fresh as readonly Stored<PaymentMethodFact>[]);
      return change ? [{ object, state, change }] : [];
    });
    const usable = changed.flatMap(({ object, change }) => (change === 'detached' ? [] : [object.customerId]));
    const waiting = await this.invoices.ofCustomers(tx, [...new Set(usable)]);
    const events = changed.map(({ object: { key, customerId }, state, change }): DomainEvent => {
      const { payload, facts } = state;
      const id = idOf(`${key.provider}:${key.objectId}`);
      if (id === undefined) throw new Error('An upsert returned no row');
      const { type, expMonth, expYear } = payload;
      const expiredInvoiceIds = change === 'detached' ? [] : (waiting.get(customerId) ?? []);
      return {
        type: BILLING_EVENTS.paymentMethodUpdated,
        objectType: 'payment_method',
        objectId: id,
        customerId,
        payload: {
          ...{ paymentMethodId: id, provider: key.provider, methodRef: key.objectId, type, change },
          ...{ expMonth, expYear, expiredInvoiceIds },
        },
        occurredAt: facts.at(-1)?.occurredAt ?? new Date(payload.createdAt),
      };
    });
    await this.outbox.append(tx, events);
  }
}

export function paymentMethodRow({ key, customerId }: OwnedObject, state: PaymentMethodState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    status: isAttached(p) ? 'attached' : 'detached',
    type: p.type,
    brand: p.brand,
    last4: p.last4,
    exp_month: p.expMonth,
    exp_year: p.expYear,
    country: p.country,
    bank_name: p.bankName,
    created_at: p.createdAt,
    ...foldColumns(state),
  };
}
