import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import { Alerts } from '../../platform/alerts';
import { tryLockAggregate, UnitOfWork, type Tx } from '../../platform/database';
import { FactPipeline } from '../../platform/facts';
import { InboxRepository, LeaseLostError, type ClaimedEvent } from '../../platform/inbox';
import { Metrics } from '../../platform/metrics';
import { Outbox } from '../../platform/outbox';
import { jitter, QUEUES, Sweepers, WakeService } from '../../platform/queue';
import { BillingOwnership } from '../billing';
import { EventReadingService, type EventReading } from './event-reading.service';
import { FailureService } from './failure.service';
import { inboxHandled } from './inbox-metrics';

const BATCH = 50;
/** A pass ends well within a job's time-out, however much there is to do; the next one is woken at once. */
const MAX_BATCHES = 20;
const SWEEP_MS = 5_000;
/** Another worker holds the aggregate for milliseconds; jitter keeps two of them from meeting again. */
const PUT_BACK_MS = 50;

type FactsReading = Extract<EventReading, { kind: 'facts' }>;
type Question = Extract<EventReading, { kind: 'ask' }>;

interface Told {
  event: ClaimedEvent;
  reading: FactsReading;
}

/** Works the inbox: claims due rows, reads them into facts, applies one customer's facts in one transaction. */
@Injectable()
export class InboxWorker implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(InboxWorker.name);
  private readonly owner = `inbox-${randomUUID()}`;
  private readonly handled;
  private stopping = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxRepository,
    private readonly reading: EventReadingService,
    private readonly ownership: BillingOwnership,
    private readonly pipeline: FactPipeline,
    private readonly failures: FailureService,
    private readonly alerts: Alerts,
    private readonly outbox: Outbox,
    private readonly sweepers: Sweepers,
    private readonly wakes: WakeService,
    metrics: Metrics,
  ) {
    this.handled = inboxHandled(metrics);
  }

  onModuleInit(): void {
    this.sweepers.register({ name: 'inbox', everyMs: SWEEP_MS, run: () => this.drain() });
  }

  /** Before the shutdown that waits for jobs and sweepers: under load there is always more, and a pass would never end. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** Works until nothing is due, or for a bounded number of batches. @returns how many rows were taken up. */
  async drain(): Promise<number> {
    let taken = 0;
    for (let batches = 0; batches < MAX_BATCHES; batches += 1) {
      // Each pass has a name of its own: two passes of one process must not settle each other's rows.
      const owner = `${this.owner}:${randomUUID()}`;
      const batch = await this.unitOfWork.service((tx) => this.inbox.claim(tx, owner, BATCH));
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
    const byAggregate = new Map<string, Told[]>();
    const questions: { event: ClaimedEvent; question: Question }[] = [];
    for (const event of batch) {
      const reading = await this.readOne(owner, event);
      if (reading?.kind === 'ask') questions.push({ event, question: reading });
      if (reading?.kind !== 'facts') continue;
      byAggregate.set(reading.aggregate, [...(byAggregate.get(reading.aggregate) ?? []), { event, reading }]);
    }
    for (const [aggregate, told] of byAggregate) await this.apply(owner, aggregate, told);
    // Last, and one at a time: a slow provider must not cost the others their leases.
    for (const { event, question } of questions) await this.askAndApply(owner, event, question);
    this.outbox.wake();
  }

  /** @returns null where the row is settled already: ignored, or put off. */
  private async readOne(owner: string, event: ClaimedEvent): Promise<FactsReading | Question | null> {
    try {
      const reading = await this.readOrIgnore(event);
      if (reading.kind !== 'ignored') return reading;
      await this.unitOfWork.service((tx) => this.ignore(tx, owner, event, reading));
    } catch (error) {
      await this.failures.record(owner, event, error);
    }
    return null;
  }

  private async readOrIgnore(event: ClaimedEvent): Promise<EventReading> {
    try {
      return await this.reading.read(event);
    } catch (error) {
      const unreadable = isAppError(error) && error.kind === 'validation';
      if (!unreadable || !(await this.reading.isForeign(event))) throw error;
      return { kind: 'ignored', reason: "somebody else's object, of a shape we do not know", alert: false };
    }
  }

  private async askAndApply(owner: string, event: ClaimedEvent, question: Question): Promise<void> {
    let reading: FactsReading;
    try {
      // Whoever took the row over meanwhile asks himself.
      if (!(await this.unitOfWork.service((tx) => this.inbox.renew(tx, owner, event.id)))) return;
      reading = await this.reading.ask(event, question);
    } catch (error) {
      await this.failures.record(owner, event, error);
      return;
    }
    await this.apply(owner, reading.aggregate, [{ event, reading }]);
  }

  private async ignore(
    tx: Tx,
    owner: string,
    event: ClaimedEvent,
    reading: { reason: string; alert: boolean },
  ): Promise<void> {
    await this.inbox.settle(tx, owner, [event.id], 'ignored', null);
    this.handled.inc({ outcome: 'ignored' });
    if (!reading.alert) return;
    await this.alerts.raise(tx, {
      kind: 'inbox.wrong_livemode',
      severity: 'warning',
      causeKey: `inbox.wrong_livemode:${event.provider}`,
      message: `An event was ignored: ${reading.reason}`,
      details: { eventId: event.id, type: event.type },
    });
  }

  /** All of one customer's events in one transaction; if that fails, one by one, so that a poison event stands alone. */
  private async apply(owner: string, aggregate: string, told: readonly Told[]): Promise<void> {
    try {
      await this.applyTogether(owner, aggregate, told);
    } catch (error) {
      if (error instanceof LeaseLostError) {
        this.logger.warn(`Another worker has taken over ${aggregate}`);
        return;
      }
      const [only] = told;
      if (told.length === 1 && only) await this.failures.record(owner, only.event, error);
      else for (const one of told) await this.apply(owner, aggregate, [one]);
    }
  }

  private applyTogether(owner: string, aggregate: string, told: readonly Told[]): Promise<void> {
    const ids = told.map(({ event }) => event.id);
    const facts = told.flatMap(({ reading }) => reading.facts);
    return this.unitOfWork.service(async (tx) => {
      if (!(await tryLockAggregate(tx, aggregate))) {
        const delay = Math.ceil(PUT_BACK_MS * (1 + jitter()));
        await this.inbox.release(tx, owner, ids, delay);
        this.wakes.wakeAfter(QUEUES.webhooks, delay);
        return;
      }
      const ownership = await this.ownership.ownerOf(tx, facts);
      if (ownership.kind === 'foreign') {
        await this.inbox.settle(tx, owner, ids, 'ignored', aggregate);
        this.handled.inc({ outcome: 'ignored' }, ids.length);
        return;
      }
      const { readAgain } = await this.pipeline.apply(tx, { aggregate, customerId: ownership.customerId }, facts);
      for (const key of readAgain) await this.inbox.requestRead(tx, key, aggregate, ids.at(-1) ?? '');
      await this.inbox.settle(tx, owner, ids, 'processed', aggregate);
      this.handled.inc({ outcome: 'processed' }, ids.length);
    });
  }
}
