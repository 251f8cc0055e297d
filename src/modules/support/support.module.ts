import { Module, type DynamicModule } from '@nestjs/common';
import { BillingModule } from '../billing';
import { IapModule } from '../iap';
import { ReconciliationModule } from '../reconciliation';
import { CasesController } from './cases/cases.controller';
import { CaseFilesRepository } from './cases/case-files.repository';
import { CaseFiles } from './cases/case-files.service';
import { FailedEventsRepository } from './failed-events.repository';
import { FraudReviewConsumer } from './fraud-review.consumer';
import { ReconciliationBreaksConsumer } from './reconciliation-breaks.consumer';
import { DoublePaymentsConsumer } from './double-payments.consumer';
import { KnownProductsConsumer } from './known-products.consumer';
import { OwnershipConflictsConsumer } from './ownership-conflicts.consumer';
import { DunningTicketsConsumer } from './dunning-tickets.consumer';
import { DunningTicketsRepository } from './dunning-tickets.repository';
import { MoneyTicketsConsumer } from './money-tickets.consumer';
import { PaymentsOfTicketsRepository } from './payments-of-tickets.repository';
import { InboxFailedConsumer } from './inbox-failed.consumer';
import { SupportTickets } from './support-tickets.service';
import { SupportController } from './support.controller';
import { TicketDesk } from './ticket-desk.service';
import { TicketNotesRepository } from './ticket-notes.repository';
import { TicketRetries } from './ticket-retries.service';
import { TicketRetriesRepository } from './ticket-retries.repository';
import { PayoutTicketsConsumer } from './payout-tickets.consumer';
import { TicketTimelineRepository } from './ticket-timeline.repository';
import { TicketWatch } from './ticket-watch.service';
import { TicketMetrics } from './ticket-metrics.service';
import { TicketsRepository } from './tickets.repository';

@Module({})
export class SupportModule {
  /** @param modules the very ones the application has: made twice, they would be others, with workers of their own. */
  static register(...modules: readonly DynamicModule[]): DynamicModule {
    return {
      module: SupportModule,
      imports: [...modules, BillingModule, IapModule, ReconciliationModule],
      controllers: [SupportController, CasesController],
      providers: [
        TicketsRepository,
        FailedEventsRepository,
        SupportTickets,
        InboxFailedConsumer,
        MoneyTicketsConsumer,
        PayoutTicketsConsumer,
        PaymentsOfTicketsRepository,
        FraudReviewConsumer,
        DoublePaymentsConsumer,
        OwnershipConflictsConsumer,
        KnownProductsConsumer,
        ReconciliationBreaksConsumer,
        DunningTicketsRepository,
        DunningTicketsConsumer,
        TicketDesk,
        TicketMetrics,
        TicketNotesRepository,
        TicketTimelineRepository,
        TicketRetriesRepository,
        TicketRetries,
        TicketWatch,
        CaseFilesRepository,
        CaseFiles,
      ],
      exports: [SupportTickets],
    };
  }
}
