import { Injectable, Logger } from '@nestjs/common';
import { AppError, isAppError } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { failureClassOf, nextDelayMs, type FailureClass } from '../../shared/retry-policy';
import { isContention, isDatabaseUnavailable, isDataException, UnitOfWork } from '../../platform/database';
import { InboxRepository, type ClaimedEvent, type ErrorContext } from '../../platform/inbox';
import { Metrics } from '../../platform/metrics';
import { Outbox } from '../../platform/outbox';
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

  async record(owner: string, event: ClaimedEvent, error: unknown): Promise<void> {
    const failureClass = classify(error);
    const context = contextOf(error, failureClass, this.clock.wall());
    const retryAfterMs = (isAppError(error) ? (error.retryAfterSeconds ?? 0) : 0) * 1000;
    const delay = nextDelayMs(failureClass, event.retryCount + 1, jitter(), retryAfterMs);
    this.logger.warn(
      { err: error, event: event.id, type: event.type, delay },
      `Event ${event.id} failed: ${context.code}`,
    );
    await this.unitOfWork.service(async (tx) => {
      if (delay !== null) {
        await this.inbox.retryLater(tx, owner, event.id, delay, context);
        return;
      }
      if (!(await this.inbox.fail(tx, owner, event.id, context))) return;
      this.handled.inc({ outcome: 'failed' });
      const { id, provider, type } = event;
      await this.outbox.append(tx, [
        {
          type: INBOX_FAILED,
          objectType: 'inbox_event',
          objectId: id,
          customerId: null,
          payload: { eventId: id, provider, type, code: context.code } satisfies InboxFailedPayload,
          occurredAt: this.clock.now(),
        },
      ]);
    });
    // Counted from the commit: a wake-up a moment before the row is due finds nothing, and then the sweeper's turn is far.
    if (delay !== null && delay < SOON_MS) this.wakes.wakeAfter(QUEUES.webhooks, delay);
  }
}

function classify(error: unknown): FailureClass {
  if (isAppError(error)) return failureClassOf(error.kind);
  if (isDataException(error)) return 'permanent';
  return isDatabaseUnavailable(error) || isContention(error) ? 'transient' : 'unknown';
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
