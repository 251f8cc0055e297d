import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Alerts } from '../../platform/alerts';
import { UnitOfWork, type Tx } from '../../platform/database';
import type { JournalDraft } from './domain/journal';
import { JournalRepository, type CreditBalance } from './journal.repository';
import { BalancesRepository, type AccountBalance } from './reads/balances.repository';

/** The books: posts what templates made, each once. */
@Injectable()
export class LedgerService implements OnApplicationBootstrap {
  private readonly logger = new Logger(LedgerService.name);

  constructor(
    private readonly journal: JournalRepository,
    private readonly balancesAt: BalancesRepository,
    private readonly alerts: Alerts,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** New templates may bring new accounts with a release. */
  async onApplicationBootstrap(): Promise<void> {
    await this.ensureAccounts().catch((error: unknown) => {
      // PostgreSQL may still be starting; a posting to an account that is missing fails and is tried again.
      this.logger.warn(`The chart of accounts was not written: ${String(error)}`);
    });
  }

  ensureAccounts(): Promise<void> {
    return this.unitOfWork.service((tx) => this.journal.ensureAccounts(tx));
  }

  /** In the caller's transaction. The same key with other content is a break: nothing is posted, an alert is raised. */
  async post(tx: Tx, drafts: readonly JournalDraft[]): Promise<void> {
    for (const idempotencyKey of await this.journal.post(tx, drafts)) {
      await this.alerts.raise(tx, {
        kind: 'ledger.break',
        severity: 'critical',
        causeKey: `ledger.break:${idempotencyKey}`,
        message: `The posting ${idempotencyKey} was met again with other content`,
        details: { idempotencyKey },
      });
    }
  }

  /** What every account stands at now, per currency. */
  balances(tx: Tx): Promise<AccountBalance[]> {
    return this.balancesAt.asOf(tx, null, null);
  }

  /** A customer's credit, per currency, where it is not zero. */
  creditOf(tx: Tx, customerId: string): Promise<CreditBalance[]> {
    return this.journal.creditOf(tx, customerId);
  }
}
