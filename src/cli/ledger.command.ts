import { Command, CommandRunner } from 'nest-commander';
import { LedgerCheckCommand } from './ledger-check.command';
import { LedgerExportCommand } from './ledger-export.command';
import { LedgerRebuildCommand } from './ledger-rebuild.command';
import { LedgerRefoldCommand } from './ledger-refold.command';
import { LedgerSealCommand } from './ledger-seal.command';
import { LedgerSealsCommand } from './ledger-seals.command';
import { LedgerVerifyCommand } from './ledger-verify.command';

/** The parent of everything about the books; alone it only tells what there is. */
@Command({
  name: 'ledger',
  description: 'Work with the books',
  subCommands: [
    LedgerCheckCommand,
    LedgerExportCommand,
    LedgerSealCommand,
    LedgerSealsCommand,
    LedgerVerifyCommand,
    LedgerRebuildCommand,
    LedgerRefoldCommand,
  ],
})
export class LedgerCommand extends CommandRunner {
  run(): Promise<void> {
    this.command.outputHelp({ error: true });
    process.exitCode = 1;
    return Promise.resolve();
  }
}
