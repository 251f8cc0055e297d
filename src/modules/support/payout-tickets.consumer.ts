import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { PAYOUT_EVENTS } from '../payouts';
import { priorityOf } from './domain/priority-rules';
import { SupportTickets } from './support-tickets.service';

interface Told {
  payoutId: string;
  status: string;
  amount: number;
  currency: string;
  failureCode: string | null;
}

const SUMMARY: Readonly<Record<string, string>> = {
  [PAYOUT_EVENTS.failed]: 'A payout was not paid for: whoever waits for it has to be told, or it is prepared anew',
  [PAYOUT_EVENTS.bounced]: "A payout came back from the beneficiary's bank: the account may be wrong",
  [PAYOUT_EVENTS.charged_back]: 'A payout was charged back',
  [PAYOUT_EVENTS.requires_manual_funding]: "A payout waits to be paid for by a person in the provider's own pages",
};

/** Payouts that do not go by themselves any more wait for a person. */
@Injectable()
export class PayoutTicketsConsumer implements OutboxConsumer, OnModuleInit {
  readonly name = 'payout-tickets';
  readonly types = Object.keys(SUMMARY);

  constructor(
    private readonly outbox: Outbox,
    private readonly unitOfWork: UnitOfWork,
    private readonly tickets: SupportTickets,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
  }

  async handle(told: StoredDomainEvent): Promise<void> {
    const { payoutId, status, amount, currency, failureCode } = told.payload as unknown as Told;
    await this.unitOfWork.service((tx) =>
      this.tickets.open(tx, {
        ...{ type: 'payout', priority: priorityOf('payout', status), causeKey: `payout:${payoutId}:${status}` },
        summary: SUMMARY[told.type] ?? '',
        details: { payoutId, status, amount, currency, failureCode },
        occurrence: { id: told.id, at: told.occurredAt.toISOString(), code: told.type },
        ...{ eventId: null, customerId: told.customerId, paymentId: null },
      }),
    );
  }
}
