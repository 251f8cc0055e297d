import { CommandRunner, SubCommand } from 'nest-commander';
import { Sealing } from '../modules/ledger';

/** What the worker does every minute, at once. */
@SubCommand({
  name: 'seal',
  description: 'Seal what was posted: hashes over batches of the journal, each chained to the one before',
})
export class LedgerSealCommand extends CommandRunner {
  constructor(private readonly sealing: Sealing) {
    super();
  }

  async run(): Promise<void> {
    const sealed = await this.sealing.run();
    if (!sealed) {
      process.stdout.write('Another process is sealing\n');
      return;
    }
    const { seals, transactions, entries, head } = sealed;
    process.stdout.write(`${transactions} transactions with ${entries} entries sealed, in ${seals} seals\n`);
    if (head) process.stdout.write(`The last is ${head.number}: ${head.hash}\n`);
  }
}
