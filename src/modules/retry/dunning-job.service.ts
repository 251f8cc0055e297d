import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { Outbox } from '../../platform/outbox';
import { Sweepers } from '../../platform/queue';
import { CaseDerivationRepository, type DeclinedPosition } from './case-derivation.repository';
import { DunningCases } from './dunning-cases.service';
import { DunningWorker, NO_PROGRESS, type Progress } from './dunning-worker.service';

/** So many subscriptions at a time are a few statements and some megabytes. */
const PAGE = 200;
const MISSING_MS = 600_000;

export interface DunningRun extends Progress {
  /** Declined renewals that had no case, and have one now. */
  opened: number;
}

/**
 * All that dunning has to do now: opens cases nobody has told of, plans what is due, and charges it. Runs on many instances
 * at once, because rows are claimed; a run that was killed leaves nothing that the next one does not find.
 */
@Injectable()
export class DunningJob implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: CaseDerivationRepository,
    private readonly cases: DunningCases,
    private readonly worker: DunningWorker,
    private readonly outbox: Outbox,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'dunning-missing', everyMs: MISSING_MS, run: () => this.openMissing() });
  }

  /** @param report after each page, with all so far. @param page as many as are here at once, however many there are. */
  async run(report: (run: DunningRun) => void = () => undefined, page = PAGE): Promise<DunningRun> {
    const run: DunningRun = { ...NO_PROGRESS, opened: 0 };
    run.opened = await this.openMissing((opened) => {
      report({ ...run, opened });
    }, page);
    await this.drainInto(run, report, page);
    run.attempts = await this.worker.chargeDue((attempts) => {
      report({ ...run, attempts });
    }, page);
    // What was charged is planned on.
    await this.drainInto(run, report, page);
    return run;
  }

  private async drainInto(run: DunningRun, report: (run: DunningRun) => void, page: number): Promise<void> {
    const before = { ...run };
    const added = (progress: Progress): void => {
      for (const name of ['cases', 'reminders', 'scheduled', 'calls'] as const)
        run[name] = before[name] + progress[name];
    };
    const all = await this.worker.drain((progress) => {
      added(progress);
      report({ ...run });
    }, page);
    added(all);
  }

  private async openMissing(report: (opened: number) => void = () => undefined, limit = PAGE): Promise<number> {
    let opened = 0;
    for (let from: DeclinedPosition = { provider: '', ref: '' }; ;) {
      const page = await this.unitOfWork.service(async (tx) => {
        const found = await this.repository.missing(tx, from, limit);
        return { last: found.last, opened: await this.cases.derive(tx, found.ids) };
      });
      if (page.last === null) return opened;
      opened += page.opened;
      from = page.last;
      report(opened);
      this.outbox.wake();
    }
  }
}
