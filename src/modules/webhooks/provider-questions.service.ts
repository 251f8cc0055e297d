import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { bulkhead } from 'cockatiel';
import { UnitOfWork } from '../../platform/database';
import { FactPipeline } from '../../platform/facts';
import { InboxRepository, isForUndecided, type ClaimedEvent } from '../../platform/inbox';
import { Outbox } from '../../platform/outbox';
import { QUEUES, WakeService } from '../../platform/queue';
import type { ToldEvent } from './event-application.service';
import { EventReadingService, type EventReading } from './event-reading.service';
import { EventSettlement } from './event-settlement.service';
import { FailureService } from './failure.service';
import { customerUnknown } from './webhooks.errors';

/** Within any provider's rate limit, and few enough that their transactions leave connections to the rest. */
const AT_ONCE = 4;

export type Question = Extract<EventReading, { kind: 'ask' }>;

/**
 * What only the provider can say. Asked beside the work that needs no network, so that a slow provider holds up nobody
 * else's events; each question renews its row's lease when its turn comes, and is dropped where the row is another's by then.
 */
@Injectable()
export class ProviderQuestions implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ProviderQuestions.name);
  private readonly lanes = bulkhead(AT_ONCE, Infinity);
  private readonly asked = new Set<Promise<void>>();
  private stopped = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxRepository,
    private readonly reading: EventReadingService,
    private readonly pipeline: FactPipeline,
    private readonly settlement: EventSettlement,
    private readonly failures: FailureService,
    private readonly outbox: Outbox,
    private readonly wakes: WakeService,
  ) {}

  /** Asks for the object an event is about. */
  ask(owner: string, event: ClaimedEvent, question: Question): void {
    this.begin(() => this.askAndApply(owner, event, question));
  }

  /** Asks whether somebody nobody has told us of is a customer of ours; who is not waits for somebody to tell. */
  introduce(owner: string, aggregate: string, told: readonly ToldEvent[]): void {
    this.begin(() => this.introduceAndApply(owner, aggregate, told));
  }

  /** When all that has been asked so far is answered. @returns whether there was anything. */
  async answered(): Promise<boolean> {
    if (this.asked.size === 0) return false;
    await Promise.all(this.asked);
    return true;
  }

  /** Before the connections end, which the answers still need. What has not begun is another process's. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.answered();
  }

  private begin(work: () => Promise<void>): void {
    const question = this.lanes
      .execute(() => (this.stopped ? Promise.resolve() : work()))
      .catch((error: unknown) => {
        // The database is away: the lease ends, and the row is taken up again.
        this.logger.warn(`A question to the provider came to nothing: ${String(error)}`);
      })
      .finally(() => {
        this.asked.delete(question);
        // An answer may have asked for one more look, and let events be told to others.
        this.wakes.wake(QUEUES.webhooks);
        this.outbox.wake();
      });
    this.asked.add(question);
  }

  private async askAndApply(owner: string, event: ClaimedEvent, question: Question): Promise<void> {
    if (!(await this.renew(owner, event)) || (await this.isNeedless(owner, event, question))) return;
    let answer: ToldEvent;
    try {
      answer = { event, reading: await this.reading.ask(event, question) };
    } catch (error) {
      await this.failures.record(owner, [{ event, error }], 'reading');
      return;
    }
    const strangers = await this.settlement.apply(owner, [answer]);
    if (strangers.length > 0) await this.introduceAndApply(owner, answer.reading.aggregate, strangers);
  }

  /** What was missing when the question came up may have been told since: a burst in the wrong order asks for nothing. */
  private async isNeedless(owner: string, event: ClaimedEvent, { objectType, objectId }: Question): Promise<boolean> {
    if (!isForUndecided(event)) return false;
    const { id, provider, aggregate } = event;
    return this.unitOfWork.service(async (tx) => {
      if (await this.pipeline.isUndecided(tx, { provider, objectType, objectId })) return false;
      await this.inbox.settle(tx, owner, [{ id, status: 'processed', ignoredFor: null, aggregate }]);
      return true;
    });
  }

  private async introduceAndApply(owner: string, aggregate: string, told: readonly ToldEvent[]): Promise<void> {
    const ours: ToldEvent[] = [];
    for (const one of told) if (await this.renew(owner, one.event)) ours.push(one);
    const [first] = ours;
    if (!first) return;
    let strangers = ours;
    let reason: unknown = customerUnknown(aggregate);
    try {
      if (await this.reading.introduce(first.event.provider, aggregate)) {
        strangers = await this.settlement.apply(owner, ours);
      }
    } catch (error) {
      reason = error;
    }
    await this.failures.record(
      owner,
      strangers.map(({ event }) => ({ event, error: reason })),
      'reading',
    );
  }

  private renew(owner: string, event: ClaimedEvent): Promise<boolean> {
    return this.unitOfWork.service((tx) => this.inbox.renew(tx, owner, event.id));
  }
}
