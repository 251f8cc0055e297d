import { Module } from '@nestjs/common';
import { AppleModule } from '../../providers/apple';
import { StripeModule } from '../../providers/stripe';
import { WiseModule } from '../../providers/wise';
import { BillingModule } from '../billing';
import { CustomersModule } from '../customers';
import { LedgerModule } from '../ledger';
import { BooksRepository } from './books.repository';
import { BreakDesk } from './break-desk.service';
import { InvariantsRepository } from './invariants/invariants.repository';
import { LedgerInvariants } from './invariants/ledger-invariants.service';
import { InvoicesCheck } from './proof/invoices-check.repository';
import { LedgerVerification } from './proof/ledger-verification.service';
import { MirrorCheck } from './proof/mirror-check.service';
import { ProofController } from './proof/proof.controller';
import { ReconcileCronController } from './reconcile-cron.controller';
import { ReconciliationBreaksRepository } from './reconciliation-breaks.repository';
import { ReconciliationLinesRepository } from './reconciliation-lines.repository';
import { ReconciliationRuns } from './reconciliation-runs.service';
import { ReconciliationRunsRepository } from './reconciliation-runs.repository';
import { ReconciliationController } from './reconciliation.controller';
import { ReconciliationFlow } from './reconciliation.flow';
import { StatementSources } from './statement-sources';

@Module({
  imports: [StripeModule, AppleModule, WiseModule, CustomersModule, BillingModule, LedgerModule],
  controllers: [ReconciliationController, ReconcileCronController, ProofController],
  providers: [
    StatementSources,
    ReconciliationRunsRepository,
    ReconciliationLinesRepository,
    ReconciliationBreaksRepository,
    BooksRepository,
    BreakDesk,
    ReconciliationFlow,
    ReconciliationRuns,
    InvariantsRepository,
    LedgerInvariants,
    InvoicesCheck,
    MirrorCheck,
    LedgerVerification,
  ],
  exports: [BreakDesk, ReconciliationFlow, ReconciliationRuns, LedgerVerification, LedgerInvariants],
})
export class ReconciliationModule {}
