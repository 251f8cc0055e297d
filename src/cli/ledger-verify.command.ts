import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { isAppError } from '../shared/app-error';
import { SealFileError, type Finding } from '../modules/ledger';
import { LedgerVerification, type Checked, type Verification } from '../modules/reconciliation';
import { isFileFault } from './file-fault';

const SHOWN = 50;
const MAX_SHOWN = 1_000_000;
/** Nothing was proved: not that the books hold, nor that they do not. */
const NOT_VERIFIED = 2;
/** As the shell tells it of a process that a signal ended: 128 and the number of SIGINT. */
const INTERRUPTED_CODE = 130;

interface VerifyOptions {
  against?: string;
  limit?: number;
  json?: boolean;
}

/** Reads only; the service may go on meanwhile. */
@SubCommand({
  name: 'verify',
  description:
    'Prove the books: balances, content, seals, templates, and all that is derived from facts. Exit code 0: they hold, 1: they do not, 2: it could not be told',
})
export class LedgerVerifyCommand extends CommandRunner {
  constructor(private readonly verification: LedgerVerification) {
    super();
  }

  async run(_: string[], { against, limit = SHOWN, json = false }: VerifyOptions): Promise<void> {
    const stop = new AbortController();
    const interrupt = (): void => {
      stop.abort();
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    let shown = 0;
    const onFinding = ({ kind, subject, message }: Finding): void => {
      shown += 1;
      if (shown <= limit) process.stdout.write(`${kind}: ${subject} ${message}\n`);
    };
    try {
      const told = json ? {} : { onFinding, onCheck: progress };
      const result = await this.verification.run({ against, signal: stop.signal, ...told });
      process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : summaryOf(result, limit));
      process.exitCode = stop.signal.aborted ? INTERRUPTED_CODE : result.differences > 0 ? 1 : 0;
    } catch (error) {
      process.exitCode = NOT_VERIFIED;
      if (isAppError(error)) process.stderr.write(`${error.code}: ${error.message}\n`);
      else if (error instanceof SealFileError || isFileFault(error)) process.stderr.write(`${error.message}\n`);
      else throw error;
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  }

  @Option({ flags: '--against <file>', description: 'what `kassa ledger seals` wrote and was kept elsewhere' })
  parseAgainst(value: string): string {
    return value;
  }

  @Option({ flags: '--limit <differences>', description: `show at most so many, default ${SHOWN}` })
  parseLimit(value: string): number {
    const limit = Number(value);
    if (value.trim() === '' || !Number.isInteger(limit) || limit < 0 || limit > MAX_SHOWN) {
      throw new Error(`--limit must be a whole number from 0 to ${MAX_SHOWN}`);
    }
    return limit;
  }

  @Option({ flags: '--json', description: 'the result as JSON, with the first hundred differences' })
  parseJson(): boolean {
    return true;
  }
}

function progress({ kinds, complete, looked }: Checked): void {
  const counts = Object.entries(looked).map(([what, count]) => `${count} ${what}`);
  process.stderr.write(`${kinds.join(', ')}: ${complete ? counts.join(', ') : 'not to the end'}\n`);
}

function summaryOf({ differences, byKind, complete }: Verification, limit: number): string {
  const more = differences > limit ? `and ${differences - limit} more\n` : '';
  if (!complete) return `${more}Not to the end; ${differences} differences so far\n`;
  if (differences === 0) return 'The books hold.\n';
  const kinds = Object.entries(byKind).map(([kind, count]) => `${count} ${kind}`);
  return `${more}The books do not hold: ${differences} differences (${kinds.join(', ')})\n`;
}
