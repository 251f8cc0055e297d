import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { bulkhead } from 'cockatiel';
import { FOREIGN, InboxRepository, type ClaimedEvent } from '../../platform/inbox';
import { Outbox } from '../../platform/outbox';
import { QUEUES, Sweepers, WakeService } from '../../platform/queue';
import type { ToldEvent } from './event-application.service';
import { EventReadingService, type EventReading } from './event-reading.service';
import { EventSettlement, type IgnoredEvent } from './event-settlement.service';
import { FailureService, type FailedEvent } from './failure.service';
import { ProviderQuestions } from './provider-questions.service';

/** Enough that a statement's round trip is shared by many, few enough that a transaction is short. */
const BATCH = 100;
/** A pass ends well within a job's time-out, however much there is to do; the next one is woken at once. */
const MAX_BATCHES = 20;
const SWEEP_MS = 5_000;

/** Works the inbox: claims due rows, reads them into facts, applies the facts of a batch in one transaction. */
@Injectable()
export class InboxWorker implements OnModuleInit, OnModuleDestroy {
  private readonly owner = `inbox-${randomUUID()}`;
  /** Two passes of one process would only meet at the same customers' locks. */
  private readonly lane = bulkhead(1, Infinity);
  private stopping = false;

  constructor(
    private readonly inbox: InboxRepository,
    private readonly reading: EventReadingService,
    private readonly settlement: EventSettlement,
    private readonly questions: ProviderQuestions,
    private readonly failures: FailureService,
    private readonly outbox: Outbox,
    private readonly sweepers: Sweepers,
    private readonly wakes: WakeService,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'inbox', everyMs: SWEEP_MS, run: () => this.look() });
  }

  /** Before the shutdown that waits for jobs and sweepers: under load there is always more, and a pass would never end. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** Works what is due, for a bounded number of batches. Does not wait for the provider. @returns how many rows were taken up. */
  look(): Promise<number> {
    return this.lane.execute(() => this.pass());
  }

  /** Works until nothing is due and all questions are answered. For tools and tests; workers look. @returns as `look`. */
  async drain(): Promise<number> {
    let taken = 0;
    for (;;) {
      const some = await this.look();
      // An answer may have asked for one more look.
      const answered = await this.questions.answered();
      taken += some;
      if ((some === 0 && !answered) || this.stopping) return taken;
    }
  }

  private async pass(): Promise<number> {
    let taken = 0;
    for (let batches = 0; batches < MAX_BATCHES; batches += 1) {
      // Each pass has a name of its own: what one has lost to another must not be settled by the first.
      const owner = `${this.owner}:${randomUUID()}`;
      const batch = await this.inbox.claim(owner, BATCH);
      // Not before a claim finds nothing: working a batch may have asked for one more look.
      if (batch.length === 0) return taken;
      await this.work(owner, batch);
      taken += batch.length;
      if (this.stopping) return taken;
    }
    this.wakes.wake(QUEUES.webhooks);
    return taken;
  }

  private async work(owner: string, batch: readonly ClaimedEvent[]): Promise<void> {
    const told: ToldEvent[] = [];
    const ignored: IgnoredEvent[] = [];
    for (const { event, reading } of await this.readAll(owner, batch)) {
      if (reading.kind === 'facts') told.push({ event, reading });
      else if (reading.kind === 'ignored') ignored.push({ event, reading });
      else this.questions.ask(owner, event, reading);
    }
    await this.settlement.ignore(owner, ignored);
    // What has failed here before stands apart, so that it cannot take the others' transaction down with it again.
    const suspects = told.filter(({ event }) => event.suspect).map((one) => [one]);
    const strangers: ToldEvent[] = [];
    for (const part of [told.filter(({ event }) => !event.suspect), ...suspects]) {
      strangers.push(...(await this.settlement.apply(owner, part)));
    }
    for (const aggregate of new Set(strangers.map(({ reading }) => reading.aggregate))) {
      const his = strangers.filter(({ reading }) => reading.aggregate === aggregate);
      this.questions.introduce(owner, aggregate, his);
    }
    this.outbox.wake();
  }

  /** Without those that are put off. */
  private async readAll(
    owner: string,
    batch: readonly ClaimedEvent[],
  ): Promise<{ event: ClaimedEvent; reading: EventReading }[]> {
    const read: { event: ClaimedEvent; reading: EventReading }[] = [];
    const failed: FailedEvent[] = [];
    for (const { event, reading } of await this.reading.readAll(batch)) {
      if (reading.kind !== 'failed') read.push({ event, reading });
      else if (await this.reading.isForeign(event, reading.error)) {
        read.push({ event, reading: { kind: 'ignored', reason: FOREIGN, alert: false } });
      } else failed.push({ event, error: reading.error });
    }
    await this.failures.record(owner, failed, 'reading');
    return read;
  }
}
