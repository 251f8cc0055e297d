import { Module } from '@nestjs/common';
import { JournalRepository } from './journal.repository';
import { LedgerController } from './ledger.controller';
import { LedgerService } from './ledger.service';

@Module({ controllers: [LedgerController], providers: [JournalRepository, LedgerService], exports: [LedgerService] })
export class LedgerModule {}
