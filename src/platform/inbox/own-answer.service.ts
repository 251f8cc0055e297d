import { Injectable } from '@nestjs/common';
import type { Fact } from '../../shared/facts';
import { lockAggregate, retryWhileBusy, UnitOfWork, type Tx } from '../database';
import { FactPipeline } from '../facts';
import { Outbox } from '../outbox';
import { QUEUES, WakeService } from '../queue';
import { InboxRepository } from './inbox.repository';
import { undecidedSince } from './internal-types';

/** The caller's transaction commits in less; where it does not, the sweeper finds the row. */
const AFTER_COMMIT_MS = 100;

/** What the answer to a call of ours told, of one aggregate. */
interface Answer {
  aggregate: string;
  facts: Fact[];
}

/** Takes the answer to a call of ours in as snapshot facts, so that the echo of it by webhook does nothing new. */
@Injectable()
export class OwnAnswer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly pipeline: FactPipeline,
    private readonly inbox: InboxRepository,
    private readonly wakes: WakeService,
    private readonly outbox: Outbox,
  ) {}

  /**
   * In a unit of work of its own, for a call that is no intent's; waits while a worker holds the aggregate.
   * @param work what else is committed with it: it sees the mirror rows as the answer has made them, and may run more than once.
   */
  async take(customerId: string, answer: Answer): Promise<void>;
  async take<T>(customerId: string, answer: Answer, work: (tx: Tx) => Promise<T>): Promise<T>;
  async take<T>(customerId: string, answer: Answer, work?: (tx: Tx) => Promise<T>): Promise<T | undefined> {
    const result = await retryWhileBusy(() =>
      this.unitOfWork.service(async (tx) => {
        await this.apply(tx, customerId, answer);
        return work?.(tx);
      }),
    );
    this.outbox.wake();
    return result;
  }

  /** In the caller's. @throws TRY_AGAIN while a worker holds the aggregate. */
  async apply(tx: Tx, customerId: string, answer: Answer): Promise<void> {
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
