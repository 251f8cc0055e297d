import { Module } from '@nestjs/common';
import { StripeModule } from '../../providers/stripe';
import { CustomersModule } from '../customers';
import { BooksRepository } from './books.repository';
import { BreakDesk } from './break-desk.service';
import { ReconcileCronController } from './reconcile-cron.controller';
import { ReconciliationBreaksRepository } from './reconciliation-breaks.repository';
import { ReconciliationLinesRepository } from './reconciliation-lines.repository';
import { ReconciliationRuns } from './reconciliation-runs.service';
import { ReconciliationRunsRepository } from './reconciliation-runs.repository';
import { ReconciliationController } from './reconciliation.controller';
import { ReconciliationFlow } from './reconciliation.flow';
import { StatementSources } from './statement-sources';

@Module({
  imports: [StripeModule, CustomersModule],
  controllers: [ReconciliationController, ReconcileCronController],
  providers: [
    StatementSources,
    ReconciliationRunsRepository,
    ReconciliationLinesRepository,
    ReconciliationBreaksRepository,
    BooksRepository,
    BreakDesk,
    ReconciliationFlow,
    ReconciliationRuns,
  ],
  exports: [ReconciliationFlow, ReconciliationRuns],
})
export class ReconciliationModule {}
