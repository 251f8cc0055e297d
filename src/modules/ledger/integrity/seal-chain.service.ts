import { Injectable } from '@nestjs/common';
import { Snapshots } from '../../../platform/database';
import { sealFileEnd, sealLine } from './domain/seal-file';
import { SealsRepository } from './seals.repository';

/** The chain as a file, to be kept where who can write the tables cannot reach it. */
@Injectable()
export class SealChain {
  constructor(
    private readonly snapshots: Snapshots,
    private readonly repository: SealsRepository,
  ) {}

  /** JSON lines, as of one moment; the last one names the head. @throws TRY_LATER */
  async *lines(): AsyncGenerator<string, void, void> {
    const snapshot = await this.snapshots.take();
    try {
      let count = 0n;
      let head: string | null = null;
      for await (const seal of this.repository.chain(snapshot)) {
        count += 1n;
        head = seal.hash;
        yield sealLine(seal);
      }
      yield sealFileEnd(count, head);
    } finally {
      await snapshot.close();
    }
  }
}
