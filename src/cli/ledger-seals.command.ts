import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { isAppError } from '../shared/app-error';
import { SealChain } from '../modules/ledger';
import { isFileFault } from './file-fault';

/** For `kassa ledger verify --against`: kept elsewhere, it tells of a database that was rewritten, seals and all. */
@SubCommand({ name: 'seals', description: 'Write the chain of seals as JSON lines, to be kept elsewhere' })
export class LedgerSealsCommand extends CommandRunner {
  constructor(private readonly chain: SealChain) {
    super();
  }

  async run(_: string[], { out }: { out?: string }): Promise<void> {
    const to = out === undefined ? process.stdout : createWriteStream(out, { flags: 'wx' });
    try {
      await pipeline(Readable.from(this.chain.lines(), { objectMode: false }), to, { end: out !== undefined });
    } catch (error) {
      if (isAppError(error)) process.stderr.write(`${error.code}: ${error.message}\n`);
      else if (isFileFault(error)) process.stderr.write(`${error.message}\n`);
      else throw error;
      process.exitCode = 1;
    }
  }

  @Option({ flags: '--out <file>', description: 'a new file; default: to standard output' })
  parseOut(value: string): string {
    return value;
  }
}
