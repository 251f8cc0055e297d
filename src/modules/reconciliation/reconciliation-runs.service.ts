import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { AuditLog, SYSTEM, type Actor } from '../../platform/audit';
import { takeSweepTurn, UnitOfWork, type Tx } from '../../platform/database';
import { invalidInput } from '../../platform/http';
import { Sweepers } from '../../platform/queue';
import { dailyWindow, MAX_WINDOW_DAYS, windowDays } from './domain/window';
import { ReconciliationFlow } from './reconciliation.flow';
import { ReconciliationRunsRepository, type Run } from './reconciliation-runs.repository';
import { StatementSources } from './statement-sources';

/** What is due is taken up so soon. */
const WORK_MS = 5_000;
/** A day is begun once; looking more often finds it sooner. */
const DAILY_MS = 600_000;

export interface RunRequest {
  provider: Provider;
  /** Inclusive. */
  from: Date;
  /** Exclusive. */
  to: Date;
}

/** Which windows are gone through: by request, and each day the last ones. */
@Injectable()
export class ReconciliationRuns implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly runs: ReconciliationRunsRepository,
    private readonly sources: StatementSources,
    private readonly flow: ReconciliationFlow,
    private readonly audit: AuditLog,
    private readonly sweepers: Sweepers,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'reconciliation-runs', everyMs: WORK_MS, run: () => this.flow.workOne() });
    this.sweepers.register({ name: 'reconciliation-daily', everyMs: DAILY_MS, run: () => this.beginDay() });
  }

  /**
   * The run of that window that is under way, or a new one; workers carry it out.
   * @throws INVALID_INPUT, PROVIDER_NOT_CONFIGURED
   */
  async begin(tx: Tx, { provider, from, to }: RunRequest, actor: Actor): Promise<Run> {
    this.sources.of(provider);
    if (from >= to) throw invalidInput([{ field: 'to', message: 'must be after from' }]);
    if (to > this.clock.now()) throw invalidInput([{ field: 'to', message: 'must not be in the future' }]);
    if (windowDays(from, to) > MAX_WINDOW_DAYS) {
      throw invalidInput([{ field: 'from', message: `must be at most ${MAX_WINDOW_DAYS} days before to` }]);
    }
    const { run, isNew } = await this.runs.begin(tx, provider, from, to);
    if (!isNew) return run;
    await this.audit.record(tx, {
      ...{ actor, action: 'reconciliation.run', objectType: 'reconciliation_run', objectId: run.id, customerId: null },
      after: { provider, from: from.toISOString(), to: to.toISOString() },
    });
    return run;
  }

  byId(tx: Tx, id: string): Promise<Run | null> {
    return this.runs.byId(tx, id);
  }

  /** The last days with every provider that is on. */
  beginLast(tx: Tx, actor: Actor): Promise<Run[]> {
    return this.beginAll(tx, dailyWindow(this.clock.now()), actor);
  }

  /** A window with every provider that is on. @throws INVALID_INPUT */
  async beginAll(tx: Tx, window: Omit<RunRequest, 'provider'>, actor: Actor): Promise<Run[]> {
    const begun: Run[] = [];
    for (const { provider } of this.sources.on()) begun.push(await this.begin(tx, { provider, ...window }, actor));
    return begun;
  }

  /** Once a day, by whichever process comes first. */
  private async beginDay(): Promise<void> {
    const day = this.clock.now().toISOString().slice(0, 10);
    await this.unitOfWork.service((tx) =>
      takeSweepTurn(tx, 'reconciliation-daily', async (position) => {
        if (position < day) await this.beginLast(tx, SYSTEM);
        return { position: position < day ? day : position, result: null };
      }),
    );
  }
}
