import { Command, CommandRunner } from 'nest-commander';
import { Clock } from '../shared/clock';
import { DunningJob, type DunningRun } from '../modules/retry';

/** A line so often, and one at the end. */
const REPORT_MS = 2_000;

/** Safe beside the workers and beside itself: rows are claimed. */
@Command({ name: 'dunning', description: 'Remind, retry and end what is due of declined renewals' })
export class DunningCommand extends CommandRunner {
  constructor(
    private readonly job: DunningJob,
    private readonly clock: Clock,
  ) {
    super();
  }

  async run(): Promise<void> {
    let reported = this.clock.wall().getTime();
    const run = await this.job.run((progress) => {
      const now = this.clock.wall().getTime();
      if (now - reported < REPORT_MS) return;
      reported = now;
      process.stdout.write(`  ${textOf(progress)}\n`);
    });
    process.stdout.write(`${textOf(run)}\n`);
  }
}

function textOf({ opened, cases, reminders, scheduled, attempts, calls }: DunningRun): string {
  return (
    `${opened} cases opened, ${cases} looked at, ${reminders} reminders, ${scheduled} retries planned, ` +
    `${attempts} due, ${calls} taken over or ended`
  );
}
