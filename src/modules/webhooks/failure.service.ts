import { Injectable, Logger } from '@nestjs/common';
import { AppError, isAppError } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { nextDelayMs, type FailureClass } from '../../shared/retry-policy';
import { failureClassOfError, UnitOfWork } from '../../platform/database';
import { InboxRepository, type ClaimedEvent, type ErrorContext } from '../../platform/inbox';
import { Metrics } from '../../platform/metrics';
import { Outbox, type DomainEvent } from '../../platform/outbox';
import { jitter, QUEUES, WakeService } from '../../platform/queue';
import { inboxHandled } from './inbox-metrics';

/** Later than this the sweeper is quick enough. */
const SOON_MS = 5_000;

/** A row has reached its dead end. */
export const INBOX_FAILED = 'inbox.failed';

/** What is told with it. */
export interface InboxFailedPayload {
  /** Our id of the event. */
  eventId: string;
  provider: Provider;
  /** The provider's name of what happened. */
  type: string;
  /** Of the error that ended it. */
  code: string;
}

export interface FailedEvent {
  event: ClaimedEvent;
  error: unknown;
}

/** Where an event failed: what failed in the transaction may take its neighbours with it, what could not be read cannot. */
export type FailureStage = 'reading' | 'applying';

/** Decides what becomes of a row whose handling failed: another try, or the dead letter with an event for operators. */
@Injectable()
export class FailureService {
  private readonly logger = new Logger(FailureService.name);
  private readonly handled;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly wakes: WakeService,
    metrics: Metrics,
  ) {
    this.handled = inboxHandled(metrics);
  }

  /** In one transaction. A row that somebody else has settled meanwhile is left to him. */
  async record(owner: string, failed: readonly FailedEvent[], stage: FailureStage): Promise<void> {
    if (failed.length === 0) return;
    const verdicts = failed.map((one) => this.judge(one, stage));
    await this.unitOfWork.service(async (tx) => {
      await this.inbox.retryLater(
        tx,
        owner,
        verdicts.flatMap(({ id, delayMs, context }) => (delayMs === null ? [] : [{ id, delayMs, context }])),
      );
      const dead = await this.inbox.fail(
        tx,
        owner,
        verdicts.filter(({ delayMs }) => delayMs === null),
      );
      await this.outbox.append(
        tx,
        verdicts.filter(({ id }) => dead.has(id)).map((verdict) => this.deadLetter(verdict)),
      );
      this.handled.inc({ outcome: 'failed' }, dead.size);
    });
    // Counted from the commit: a wake-up a moment before the row is due finds nothing, and then the sweeper's turn is far.
    const soon = verdicts.flatMap(({ delayMs }) => (delayMs !== null && delayMs < SOON_MS ? [delayMs] : []));
    if (soon.length > 0) this.wakes.wakeAfter(QUEUES.webhooks, Math.max(...soon));
  }

  private judge({ event, error }: FailedEvent, stage: FailureStage): Verdict {
    const failureClass = failureClassOfError(error);
    const context = { ...contextOf(error, failureClass, this.clock.wall()), stage };
    const retryAfterMs = (isAppError(error) ? (error.retryAfterSeconds ?? 0) : 0) * 1000;
    const delayMs = nextDelayMs(failureClass, event.retryCount + 1, jitter(), retryAfterMs);
    this.logger.warn(
      { err: error, event: event.id, type: event.type, delayMs },
      `Event ${event.id} failed: ${context.code}`,
    );
    return { id: event.id, event, delayMs, context };
  }

  private deadLetter({ event: { id, provider, type }, context: { code } }: Verdict): DomainEvent {
    return {
      type: INBOX_FAILED,
      objectType: 'inbox_event',
      objectId: id,
      customerId: null,
      payload: { eventId: id, provider, type, code } satisfies InboxFailedPayload,
      occurredAt: this.clock.now(),
    };
  }
}

interface Verdict {
  id: string;
  event: ClaimedEvent;
  /** Null: never again. */
  delayMs: number | null;
  context: ErrorContext;
}

/** For operators: an unknown error's own text may quote values, so only its name is kept; the log has the rest, redacted. */
function contextOf(error: unknown, failureClass: FailureClass, at: Date): ErrorContext {
  const known = error instanceof AppError;
  return {
    class: failureClass,
    code: known ? error.code : 'UNEXPECTED',
    message: known ? error.message : error instanceof Error ? error.name : 'unknown',
    ...(known ? { details: error.details } : {}),
    at: at.toISOString(),
  };
}
