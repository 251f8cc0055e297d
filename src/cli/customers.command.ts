import { Command, CommandRunner } from 'nest-commander';
import { CustomersEraseCommand } from './customers-erase.command';

/** The parent of everything about customers; alone it only tells what there is. */
@Command({ name: 'customers', description: 'Work with customers', subCommands: [CustomersEraseCommand] })
export class CustomersCommand extends CommandRunner {
  run(): Promise<void> {
    this.command.outputHelp({ error: true });
    process.exitCode = 1;
    return Promise.resolve();
  }
}
