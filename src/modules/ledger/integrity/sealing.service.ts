import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { Alerts } from '../../../platform/alerts';
import { takeSweepTurn, UnitOfWork, type Tx } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { nextRanges, SealDraft, type NextRange, type SealHead } from './domain/seal-plan';
import type { Seal } from './domain/seal';
import { SealsRepository } from './seals.repository';

const SWEEP_MS = 60_000;
/** Some tens of milliseconds, well below a statement's time-out. */
const BATCH = 1_000;
/** Small enough to die young: a batch that is read at once makes the process grow by 120 MiB. */
const PAGE = 100;
/** So long a writer's transaction may last; the pool's own end after seconds. */
const OVERDUE_MS = 3_600_000;

export interface Sealed {
  seals: number;
  transactions: number;
  entries: number;
  /** The last of the chain; null where nothing was ever sealed. */
  head: Seal | null;
}

/**
 * Seals what was posted, batch by batch: who changes a sealed row must forge every seal after it, and those that were carried
 * elsewhere he cannot reach. docs/decisions/0022 says how a batch is chosen.
 */
@Injectable()
export class Sealing implements OnModuleInit {
  private readonly logger = new Logger(Sealing.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: SealsRepository,
    private readonly alerts: Alerts,
    private readonly sweepers: Sweepers,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'ledger-seal', everyMs: SWEEP_MS, run: () => this.run() });
  }

  /**
   * All that can be sealed now, a batch to a transaction: what is cut short goes on where it stood. One process at a time.
   * @returns null while another process is at it.
   */
  async run(batch = BATCH): Promise<Sealed | null> {
    const total: Sealed = { seals: 0, transactions: 0, entries: 0, head: null };
    for (;;) {
      const turn = await this.unitOfWork.service((tx) => this.turn(tx, batch));
      if (!turn) return null;
      const { sealed, head } = turn;
      total.head = sealed ?? head.last;
      if (!sealed) return total;
      total.seals += 1;
      total.transactions += sealed.transactions;
      total.entries += sealed.entries;
      // The service's log is a copy of the chain that who can write the tables may not reach.
      this.logger.log(`Seal ${sealed.number} over ${sealed.transactions} transactions: ${sealed.hash}`);
    }
  }

  private turn(tx: Tx, batch: number): Promise<{ sealed: Seal | null; head: SealHead } | null> {
    return takeSweepTurn(tx, 'ledger-seal', async () => {
      const head = await this.repository.head(tx);
      const sealed = await this.sealNext(tx, head, batch);
      if (!sealed) await this.alertOnOverdue(tx, head);
      return { position: String(sealed?.number ?? head.last?.number ?? ''), result: { sealed, head } };
    });
  }

  private async sealNext(tx: Tx, head: SealHead, batch: number): Promise<Seal | null> {
    const horizon = await this.repository.horizon(tx);
    for (const range of nextRanges(head)) {
      const draft = await this.draftOf(tx, range, horizon, batch);
      const seal = draft.end(head, this.clock.wall());
      if (!seal) continue;
      await this.repository.insert(tx, seal);
      return seal;
    }
    return null;
  }

  /** Page by page: what lies below the horizon stays as it is. */
  private async draftOf(tx: Tx, range: NextRange, horizon: bigint, batch: number): Promise<SealDraft> {
    const draft = new SealDraft(range.afterSeq);
    while (draft.transactions < batch) {
      const limit = Math.min(PAGE, batch - draft.transactions);
      const after = draft.last ?? range.after;
      const rows = await this.repository.next(tx, { ...range, after }, horizon, limit);
      for (const row of rows) draft.add(row);
      if (rows.length < limit) break;
    }
    return draft;
  }

  /** A transaction left open anywhere in the cluster that has written something, or a prepared one, holds the horizon back. */
  private async alertOnOverdue(tx: Tx, head: SealHead): Promise<void> {
    const { transactions, oldestRecordedAt } = await this.repository.unsealed(tx, lastRange(head));
    const overdue = oldestRecordedAt !== null && this.clock.wall().getTime() - oldestRecordedAt.getTime() > OVERDUE_MS;
    const causeKey = 'ledger.unsealed';
    await this.alerts.resolveOthers(tx, causeKey, overdue ? [causeKey] : []);
    if (!overdue) return;
    await this.alerts.raise(tx, {
      kind: causeKey,
      severity: 'warning',
      causeKey,
      message:
        'Postings have waited for more than an hour to be sealed: an old transaction is open (pg_stat_activity, pg_prepared_xacts)',
      details: { transactions, oldestRecordedAt: oldestRecordedAt.toISOString() },
    });
  }
}

function lastRange(head: SealHead): NextRange {
  return nextRanges(head).at(-1) ?? { afterSeq: 0n, after: { xactId: 0n, seq: 0n }, throughSeq: null };
}
