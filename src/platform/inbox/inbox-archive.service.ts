import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { Pool } from 'pg';
import { AppConfig } from '../config';
import { PG_POOL, UnitOfWork, type Tx } from '../database';
import { Metrics } from '../metrics';
import { Sweepers } from '../queue';

const SWEEP_MS = 60_000;
const BATCH = 500;
/** A pass is bounded; what is left is the next one's. */
const MAX_BATCHES = 20;

/**
 * Moves the bodies of handled rows out of the hot table into months that can be let go. The rows and their keys stay for
 * good, so that a redelivery years later is still a duplicate. What failed keeps its body: somebody is to look at it.
 */
@Injectable()
export class InboxArchive implements OnModuleInit {
  private readonly logger = new Logger(InboxArchive.name);
  private readonly archived;

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: AppConfig,
    private readonly sweepers: Sweepers,
    metrics: Metrics,
  ) {
    this.archived = metrics.counter({
      name: 'kassa_inbox_archived_total',
      help: 'Bodies of handled inbox rows moved to the archive',
    });
  }

  onModuleInit(): void {
    this.sweepers.register({ name: 'inbox-archive', everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** Moves what is old enough, and lets go of the months beyond the retention. @returns how many bodies were moved. */
  async sweep(): Promise<number> {
    let moved = 0;
    for (let batches = 0; batches < MAX_BATCHES; batches += 1) {
      await this.prepare();
      const some = await this.unitOfWork.service((tx) => this.move(tx));
      moved += some;
      if (some < BATCH) break;
    }
    this.archived.inc(moved);
    await this.forget();
    return moved;
  }

  /** Apart from the move: making a month locks the archive for a moment, which the move must not hold. */
  private async prepare(): Promise<void> {
    await this.pool.query(
      `SELECT kassa_archive.prepare(due.received_at) FROM (
         SELECT DISTINCT date_trunc('month', received_at, 'UTC') AS received_at
         FROM (SELECT received_at FROM inbox_events WHERE ${DUE} ORDER BY handled_at LIMIT $2) oldest) due`,
      [this.config.inbox.archiveAfterDays, BATCH],
    );
  }

  /** Two statements: the row's own trigger looks whether the archive has the body, and sees what is written before it. */
  private async move(tx: Tx): Promise<number> {
    const days = this.config.inbox.archiveAfterDays;
    const rows = await tx.$queryRaw<{ id: string }[]>`
      WITH due AS (
        SELECT id FROM inbox_events
        WHERE handled_at IS NOT NULL AND raw_body IS NOT NULL AND status <> 'failed'
          AND handled_at < statement_timestamp() - make_interval(days => ${days}::int)
        ORDER BY handled_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
      kept AS (
        INSERT INTO kassa_archive.inbox_bodies (id, received_at, raw_body)
        SELECT e.id, e.received_at, e.raw_body FROM inbox_events e JOIN due USING (id)
        ON CONFLICT (received_at, id) DO NOTHING)
      SELECT id FROM due`;
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    return tx.$executeRaw`
      UPDATE inbox_events SET raw_body = NULL, archived_at = statement_timestamp() WHERE id = ANY (${ids})`;
  }

  private async forget(): Promise<void> {
    const months = this.config.inbox.retentionMonths;
    if (months === 0) return;
    const { rows } = await this.pool.query<{ month: string }>(
      'SELECT kassa_archive.forget_before(statement_timestamp() - make_interval(months => $1)) AS month',
      [months],
    );
    for (const { month } of rows)
      this.logger.log(`The inbox bodies of ${month} are beyond the retention and were let go`);
  }
}

const DUE = `handled_at IS NOT NULL AND raw_body IS NOT NULL AND status <> 'failed'
  AND handled_at < statement_timestamp() - make_interval(days => $1)`;
