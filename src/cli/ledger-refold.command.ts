import { CommandRunner, SubCommand } from 'nest-commander';
import { BalanceFold } from '../modules/ledger';

/** Safe while the service runs: balances are the journal's whether they are folded or not. */
@SubCommand({
  name: 'refold',
  description:
    'Forget the folded balances and fold them anew from the journal, where verify says that a day_balance differs',
})
export class LedgerRefoldCommand extends CommandRunner {
  constructor(private readonly fold: BalanceFold) {
    super();
  }

  async run(): Promise<void> {
    const folded = await this.fold.again((total) => process.stderr.write(`${total} transactions\n`));
    if (folded === null) {
      process.stderr.write('Another process is folding; try again in a moment\n');
      process.exitCode = 1;
      return;
    }
    process.stdout.write(`${folded} transactions folded anew\n`);
  }
}
