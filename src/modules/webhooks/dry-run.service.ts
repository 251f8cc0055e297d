import { Injectable, Logger } from '@nestjs/common';
import { customerRefOf } from '../../shared/aggregate';
import { isAppError } from '../../shared/app-error';
import {
  isContention,
  isDatabaseUnavailable,
  lockAggregate,
  retryWhileBusy,
  UnitOfWork,
} from '../../platform/database';
import { FOREIGN, InboxOperationsRepository, type ClaimedEvent } from '../../platform/inbox';
import { AggregateOwners } from './aggregate-owners.service';
import { rowChanges, type RowChange } from './domain/row-changes';
import { EventApplication, type EventOutcome, type ToldEvent } from './event-application.service';
import { EventReadingService, type EventReading, type FactsReading } from './event-reading.service';
import { eventBodyExpired } from './operators.errors';
import { ProviderAdapters } from './provider-adapters';
import { RowPicturesRepository } from './row-pictures.repository';
import { customerUnknown, eventNotFound } from './webhooks.errors';

/** What a replay would come to. */
export interface DryRun {
  outcome: 'processed' | 'ignored' | 'stale' | 'failed';
  /** Why it would be ignored. */
  ignoredFor: string | null;
  /** Why it would fail. */
  error: { code: string; message: string } | null;
  /** The rows it would change, as the tables have them. New rows have other ids when it is done in earnest. */
  changes: RowChange[];
}

/** A worker waits for what an event names before it asks the provider; an operator wants to see the end of it. */
const WAITED_LONG_ENOUGH = 1_000;

/** Carries an event out in a transaction that is rolled back. */
@Injectable()
export class DryRunService {
  private readonly logger = new Logger(DryRunService.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxOperationsRepository,
    private readonly reading: EventReadingService,
    private readonly application: EventApplication,
    private readonly ownership: AggregateOwners,
    private readonly adapters: ProviderAdapters,
    private readonly pictures: RowPicturesRepository,
  ) {}

  /**
   * With network where only the provider can say what happened, or to whom. Nothing remains, whatever comes of it.
   * @throws EVENT_NOT_FOUND; EVENT_BODY_EXPIRED; TRY_AGAIN while the customer is worked on.
   */
  async run(eventId: string): Promise<DryRun> {
    const stored = await this.unitOfWork.service((tx) => this.inbox.byId(tx, eventId));
    if (!stored) throw eventNotFound(eventId);
    const { rawBody } = stored;
    if (!rawBody) throw eventBodyExpired(eventId);
    const event: ClaimedEvent = { ...stored, rawBody, retryCount: WAITED_LONG_ENOUGH };
    try {
      const reading = await this.read(event);
      if (reading.kind === 'ignored') return ignored(reading.reason);
      return await this.tryOut({ event, reading });
    } catch (error) {
      if (isDatabaseUnavailable(error) || isContention(error) || isTryAgain(error)) throw error;
      if (!isAppError(error)) this.logger.error({ err: error, event: eventId }, `Dry run of ${eventId} failed`);
      return failed(error);
    }
  }

  private async read(event: ClaimedEvent): Promise<FactsReading | Extract<EventReading, { kind: 'ignored' }>> {
    try {
      const reading = await this.reading.read(event);
      return reading.kind === 'ask' ? await this.reading.ask(event, reading) : reading;
    } catch (error) {
      if (await this.reading.isForeign(event, error)) return { kind: 'ignored', reason: FOREIGN, alert: false };
      throw error;
    }
  }

  /** Whoever nobody has told us of is asked for, as a worker would. */
  private async tryOut(told: ToldEvent): Promise<DryRun> {
    const { provider } = told.event;
    const { aggregate } = told.reading;
    const known = await retryWhileBusy(() => this.applyAndRollBack(told, null));
    if (known) return known;
    const ownerId = await this.adapters.of(provider).ownerOf(customerRefOf(aggregate));
    const introduced = ownerId === null ? null : await retryWhileBusy(() => this.applyAndRollBack(told, ownerId));
    if (!introduced) throw customerUnknown(aggregate);
    return introduced;
  }

  /**
   * @param ownerId whose the provider says its customer is, where it had to be asked.
   * @returns null where nobody knows him.
   */
  private async applyAndRollBack(told: ToldEvent, ownerId: string | null): Promise<DryRun | null> {
    const { provider } = told.event;
    const { aggregate } = told.reading;
    try {
      await this.unitOfWork.service(async (tx) => {
        await this.pictures.freeze(tx);
        await lockAggregate(tx, aggregate);
        const named = [...ownersNamedBy(told), ...(ownerId === null ? [] : [ownerId])];
        const frame = await this.pictures.frame(tx, provider, aggregate, named);
        const before = await this.pictures.take(tx, frame);
        if (ownerId !== null) await this.ownership.claim(tx, provider, aggregate, ownerId);
        const outcome = (await this.application.apply(tx, [told])).get(told.event.id);
        await this.pictures.checkNow(tx);
        const changes = rowChanges(before, await this.pictures.take(tx, frame));
        throw new RolledBack(resultOf(outcome, changes));
      });
    } catch (error) {
      if (error instanceof RolledBack) return error.result;
      throw error;
    }
    throw new Error('A dry run is never committed');
  }
}

/** The only way out of the transaction: by a throw, and so without a commit. */
class RolledBack extends Error {
  constructor(readonly result: DryRun | null) {
    super('A dry run is rolled back');
  }
}

function resultOf(outcome: EventOutcome | undefined, changes: RowChange[]): DryRun | null {
  if (outcome === 'unknown') return null;
  if (outcome === 'foreign') return ignored(FOREIGN);
  return { outcome: outcome === 'stale' ? outcome : 'processed', ignoredFor: null, error: null, changes };
}

function ignored(reason: string): DryRun {
  return { outcome: 'ignored', ignoredFor: reason, error: null, changes: [] };
}

/** An unknown error's own text may quote values; the log has it, redacted. */
function failed(error: unknown): DryRun {
  const { code, message } = isAppError(error)
    ? error
    : { code: 'UNEXPECTED', message: error instanceof Error ? error.name : 'unknown' };
  return { outcome: 'failed', ignoredFor: null, error: { code, message }, changes: [] };
}

function isTryAgain(error: unknown): boolean {
  return isAppError(error) && error.code === 'TRY_AGAIN';
}

function ownersNamedBy({ reading }: ToldEvent): string[] {
  return reading.facts.flatMap(({ payload }) =>
    'ownerId' in payload && payload.ownerId !== null ? [payload.ownerId] : [],
  );
}
