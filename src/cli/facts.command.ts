import { Command, CommandRunner, SubCommand } from 'nest-commander';
import { MirrorInvariant } from '../modules/billing';

/** What the sweeper does round and round, at once and to the end; changes nothing. */
@SubCommand({
  name: 'verify',
  description: 'Refold every object from its facts and compare it with its mirror row; exit code 1 where one differs',
})
export class FactsVerifyCommand extends CommandRunner {
  constructor(private readonly invariant: MirrorInvariant) {
    super();
  }

  async run(): Promise<void> {
    let objects = 0;
    let last = '';
    const checked = await this.invariant.checkEach(({ provider, providerId, column, actual, expected }) => {
      const object = `${provider} ${providerId}`;
      const said =
        column === 'id' ? 'has no mirror row' : `${column} is ${text(actual)}, its facts say ${text(expected)}`;
      process.stdout.write(`${object}: ${said}\n`);
      // Those of one object come one after the other.
      if (object !== last) objects += 1;
      last = object;
    });
    process.stdout.write(
      `${checked} objects refolded, ${objects === 0 ? 'all as their rows say' : `${objects} differ`}\n`,
    );
    if (objects > 0) process.exitCode = 1;
  }
}

/** The parent of everything about stored facts. */
@Command({ name: 'facts', description: 'Work with stored facts', subCommands: [FactsVerifyCommand] })
export class FactsCommand extends CommandRunner {
  run(): Promise<void> {
    this.command.outputHelp({ error: true });
    process.exitCode = 1;
    return Promise.resolve();
  }
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
