import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Alerts } from '../../platform/alerts';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { BILLING_EVENTS, type Subscription } from '../billing';
import { DoublePayments } from '../iap';
import { priorityOf } from './domain/priority-rules';
import { SupportTickets } from './support-tickets.service';

const CODE = 'double_payment';

/** Who pays at two places for what one would do gets it back from a person: one ticket for the same two subscriptions, ever. */
@Injectable()
export class DoublePaymentsConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'double-payments';
  readonly types = [BILLING_EVENTS.subscriptionUpdated, BILLING_EVENTS.entitlementsUpdated];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly doubles: DoublePayments,
    private readonly tickets: SupportTickets,
    private readonly alerts: Alerts,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle({ customerId, occurredAt }: StoredDomainEvent): Promise<void> {
    if (customerId === null) return;
    await this.unitOfWork.service(async (tx) => {
      for (const { key, pair } of await this.doubles.of(tx, customerId)) {
        await this.flag(tx, { customerId, key, pair, at: occurredAt.toISOString() });
      }
    });
  }

  private async flag(
    tx: Tx,
    { customerId, key, pair, at }: { customerId: string; key: string; pair: readonly Subscription[]; at: string },
  ): Promise<void> {
    const providers = pair.map(({ provider }) => provider).join(' and ');
    const details = { subscriptions: pair.map(figuresOf) };
    const causeKey = `${CODE}:${key}`;
    const opened = await this.tickets.open(tx, {
      ...{ type: 'store_purchase', priority: priorityOf('store_purchase', CODE), causeKey, details },
      summary: `A customer pays twice, by ${providers}: one of the two is to be canceled, and given back`,
      // By the two themselves: however often either is told of, it is met once.
      occurrence: { id: key, at, code: CODE },
      ...{ eventId: null, customerId, paymentId: null, subscriptionId: pair[1]?.id ?? null },
    });
    if (!opened) return;
    await this.alerts.raise(tx, {
      ...{ kind: 'iap.double_payment', severity: 'warning', causeKey },
      message: `A customer pays for two subscriptions, by ${providers}`,
      details: { customerId, ...details },
    });
  }
}

function figuresOf({ id, provider, plan, amount, currency, currentPeriodEnd }: Subscription): object {
  const renewsAt = currentPeriodEnd.toISOString();
  return { subscriptionId: id, provider, plan: plan.code, amount: Number(amount), currency, renewsAt };
}
