import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { canonicalJson } from '../shared/canonical-json';
import { AppConfig } from '../platform/config';
import { MigrationError } from '../platform/database/migrate';
import { rebuild, ScratchError, scratchLogins, type Difference, type Rebuilt } from '../verify';
import { parseScratchUrl } from './scratch-url';

const SHOWN = 50;
const VALUE_CHARS = 160;
/** Nothing was proved: not that the books are what the facts say, nor that they are not. */
const NOT_REBUILT = 2;
/** As the shell tells it of a process that a signal ended: 128 and the number of SIGINT. */
const INTERRUPTED_CODE = 130;

/** The database is only read; all that is written is in a scratch database. */
@SubCommand({
  name: 'rebuild',
  description:
    'Make the books anew from the facts, in a scratch database, and compare them line by line. Exit code 0: the same, 1: not the same, 2: it could not be told',
})
export class LedgerRebuildCommand extends CommandRunner {
  constructor(private readonly config: AppConfig) {
    super();
  }

  async run(_: string[], { scratchUrl }: { scratchUrl?: string }): Promise<void> {
    const stop = new AbortController();
    const interrupt = (): void => {
      stop.abort();
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      await this.rebuild(stop.signal, scratchUrl);
    } catch (error) {
      process.exitCode = stop.signal.aborted ? INTERRUPTED_CODE : NOT_REBUILT;
      if (stop.signal.aborted) return;
      if (!(error instanceof ScratchError || error instanceof MigrationError)) throw error;
      process.stderr.write(`${error.message}\n`);
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  }

  @Option({
    flags: '--scratch-url <url>',
    description: 'where a database may be made; default: beside the database, by the login of MIGRATE_DATABASE_URL',
  })
  parseScratchUrl(value: string): string {
    return parseScratchUrl(value);
  }

  private async rebuild(signal: AbortSignal, scratchUrl = this.config.migrateDatabaseUrl): Promise<void> {
    let shown = 0;
    const result = await rebuild({
      environment: process.env,
      databaseUrl: this.config.databaseUrl,
      logins: scratchLogins(scratchUrl, this.config.databaseUrl),
      onProgress: (line) => process.stderr.write(`${line}\n`),
      onDifference: (difference) => {
        shown += 1;
        if (shown <= SHOWN) process.stdout.write(textOf(difference));
      },
      signal,
    });
    process.stdout.write(summaryOf(result));
    process.exitCode = result.differences > 0 ? 1 : 0;
  }
}

function textOf({ table, key, expected, actual }: Difference): string {
  return `${table} ${key}\n  rebuilt  ${valueOf(expected)}\n  here     ${valueOf(actual)}\n`;
}

function valueOf(value: Difference['expected']): string {
  const text = value === null ? 'no such row' : canonicalJson(value);
  return text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS)}…` : text;
}

function summaryOf({ facts, compared, due, differences }: Rebuilt): string {
  const rows = Object.entries(compared).map(([table, count]) => `${count} ${table.replaceAll('_', ' ')}`);
  const left = due > 0 ? `Not compared: what has been released of ${due} invoices, whose next release is due\n` : '';
  const more = differences > SHOWN ? `and ${differences - SHOWN} more\n` : '';
  const verdict = differences === 0 ? 'The same.' : `Not the same: ${differences} differences`;
  return `${more}${facts} facts told again; compared: ${rows.join(', ')}\n${left}${verdict}\n`;
}
