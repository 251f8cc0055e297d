import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { BILLING_EVENTS } from '../billing';
import { disputePriority } from './domain/dispute-priority';
import { priorityOf } from './domain/priority-rules';
import { PaymentsOfTicketsRepository } from './payments-of-tickets.repository';
import { SupportTickets, type NewTicket } from './support-tickets.service';

interface MoneyPayload {
  provider: string;
  paymentRef: string;
  amount: number;
  currency: string;
  status: string;
  reason: string;
}
type RefundPayload = MoneyPayload & { refundId: string };
type DisputePayload = MoneyPayload & { disputeId: string; evidenceDueBy: string | null };
interface ConcernPayload {
  provider: string;
  concernRef: string;
  paymentRef: string;
  concern: string;
  open: boolean;
  reason: string;
}

type Cause = Pick<NewTicket, 'type' | 'priority' | 'causeKey' | 'summary' | 'details' | 'dueBy'>;

/** Disputes to be answered, refunds that came back, and payments somebody thinks are fraud: all of them wait for a person. */
@Injectable()
export class MoneyTicketsConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'money-tickets';
  readonly types = [BILLING_EVENTS.disputeUpdated, BILLING_EVENTS.refundUpdated, BILLING_EVENTS.paymentConcern];

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly payments: PaymentsOfTicketsRepository,
    private readonly tickets: SupportTickets,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(told: StoredDomainEvent): Promise<void> {
    const cause = causeOf(told);
    if (cause) await this.unitOfWork.service((tx) => this.open(tx, told, cause));
  }

  private async open(tx: Tx, told: StoredDomainEvent, cause: Cause): Promise<void> {
    const { provider, paymentRef } = told.payload as unknown as MoneyPayload;
    await this.tickets.open(tx, {
      ...cause,
      occurrence: { id: told.id, at: told.occurredAt.toISOString(), code: told.type },
      eventId: null,
      customerId: told.customerId,
      paymentId: await this.payments.idOf(tx, provider, paymentRef),
    });
  }
}

/** Null where nobody has to do anything. */
function causeOf({ type, payload, occurredAt }: StoredDomainEvent): Cause | null {
  switch (type) {
    case BILLING_EVENTS.disputeUpdated: {
      const { disputeId, status, reason, amount, currency, evidenceDueBy } = payload as unknown as DisputePayload;
      if (status !== 'needs_response' && status !== 'warning_needs_response') return null;
      return {
        type: 'dispute',
        priority: disputePriority(status, evidenceDueBy, occurredAt),
        causeKey: `dispute:${disputeId}`,
        summary: `A payment is disputed as ${reason}: evidence is due by ${evidenceDueBy ?? 'no given day'}`,
        details: { disputeId, status, reason, amount, currency, evidenceDueBy },
        dueBy: evidenceDueBy === null ? null : new Date(evidenceDueBy),
      };
    }
    case BILLING_EVENTS.refundUpdated: {
      const { refundId, status, amount, currency } = payload as unknown as RefundPayload;
      if (status !== 'failed') return null;
      return {
        type: 'refund_failure',
        priority: priorityOf('refund_failure', status),
        causeKey: `refund:${refundId}`,
        summary: 'A refund has come back: the customer has not got his money',
        details: { refundId, amount, currency },
      };
    }
    default: {
      const { concernRef, concern, open, reason } = payload as unknown as ConcernPayload;
      if (!open) return null;
      return {
        type: 'fraud_review',
        priority: priorityOf('fraud_review', concern),
        causeKey: `payment_concern:${concernRef}`,
        summary:
          concern === 'fraud_warning'
            ? `The issuer thinks a payment is fraud (${reason}): refunded now, it does not become a dispute`
            : `A payment is up for review (${reason})`,
        details: { concern, concernRef, reason },
      };
    }
  }
}
