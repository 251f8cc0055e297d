import { setTimeout } from 'node:timers/promises';
import { Command, CommandRunner, Option } from 'nest-commander';
import { parseInstant } from '../shared/instant';
import { isAppError } from '../shared/app-error';
import { SYSTEM } from '../platform/audit';
import { UnitOfWork } from '../platform/database';
import { ReconciliationFlow, ReconciliationRuns, type Progress } from '../modules/reconciliation';

const LOOK_AGAIN_MS = 1_000;

interface ReconcileOptions {
  from?: Date;
  to?: Date;
}
type BegunRun = Awaited<ReturnType<ReconciliationRuns['begin']>>;

/** Begins the runs, or joins them where they are under way already, and carries them out here. */
@Command({
  name: 'reconcile',
  description: "Compare the providers' statements with the books; exit code 1 where they differ",
})
export class ReconcileCommand extends CommandRunner {
  constructor(
    private readonly runs: ReconciliationRuns,
    private readonly flow: ReconciliationFlow,
    private readonly unitOfWork: UnitOfWork,
  ) {
    super();
  }

  async run(_arguments: string[], { from, to }: ReconcileOptions): Promise<void> {
    if ((from === undefined) !== (to === undefined)) throw new Error('--from and --to belong together');
    try {
      const begun = await this.unitOfWork.service((tx) =>
        from && to ? this.runs.beginAll(tx, { from, to }, SYSTEM) : this.runs.beginLast(tx, SYSTEM),
      );
      if (begun.length === 0) process.stdout.write('No provider is configured whose statement could be read\n');
      for (const run of begun) await this.carryOut(run);
    } catch (error) {
      if (!isAppError(error)) throw error;
      process.stderr.write(`${error.code}: ${error.message} ${JSON.stringify(error.details)}\n`);
      process.exitCode = 1;
    }
  }

  private async carryOut({ id, provider, from, to }: BegunRun): Promise<void> {
    process.stdout.write(`${provider} from ${from.toISOString()} to ${to.toISOString()}: ${id}\n`);
    let phase = '';
    const progress: Progress = (_, cursor) => {
      if (cursor.phase !== phase) process.stdout.write(`  ${cursor.phase}\n`);
      phase = cursor.phase;
    };
    const ended = await this.end(id, progress);
    if (!ended?.counts) {
      const { code, message } = ended?.errorContext ?? { code: 'UNEXPECTED', message: 'The run is gone' };
      process.stdout.write(
        `  broke off: ${code}: ${message}${ended?.status === 'running' ? '; it is tried again' : ''}\n`,
      );
      process.exitCode = 1;
      return;
    }
    const { providerLines, bookLines, foreign, breaks, unresolved } = ended.counts;
    process.stdout.write(
      `  ${providerLines} movements there, ${bookLines} here, ${foreign} not ours; ${breaks} breaks, ${unresolved} unresolved\n`,
    );
    for (const { day, currency, provider: there, books } of ended.totals ?? []) {
      if (there.net === books.net && there.fee === books.fee) continue;
      process.stdout.write(`  ${day} ${currency}: net ${there.net} there, ${books.net} here\n`);
    }
    if (unresolved > 0) process.exitCode = 1;
  }

  /** A worker may have been quicker: then his end is waited for. */
  private async end(id: string, progress: Progress): Promise<BegunRun | null> {
    for (;;) {
      const worked = await this.flow.work(id, progress);
      const run = worked ?? (await this.unitOfWork.service((tx) => this.runs.byId(tx, id)));
      if (run?.status !== 'running' || run.errorContext) return run;
      await setTimeout(LOOK_AGAIN_MS);
    }
  }

  @Option({ flags: '--from <time>', description: 'begin of the window, default seven days ago; ISO 8601' })
  parseFrom(value: string): Date {
    return instantOf('--from', value);
  }

  @Option({ flags: '--to <time>', description: 'its end, not within it, default the last midnight (UTC); ISO 8601' })
  parseTo(value: string): Date {
    return instantOf('--to', value);
  }
}

function instantOf(flag: string, value: string): Date {
  const instant = parseInstant(value);
  if (!instant) throw new Error(`${flag} must be an ISO 8601 date or time`);
  return instant;
}
