import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database';
import { AttemptsRepository } from './attempts.repository';
import { CasesRepository, type Reminder } from './cases.repository';
import type { DunningCase } from './dunning-case';
import type { RecoveryAttempt } from './recovery-attempt';

export interface RecoveryHistory {
  case: DunningCase;
  attempts: RecoveryAttempt[];
  reminders: Reminder[];
}

/** Cases for the modules above. */
@Injectable()
export class RecoveryCases {
  constructor(
    private readonly cases: CasesRepository,
    private readonly attempts: AttemptsRepository,
  ) {}

  /** All that was done about an invoice; null where nothing had to be. */
  async ofInvoice(tx: Tx, invoiceId: string): Promise<RecoveryHistory | null> {
    const one = await this.cases.ofInvoice(tx, invoiceId);
    if (!one) return null;
    const attempts = await this.attempts.ofCase(tx, one.id);
    return { case: one, attempts, reminders: await this.cases.reminders(tx, one.id) };
  }

  /** An attempt that somebody has to look after. */
  linkTicket(tx: Tx, attemptId: string, ticketId: string): Promise<void> {
    return this.attempts.linkTicket(tx, attemptId, ticketId);
  }
}
