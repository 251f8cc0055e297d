import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { parseCurrency } from '../../../shared/currency';
import { takeSweepTurn, UnitOfWork, type Tx } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { LedgerService, revenueReleased, type JournalDraft } from '../../ledger';
import { dayBegun, earningLines, nextRelease, releasableBy } from './domain/recognition';
import { RevenueRepository, type DueInvoice, type ScheduleRow, type WrittenPosition } from './revenue.repository';

const BATCH = 200;
/** A day is released once; looking more often finds what was told late. */
const SWEEP_MS = 600_000;
/** Longer than any transaction that writes an invoice. */
const UNSETTLED_MS = 120_000;

export interface Released {
  /** Invoices looked at. */
  invoices: number;
  postings: number;
}

interface Step {
  row: ScheduleRow;
  draft: JournalDraft | null;
}

/**
 * Turns deferred revenue into income as days pass: each time the difference between what should have been released by the last
 * midnight (UTC) and what was. So it may run often, late, or many times at once, and what an upgrade, a refund, a void
 * invoice or a cancellation changes is trued up by the next run.
 */
@Injectable()
export class RevenueRelease implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: RevenueRepository,
    private readonly ledger: LedgerService,
    private readonly sweepers: Sweepers,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'revenue-release', everyMs: SWEEP_MS, run: () => this.run() });
  }

  /** All that is due, and all that was told meanwhile, a batch to a transaction. Safe on many instances. */
  async run(): Promise<Released> {
    const told = await this.inBatches((tx) => this.takeWritten(tx));
    const due = await this.inBatches((tx) => this.takeDue(tx));
    return { invoices: told.invoices + due.invoices, postings: told.postings + due.postings };
  }

  private async inBatches(take: (tx: Tx) => Promise<Released & { more: boolean }>): Promise<Released> {
    const total: Released = { invoices: 0, postings: 0 };
    for (;;) {
      const { invoices, postings, more } = await this.unitOfWork.service(take);
      total.invoices += invoices;
      total.postings += postings;
      if (!more) return total;
    }
  }

  private async takeDue(tx: Tx): Promise<Released & { more: boolean }> {
    const ids = await this.repository.due(tx, this.clock.now(), BATCH);
    const released = await this.release(tx, ids);
    // Where others hold them all, they are being done.
    return { ...released, more: ids.length === BATCH && released.invoices > 0 };
  }

  /** New invoices, and those that have changed since they were looked at: voided, refunded, paid. One process at a time. */
  private async takeWritten(tx: Tx): Promise<Released & { more: boolean }> {
    const turn = await takeSweepTurn(tx, 'revenue-release', async (position) => {
      const rows = await this.repository.written(tx, positionOf(position), BATCH);
      const released = await this.release(
        tx,
        rows.flatMap(({ id, isNew }) => (isNew ? [id] : [])),
      );
      const last = rows.at(-1);
      const settled = this.clock.wall().getTime() - UNSETTLED_MS;
      // What was written just now may have an older neighbour that is not committed yet: it is passed once more.
      const next = last && last.at.getTime() < settled ? textOf(last) : position;
      return { position: next, result: { ...released, more: rows.length === BATCH && next !== position } };
    });
    return turn ?? { invoices: 0, postings: 0, more: false };
  }

  private async release(tx: Tx, invoiceIds: readonly string[]): Promise<Released> {
    const now = this.clock.now();
    const locked = await this.repository.lock(tx, invoiceIds);
    const steps = (await this.repository.load(tx, locked)).map((invoice) => stepOf(invoice, now));
    const drafts = steps.flatMap(({ draft }) => draft ?? []);
    await this.ledger.post(tx, drafts);
    await this.repository.save(
      tx,
      steps.map(({ row }) => row),
    );
    return { invoices: steps.length, postings: drafts.length };
  }
}

function positionOf(text: string): WrittenPosition {
  const [at = '', id = ''] = text.split(' ');
  return { at: new Date(at === '' ? 0 : at), id };
}

function textOf({ at, id }: WrittenPosition): string {
  return `${at.toISOString()} ${id}`;
}

/** Pure. */
function stepOf(invoice: DueInvoice, now: Date): Step {
  const { invoiceId, customerId, status, deferred, released, refunded, ended, postings } = invoice;
  const lines = earningLines(invoice.lines, invoice.net);
  const closed = status === 'void' || refunded || ended;
  const at = dayBegun(now);
  const amount = releasableBy({ lines, deferred, closed }, at) - released;
  const draft = revenueReleased({
    ...{ invoiceId, customerId, amount, number: postings + 1, occurredAt: at },
    currency: parseCurrency(invoice.currency),
  });
  return {
    draft,
    row: {
      ...{ invoiceId, customerId },
      released: (released + amount).toString(),
      postings: postings + (draft ? 1 : 0),
      nextAt: closed ? null : nextRelease(lines, at),
    },
  };
}
