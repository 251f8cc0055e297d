import { Module, type DynamicModule } from '@nestjs/common';
import { ReconciliationModule } from '../reconciliation';
import { FailedEventsRepository } from './failed-events.repository';
import { FraudReviewConsumer } from './fraud-review.consumer';
import { ReconciliationBreaksConsumer } from './reconciliation-breaks.consumer';
import { MoneyTicketsConsumer } from './money-tickets.consumer';
import { PaymentsOfTicketsRepository } from './payments-of-tickets.repository';
import { InboxFailedConsumer } from './inbox-failed.consumer';
import { SupportTickets } from './support-tickets.service';
import { SupportController } from './support.controller';
import { TicketDesk } from './ticket-desk.service';
import { TicketNotesRepository } from './ticket-notes.repository';
import { TicketRetries } from './ticket-retries.service';
import { TicketRetriesRepository } from './ticket-retries.repository';
import { TicketTimelineRepository } from './ticket-timeline.repository';
import { TicketWatch } from './ticket-watch.service';
import { TicketMetrics } from './ticket-metrics.service';
import { TicketsRepository } from './tickets.repository';

@Module({})
export class SupportModule {
  /** @param webhooks the very module the application has: made twice, it would be another one, with workers of its own. */
  static register(webhooks: DynamicModule): DynamicModule {
    return {
      module: SupportModule,
      imports: [webhooks, ReconciliationModule],
      controllers: [SupportController],
      providers: [
        TicketsRepository,
        FailedEventsRepository,
        SupportTickets,
        InboxFailedConsumer,
        MoneyTicketsConsumer,
        PaymentsOfTicketsRepository,
        FraudReviewConsumer,
        ReconciliationBreaksConsumer,
        TicketDesk,
        TicketMetrics,
        TicketNotesRepository,
        TicketTimelineRepository,
        TicketRetriesRepository,
        TicketRetries,
        TicketWatch,
      ],
      exports: [SupportTickets],
    };
  }
}
