import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { isAppError } from '../shared/app-error';
import { parseInstant } from '../shared/instant';
import { FORMATS, LedgerExports, REPORTS, type ExportRequest } from '../modules/ledger';
import { isFileFault } from './file-fault';

type ExportOptions = Partial<ExportRequest> & { out?: string };

/** The same files as over HTTP, for who has the database and no token. */
@SubCommand({ name: 'export', description: 'Write the journal, the trial balance or a statement, as of one moment' })
export class LedgerExportCommand extends CommandRunner {
  constructor(private readonly exports: LedgerExports) {
    super();
  }

  async run(_: string[], { out, ...options }: ExportOptions): Promise<void> {
    try {
      const file = await this.exports.open({ report: 'journal', format: 'csv', ...options });
      const to = out === undefined ? process.stdout : createWriteStream(out, { flags: 'wx' });
      try {
        await pipeline(Readable.from(file.chunks, { objectMode: false }), to, { end: out !== undefined });
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isAppError(error)) process.stderr.write(`${error.code}: ${error.message}\n`);
      else if (isFileFault(error)) process.stderr.write(`${error.message}\n`);
      else throw error;
      process.exitCode = 1;
    }
  }

  @Option({ flags: '--report <report>', description: `default journal: ${REPORTS.join(', ')}` })
  parseReport(value: string): ExportRequest['report'] {
    return oneOf('--report', value.replace('-', '_'), REPORTS);
  }

  @Option({ flags: '--format <format>', description: `default csv: ${FORMATS.join(', ')} (the journal only)` })
  parseFormat(value: string): ExportRequest['format'] {
    return oneOf('--format', value, FORMATS);
  }

  @Option({ flags: '--from <time>', description: 'what happened at or after; ISO 8601' })
  parseFrom(value: string): Date {
    return instantOf('--from', value);
  }

  @Option({ flags: '--to <time>', description: 'what happened before; ISO 8601' })
  parseTo(value: string): Date {
    return instantOf('--to', value);
  }

  @Option({ flags: '--account <code>', description: 'of a statement' })
  parseAccount(value: string): string {
    return value;
  }

  @Option({ flags: '--currency <currency>', description: 'of a statement' })
  parseCurrency(value: string): string {
    return value.toUpperCase();
  }

  @Option({ flags: '--out <file>', description: 'a new file; default: to standard output' })
  parseOut(value: string): string {
    return value;
  }
}

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error(`${flag} must be one of ${known.join(', ')}`);
  return found;
}

function instantOf(flag: string, value: string): Date {
  const instant = parseInstant(value);
  if (!instant) throw new Error(`${flag} must be an ISO 8601 date or time`);
  return instant;
}
