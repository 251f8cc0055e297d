import { Injectable } from '@nestjs/common';
import { lockAggregate, type Tx } from '../../platform/database';
import { FactPipeline } from '../../platform/facts';
import { InboxRepository, undecidedSince } from '../../platform/inbox';
import { QUEUES, WakeService } from '../../platform/queue';
import type { ReadResult } from '../../providers/provider.port';

/** The caller's transaction commits in less; where it does not, the sweeper finds the row. */
const AFTER_COMMIT_MS = 100;

/** Takes the answer to a call of ours in as snapshot facts, so that the echo of it by webhook does nothing new. */
@Injectable()
export class OwnAnswer {
  constructor(
    private readonly pipeline: FactPipeline,
    private readonly inbox: InboxRepository,
    private readonly wakes: WakeService,
  ) {}

  /** @throws TRY_AGAIN while a worker holds the aggregate. */
  async apply(tx: Tx, customerId: string, answer: ReadResult): Promise<void> {
    const { aggregate, facts } = answer;
    await lockAggregate(tx, aggregate);
    const { readAgain } = await this.pipeline.apply(tx, [{ aggregate, customerId, facts }]);
    const reason = undecidedSince(facts[0]?.sourceId ?? aggregate);
    await this.inbox.requestReads(
      tx,
      readAgain.map((again) => ({ ...again, reason })),
    );
    if (readAgain.length > 0) this.wakes.wakeAfter(QUEUES.webhooks, AFTER_COMMIT_MS);
  }
}
