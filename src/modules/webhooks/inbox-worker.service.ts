import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { compareText } from '../../shared/fact-order';
import { Alerts } from '../../platform/alerts';
import { isDatabaseUnavailable, UnitOfWork, type Tx } from '../../platform/database';
import { FOREIGN, InboxRepository, LeaseLostError, type ClaimedEvent, type SettledEvent } from '../../platform/inbox';
import { Metrics } from '../../platform/metrics';
import { Outbox } from '../../platform/outbox';
import { jitter, QUEUES, Sweepers, WakeService } from '../../platform/queue';
import { EventApplication, type EventOutcome, type ToldEvent } from './event-application.service';
import { EventReadingService, type EventReading } from './event-reading.service';
import { FailureService } from './failure.service';
import { inboxHandled } from './inbox-metrics';
import { customerUnknown } from './webhooks.errors';

const BATCH = 100;
/** A pass ends well within a job's time-out, however much there is to do; the next one is woken at once. */
const MAX_BATCHES = 20;
const SWEEP_MS = 5_000;
/** Another worker holds the aggregate for milliseconds; jitter keeps two of them from meeting again. */
const PUT_BACK_MS = 50;

type Question = Extract<EventReading, { kind: 'ask' }>;
type Ignored = Extract<EventReading, { kind: 'ignored' }>;

/** Works the inbox: claims due rows, reads them into facts, applies the facts of a batch in one transaction. */
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
    private readonly application: EventApplication,
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
    const ignored: { event: ClaimedEvent; reading: Ignored }[] = [];
    const questions: { event: ClaimedEvent; question: Question }[] = [];
    for (const { event, reading } of await this.readAll(owner, batch)) {
      if (reading.kind === 'facts') told.push({ event, reading });
      else if (reading.kind === 'ignored') ignored.push({ event, reading });
      else questions.push({ event, question: reading });
    }
    await this.ignore(owner, ignored);
    const unknown: ToldEvent[] = [];
    // What has failed before stands apart, so that it cannot take the others' transaction down with it again.
    for (const part of [told.filter(isFresh), ...told.filter((one) => !isFresh(one)).map((one) => [one])]) {
      unknown.push(...(await this.apply(owner, part)));
    }
    // Last, and one at a time: a slow provider must not cost the others their leases.
    for (const { event, question } of questions) {
      const answered = await this.ask(owner, event, question);
      if (answered) unknown.push(...(await this.apply(owner, [answered])));
    }
    await this.introduce(owner, unknown);
    this.outbox.wake();
  }

  /** Without those that are put off. */
  private async readAll(
    owner: string,
    batch: readonly ClaimedEvent[],
  ): Promise<{ event: ClaimedEvent; reading: EventReading }[]> {
    const read: { event: ClaimedEvent; reading: EventReading }[] = [];
    for (const { event, reading } of await this.reading.readAll(batch)) {
      if (reading.kind !== 'failed') read.push({ event, reading });
      else if (await this.reading.isForeign(event, reading.error)) {
        read.push({ event, reading: { kind: 'ignored', reason: FOREIGN, alert: false } });
      } else await this.failures.record(owner, event, reading.error);
    }
    return read;
  }

  /** @returns null where the row is put off, or another worker has taken it over and asks himself. */
  private async ask(owner: string, event: ClaimedEvent, question: Question): Promise<ToldEvent | null> {
    try {
      if (!(await this.unitOfWork.service((tx) => this.inbox.renew(tx, owner, event.id)))) return null;
      return { event, reading: await this.reading.ask(event, question) };
    } catch (error) {
      await this.failures.record(owner, event, error);
      return null;
    }
  }

  private async ignore(owner: string, ignored: readonly { event: ClaimedEvent; reading: Ignored }[]): Promise<void> {
    if (ignored.length === 0) return;
    const rows = ignored.map(({ event, reading }): SettledEvent => {
      return { id: event.id, status: 'ignored', ignoredFor: reading.reason, aggregate: null };
    });
    const alarming = ignored.filter(({ reading }) => reading.alert);
    try {
      await this.unitOfWork.service(async (tx) => {
        await this.inbox.settle(tx, owner, rows);
        for (const one of alarming) await this.alertOn(tx, one);
      });
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      // Whoever holds the rest of them ignores them too.
      if (ignored.length > 1) for (const one of ignored) await this.ignore(owner, [one]);
      return;
    }
    this.handled.inc({ outcome: 'ignored' }, rows.length);
  }

  private alertOn(tx: Tx, { event, reading }: { event: ClaimedEvent; reading: Ignored }): Promise<void> {
    return this.alerts.raise(tx, {
      kind: 'inbox.wrong_livemode',
      severity: 'warning',
      causeKey: `inbox.wrong_livemode:${event.provider}`,
      message: `An event was ignored: ${reading.reason}`,
      details: { eventId: event.id, type: event.type },
    });
  }

  /**
   * Many customers' events in one transaction; if that fails, in halves, so that a poison event stands alone in the end and
   * its neighbours are done.
   * @returns those of customers nobody has told us of.
   */
  private async apply(owner: string, told: readonly ToldEvent[]): Promise<ToldEvent[]> {
    if (told.length === 0) return [];
    try {
      return await this.applyTogether(owner, told);
    } catch (error) {
      // Away for one, away for all: the leases end, and whoever finds the database again takes the rows up.
      if (isDatabaseUnavailable(error)) throw error;
      const [only] = told;
      if (told.length > 1 || !only) {
        const [one, other] = halves(told);
        return [...(await this.apply(owner, one)), ...(await this.apply(owner, other))];
      }
      if (error instanceof LeaseLostError) this.logger.warn(`Another worker has taken over ${only.event.id}`);
      else await this.failures.record(owner, only.event, error);
      return [];
    }
  }

  private async applyTogether(owner: string, told: readonly ToldEvent[]): Promise<ToldEvent[]> {
    const delay = Math.ceil(PUT_BACK_MS * (1 + jitter()));
    const outcomes = await this.unitOfWork.service(async (tx) => {
      const result = await this.application.apply(tx, told);
      await this.inbox.settle(
        tx,
        owner,
        told.flatMap((one) => settledOf(one, result.get(one.event.id))),
      );
      const busy = told.filter(({ event }) => result.get(event.id) === 'busy').map(({ event }) => event.id);
      if (busy.length > 0) await this.inbox.release(tx, owner, busy, delay);
      return result;
    });
    for (const outcome of outcomes.values()) {
      if (outcome === 'foreign') this.handled.inc({ outcome: 'ignored' });
      if (outcome === 'processed' || outcome === 'stale') this.handled.inc({ outcome });
    }
    if ([...outcomes.values()].includes('busy')) this.wakes.wakeAfter(QUEUES.webhooks, delay);
    return told.filter(({ event }) => outcomes.get(event.id) === 'unknown');
  }

  /** Asks the provider once per stranger whether he is a customer of ours; who is not waits for somebody to tell. */
  private async introduce(owner: string, strangers: readonly ToldEvent[]): Promise<void> {
    const groups = new Map(strangers.map(({ event, reading }) => [reading.aggregate, event.provider]));
    for (const [aggregate, provider] of groups) {
      const told = strangers.filter(({ reading }) => reading.aggregate === aggregate);
      try {
        if (!(await this.reading.introduce(provider, aggregate))) throw customerUnknown(aggregate);
      } catch (error) {
        for (const { event } of told) await this.failures.record(owner, event, error);
        continue;
      }
      const left = await this.apply(owner, told);
      for (const { event } of left) await this.failures.record(owner, event, customerUnknown(aggregate));
    }
  }
}

function isFresh({ event }: ToldEvent): boolean {
  return event.retryCount === 0;
}

/** Between customers first, so that one customer's events stay together as long as they can. */
function halves(told: readonly ToldEvent[]): [ToldEvent[], ToldEvent[]] {
  const sorted = [...told].sort((a, b) => compareText(a.reading.aggregate, b.reading.aggregate));
  const middle = Math.ceil(sorted.length / 2);
  return [sorted.slice(0, middle), sorted.slice(middle)];
}

function settledOf({ event, reading }: ToldEvent, outcome: EventOutcome | undefined): SettledEvent[] {
  const { aggregate } = reading;
  switch (outcome) {
    case 'processed':
    case 'stale':
      return [{ id: event.id, status: outcome, ignoredFor: null, aggregate }];
    case 'foreign':
      return [{ id: event.id, status: 'ignored', ignoredFor: FOREIGN, aggregate }];
    default:
      return [];
  }
}
