import { Injectable, Logger } from '@nestjs/common';
import { compareText } from '../../shared/fact-order';
import { Alerts } from '../../platform/alerts';
import { isDatabaseUnavailable, UnitOfWork, type Tx } from '../../platform/database';
import { AggregatesFailedError } from '../../platform/facts';
import { FOREIGN, InboxRepository, LeaseLostError, type ClaimedEvent, type SettledEvent } from '../../platform/inbox';
import { Metrics } from '../../platform/metrics';
import { jitter, QUEUES, WakeService } from '../../platform/queue';
import { EventApplication, type EventOutcome, type ToldEvent } from './event-application.service';
import type { EventReading } from './event-reading.service';
import { FailureService } from './failure.service';
import { inboxHandled } from './inbox-metrics';

/** Another worker holds the aggregate for milliseconds; jitter keeps two of them from meeting again. */
const PUT_BACK_MS = 50;

export interface IgnoredEvent {
  event: ClaimedEvent;
  reading: Extract<EventReading, { kind: 'ignored' }>;
}

/** Applies claimed events and settles their rows in the same transaction. */
@Injectable()
export class EventSettlement {
  private readonly logger = new Logger(EventSettlement.name);
  private readonly handled;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxRepository,
    private readonly application: EventApplication,
    private readonly failures: FailureService,
    private readonly alerts: Alerts,
    private readonly wakes: WakeService,
    metrics: Metrics,
  ) {
    this.handled = inboxHandled(metrics);
  }

  /**
   * Many customers' events in one transaction; if that fails, in halves, so that a poison event stands alone in the end and
   * its neighbours are done.
   * @returns those of customers nobody has told us of; their rows are still leased.
   */
  async apply(owner: string, told: readonly ToldEvent[]): Promise<ToldEvent[]> {
    if (told.length === 0) return [];
    try {
      return await this.applyTogether(owner, told);
    } catch (error) {
      // Away for one, away for all: the leases end, and whoever finds the database again takes the rows up.
      if (isDatabaseUnavailable(error)) throw error;
      const [only] = told;
      if (error instanceof AggregatesFailedError) return this.applyWithout(owner, told, error.failures);
      if (told.length > 1 || !only) {
        const [one, other] = halves(told);
        return [...(await this.apply(owner, one)), ...(await this.apply(owner, other))];
      }
      if (error instanceof LeaseLostError) this.logger.warn(`Another worker has taken over ${only.event.id}`);
      else await this.failures.record(owner, [{ event: only.event, error }], 'applying');
      return [];
    }
  }

  /** Where it is known who is at fault: the others together, and of those at fault each event by itself. */
  private async applyWithout(
    owner: string,
    told: readonly ToldEvent[],
    failures: ReadonlyMap<string, unknown>,
  ): Promise<ToldEvent[]> {
    const atFault = told.filter(({ reading }) => failures.has(reading.aggregate));
    const eventsOf = new Map<string, number>();
    for (const { reading } of atFault) eventsOf.set(reading.aggregate, (eventsOf.get(reading.aggregate) ?? 0) + 1);
    const isAlone = ({ reading }: ToldEvent): boolean => eventsOf.get(reading.aggregate) === 1;
    const failed = atFault
      .filter(isAlone)
      .map(({ event, reading }) => ({ event, error: failures.get(reading.aggregate) }));
    await this.failures.record(owner, failed, 'applying');
    const others = told.filter(({ reading }) => !failures.has(reading.aggregate));
    const strangers = await this.apply(owner, others);
    for (const one of atFault) if (!isAlone(one)) strangers.push(...(await this.apply(owner, [one])));
    return strangers;
  }

  async ignore(owner: string, ignored: readonly IgnoredEvent[]): Promise<void> {
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

  private alertOn(tx: Tx, { event, reading }: IgnoredEvent): Promise<void> {
    return this.alerts.raise(tx, {
      kind: 'inbox.wrong_livemode',
      severity: 'warning',
      causeKey: `inbox.wrong_livemode:${event.provider}`,
      message: `An event was ignored: ${reading.reason}`,
      details: { eventId: event.id, type: event.type },
    });
  }
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
