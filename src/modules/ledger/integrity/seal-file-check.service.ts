import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Injectable } from '@nestjs/common';
import { parseSealLine } from './domain/seal-file';
import { faultOf } from './domain/seal-trail';
import type { Seal } from './domain/seal';
import type { CheckContext } from './ledger-check';
import { SealsRepository } from './seals.repository';

/** Not a chain of seals, or one that was cut off or changed: nothing can be held against it. */
export class SealFileError extends Error {}

/** The chain of the database against one that was kept elsewhere: who rewrites the journal can rewrite its seals, but not those. */
@Injectable()
export class SealFileCheck {
  constructor(private readonly repository: SealsRepository) {}

  /** @returns how many seals the file holds. @throws SealFileError, and what opening a file throws. */
  async run(file: string, { snapshot, report, signal }: CheckContext): Promise<number> {
    const chain = this.repository.chain(snapshot);
    let kept = 0;
    for await (const seal of sealsIn(file)) {
      signal?.throwIfAborted();
      kept += 1;
      const { value: here } = await chain.next();
      const subject = `seal ${seal.number}`;
      if (!here) report({ kind: 'against', subject, message: `of the file is not in the database: ${seal.hash}` });
      else if (here.hash !== seal.hash) {
        const message = `is ${here.hash} in the database and ${seal.hash} in the file`;
        report({ kind: 'against', subject, message });
      }
    }
    await chain.return();
    return kept;
  }
}

/** Each follows the one before; the end is told. */
async function* sealsIn(file: string): AsyncGenerator<Seal, void, void> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  let last: Seal | null = null;
  for await (const line of lines) {
    const read = parseSealLine(line);
    if (!read)
      throw new SealFileError(`${file} has a line that is no seal, or one that was changed: ${line.slice(0, 80)}`);
    if ('end' in read) {
      if (read.seals === String(last?.number ?? 0n) && read.head === (last?.hash ?? null)) return;
      throw new SealFileError(`${file} does not end where it says`);
    }
    if (faultOf(read, last) !== null)
      throw new SealFileError(`${file} is no chain: seal ${read.number} does not follow`);
    yield read;
    last = read;
  }
  throw new SealFileError(`${file} was cut off`);
}
