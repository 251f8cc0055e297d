import { Injectable } from '@nestjs/common';
import { BalancesCheck } from '../balances/balances-check.repository';
import { JournalCheck } from './journal-check.service';
import type { LedgerCheck } from './ledger-check';
import { PostingsCheck } from './postings-check.repository';

/** All that the books alone can prove. What needs the modules above is in `reconciliation/proof`. */
@Injectable()
export class LedgerChecks {
  readonly all: readonly LedgerCheck[];

  constructor(journal: JournalCheck, postings: PostingsCheck, balances: BalancesCheck) {
    this.all = [journal, postings, balances];
  }
}
