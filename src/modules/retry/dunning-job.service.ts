import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { Outbox } from '../../platform/outbox';
import { Sweepers } from '../../platform/queue';
import { CaseDerivationRepository, type DeclinedPosition } from './case-derivation.repository';
import { DunningCases } from './dunning-cases.service';
import { DunningWorker, NO_PROGRESS, type Progress } from './dunning-worker.service';

const PAGE = 500;
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

  /** @param report after each page and batch, with all so far. */
  async run(report: (run: DunningRun) => void = () => undefined): Promise<DunningRun> {
    const run: DunningRun = { ...NO_PROGRESS, opened: 0 };
    run.opened = await this.openMissing((opened) => {
      report({ ...run, opened });
    });
    Object.assign(
      run,
      await this.worker.drain((progress) => {
        report({ ...run, ...progress });
      }),
    );
    run.attempts = await this.worker.chargeDue();
    // What was charged is planned on.
    const after = await this.worker.drain();
    for (const name of ['cases', 'reminders', 'scheduled', 'calls'] as const) run[name] += after[name];
    return run;
  }

  private async openMissing(report: (opened: number) => void = () => undefined): Promise<number> {
    let opened = 0;
    for (let from: DeclinedPosition = { provider: '', ref: '' }; ;) {
      const page = await this.unitOfWork.service(async (tx) => {
        const found = await this.repository.missing(tx, from, PAGE);
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
