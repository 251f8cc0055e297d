import { CommandRunner, SubCommand } from 'nest-commander';
import { LedgerInvariants, maySettle } from '../modules/reconciliation';

/** What the worker looks at again and again, now and for every invoice; alerts are raised and resolved as it does. */
@SubCommand({
  name: 'check',
  description: 'Check what the books promise at any moment. Exit code 0: it holds, 1: it does not',
})
export class LedgerCheckCommand extends CommandRunner {
  constructor(private readonly invariants: LedgerInvariants) {
    super();
  }

  async run(): Promise<void> {
    const broken = await this.invariants.runAll();
    const lines = broken.map(
      (each) =>
        `${each.invariant}: ${each.message}${maySettle(each) ? ' (events under way may still settle it)' : ''}\n`,
    );
    process.stdout.write(broken.length === 0 ? 'All that the books promise holds.\n' : lines.join(''));
    process.exitCode = broken.length === 0 ? 0 : 1;
  }
}
