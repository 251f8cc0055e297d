import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { isAppError } from '../shared/app-error';
import { SYSTEM } from '../platform/audit';
import { ErasureFlow } from '../modules/admin';

/** Exit code 1 where he could not be erased, or something of him was still found. */
@SubCommand({
  name: 'erase',
  arguments: '<customerId>',
  description:
    'Erase a person, here and at the provider, and search the whole database for what is left; safe to repeat',
})
export class CustomersEraseCommand extends CommandRunner {
  constructor(private readonly erasures: ErasureFlow) {
    super();
  }

  async run([customerId = '']: string[], { also = [] }: { also?: string[] }): Promise<void> {
    try {
      const { erasedAt, bodies, pending, search } = await this.erasures.erase(customerId, also, SYSTEM);
      process.stdout.write(
        `${customerId} was erased at ${erasedAt.toISOString()}; ${bodies} bodies of events were let go\n`,
      );
      if (pending > 0)
        process.stdout.write(`${pending} events are on their way; their bodies go within a minute of that\n`);
      for (const { table, column, rows } of search.found)
        process.stdout.write(`left: ${table}.${column}, ${rows} rows\n`);
      const said = search.found.length === 0 ? 'nothing of him was found' : 'see above for what was found';
      process.stdout.write(`${search.columns} columns of ${search.tables} tables were searched: ${said}\n`);
      if (search.found.length > 0) process.exitCode = 1;
    } catch (error) {
      if (!isAppError(error)) throw error;
      process.stderr.write(`${error.code}: ${error.message} ${JSON.stringify(error.details)}\n`);
      process.exitCode = 1;
    }
  }

  @Option({
    flags: '--also <words...>',
    description: 'words to look for besides his e-mail, his user id and what the provider knows, e.g. a former name',
  })
  parseAlso(value: string, former: string[] = []): string[] {
    return [...former, value];
  }
}
