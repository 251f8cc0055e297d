import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { BalanceFoldRepository } from './balance-fold.repository';

/** Journal transactions to a database transaction: far below the time a statement may take. */
const BATCH = 2_000;
const MAX_BATCHES = 50;
const SWEEP_MS = 5_000;

/**
 * Folds the journal into sums per account, currency and day. Postings only append and never meet on a row; whoever reads adds
 * what has not been folded yet, so when this runs changes how fast a balance is read, and never what it is.
 */
@Injectable()
export class BalanceFold implements OnModuleInit {
  private readonly logger = new Logger(BalanceFold.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: BalanceFoldRepository,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'balance-fold', everyMs: SWEEP_MS, run: () => this.run() });
  }

  /** One bounded pass, a batch to a transaction; one process at a time. @returns journal transactions folded. */
  async run(batch = BATCH): Promise<number> {
    let total = 0;
    for (let batches = 0; batches < MAX_BATCHES; batches += 1) {
      const folded = await this.unitOfWork.service((tx) => this.foldBatch(tx, batch));
      total += folded;
      if (folded < batch) break;
    }
    return total;
  }

  /**
   * Forgets what is folded, and folds all of it again: after rows were changed by hand, or a fault of ours. Readers see the same
   * sums all the while, slower until it is done. @returns journal transactions folded; null while another process folds.
   */
  async again(report: (folded: number) => void = () => undefined): Promise<number | null> {
    const isForgotten = await this.unitOfWork.service(async (tx) => {
      if (!(await this.repository.lockMark(tx))) return false;
      await this.repository.forget(tx);
      return true;
    });
    if (!isForgotten) return null;
    for (let total = 0; ;) {
      const folded = await this.run();
      total += folded;
      if (folded === 0) return total;
      report(total);
    }
  }

  private async foldBatch(tx: Tx, limit: number): Promise<number> {
    const mark = await this.repository.lockMark(tx);
    if (!mark) return 0;
    if (!mark.isForeign) return this.repository.foldNext(tx, mark, limit);
    this.logger.warn('The database comes from another server, which counted its transactions anew: folding all again');
    await this.repository.forget(tx);
    return 0;
  }
}
