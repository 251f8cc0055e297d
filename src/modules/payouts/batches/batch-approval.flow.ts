import { Injectable } from '@nestjs/common';
import { isAppError } from '../../../shared/app-error';
import { Clock } from '../../../shared/clock';
import { UnitOfWork } from '../../../platform/database';
import { PayoutApproveFlow } from '../payout-approve.flow';
import type { PayoutActor } from '../payout-record.service';
import { batchNotFound } from './batches.errors';
import { BatchesRepository, type ApprovableLine, type LineError } from './batches.repository';
import { toLineError } from './batch-worker.flow';

export interface ApprovedLine extends ApprovableLine {
  /** The payout's; null where it was not approved. */
  status: string | null;
  error: LineError | null;
}

export interface BatchApproval {
  lines: ApprovedLine[];
  /** To go on behind it; null where no line is left. */
  afterLine: number | null;
}

/** No request is kept waiting for longer. */
const PATIENCE_MS = 15_000;
const LINES_AT_ONCE = 100;

/** Approves what a file has brought, payout by payout: each by its own limits, and never by who sent the file. */
@Injectable()
export class BatchApprovalFlow {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly batches: BatchesRepository,
    private readonly payouts: PayoutApproveFlow,
    private readonly clock: Clock,
  ) {}

  /**
   * As many as can be approved in one request; lines that wait for nobody are left out. Twice by the same person is once.
   * @param afterLine where to go on in the file.
   * @throws PAYOUT_BATCH_NOT_FOUND.
   */
  async approve(batchId: string, afterLine: number, actor: PayoutActor): Promise<BatchApproval> {
    const open = await this.unitOfWork.service(async (tx) => {
      if (!(await this.batches.byId(tx, batchId))) throw batchNotFound(batchId);
      return this.batches.approvable(tx, batchId, afterLine, LINES_AT_ONCE + 1);
    });
    const until = this.clock.wall().getTime() + PATIENCE_MS;
    const lines: ApprovedLine[] = [];
    for (const line of open.slice(0, LINES_AT_ONCE)) {
      if (lines.length > 0 && this.clock.wall().getTime() > until) break;
      lines.push(await this.approved(line, actor));
    }
    return { lines, afterLine: lines.length < open.length ? (lines.at(-1)?.number ?? null) : null };
  }

  private async approved(line: ApprovableLine, actor: PayoutActor): Promise<ApprovedLine> {
    try {
      const { status } = await this.payouts.approve(line.payoutId, { acceptQuoteId: null }, actor);
      return { ...line, status, error: null };
    } catch (error) {
      if (!isAppError(error)) throw error;
      return { ...line, status: null, error: toLineError(error) };
    }
  }
}
