import { Module } from '@nestjs/common';
import { BalanceFoldRepository } from './balances/balance-fold.repository';
import { BalanceFold } from './balances/balance-fold.service';
import { BalancesCheck } from './balances/balances-check.repository';
import { ExportRepository } from './exports/export.repository';
import { ExportsController } from './exports/exports.controller';
import { LedgerExports } from './exports/ledger-exports.service';
import { JournalCheck } from './integrity/journal-check.service';
import { LedgerChecks } from './integrity/ledger-checks';
import { PostingsCheck } from './integrity/postings-check.repository';
import { SealChain } from './integrity/seal-chain.service';
import { SealFileCheck } from './integrity/seal-file-check.service';
import { Sealing } from './integrity/sealing.service';
import { SealsRepository } from './integrity/seals.repository';
import { JournalRepository } from './journal.repository';
import { LedgerController } from './ledger.controller';
import { LedgerService } from './ledger.service';
import { AccountStatements } from './reads/account-statement.service';
import { BalancesRepository } from './reads/balances.repository';
import { LedgerStreamRepository } from './reads/ledger-stream.repository';

@Module({
  controllers: [LedgerController, ExportsController],
  providers: [
    JournalRepository,
    LedgerService,
    LedgerStreamRepository,
    BalancesRepository,
    BalanceFoldRepository,
    BalanceFold,
    BalancesCheck,
    AccountStatements,
    ExportRepository,
    LedgerExports,
    SealsRepository,
    Sealing,
    SealChain,
    JournalCheck,
    PostingsCheck,
    LedgerChecks,
    SealFileCheck,
  ],
  exports: [LedgerService, LedgerExports, BalanceFold, Sealing, SealChain, LedgerChecks, SealFileCheck],
})
export class LedgerModule {}
