import { Injectable } from '@nestjs/common';
import { tryLockAggregate, type Tx } from '../../platform/database';
import { FactPipeline } from '../../platform/facts';
import { InboxRepository } from '../../platform/inbox';
import type { ReadResult } from '../../providers/provider.port';
import { aggregateBusy } from './billing.errors';

/** Takes the answer to a call of ours in as snapshot facts, so that the echo of it by webhook does nothing new. */
@Injectable()
export class OwnAnswer {
  constructor(
    private readonly pipeline: FactPipeline,
    private readonly inbox: InboxRepository,
  ) {}

  /** @throws TRY_AGAIN while a worker holds the aggregate. */
  async apply(tx: Tx, customerId: string, answer: ReadResult): Promise<void> {
    const { aggregate, facts } = answer;
    if (!(await tryLockAggregate(tx, aggregate))) throw aggregateBusy();
    const { readAgain } = await this.pipeline.apply(tx, { aggregate, customerId }, facts);
    for (const key of readAgain) await this.inbox.requestRead(tx, key, aggregate, facts[0]?.sourceId ?? aggregate);
  }
}
