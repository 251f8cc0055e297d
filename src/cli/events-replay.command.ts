import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { isAppError } from '../shared/app-error';
import type { Provider } from '../shared/facts';
import { parseInstant } from '../shared/instant';
import { SYSTEM } from '../platform/audit';
import { UnitOfWork } from '../platform/database';
import type { InboxFilter } from '../platform/inbox';
import { DryRunService, MAX_REPLAY, REPLAYABLE_STATUSES, ReplayService } from '../modules/webhooks';

type ReplayableStatus = (typeof REPLAYABLE_STATUSES)[number];

interface ReplayOptions {
  dryRun?: boolean;
  provider?: Provider;
  type?: string;
  status?: ReplayableStatus[];
  object?: string;
  aggregate?: string;
  from?: Date;
  to?: Date;
  limit?: number;
}

/** Only puts events back and wakes: the workers of the installation do the work. A dry run is done here. */
@SubCommand({
  name: 'replay',
  arguments: '[eventId]',
  description: 'Handle an event again, or all that match',
  argsDescription: { eventId: 'Our id of one event (evt_…); without it the options say which' },
})
export class EventsReplayCommand extends CommandRunner {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly replay: ReplayService,
    private readonly dryRuns: DryRunService,
  ) {
    super();
  }

  async run([eventId]: string[], { dryRun = false, limit, ...options }: ReplayOptions): Promise<void> {
    const filter = filterOf(options);
    if (eventId !== undefined && (limit !== undefined || Object.values(filter).some((value) => value !== undefined))) {
      throw new Error('Name either one event or what the events have in common');
    }
    try {
      if (eventId !== undefined) await (dryRun ? this.tryOne(eventId) : this.replayOne(eventId));
      else await (dryRun ? this.countMatching(filter) : this.replayMatching(filter, limit ?? MAX_REPLAY));
    } catch (error) {
      if (!isAppError(error)) throw error;
      process.stderr.write(`${error.code}: ${error.message} ${JSON.stringify(error.details)}\n`);
      process.exitCode = 1;
    }
  }

  @Option({ flags: '--dry-run', description: 'Change nothing; tell what would change, or how many match' })
  parseDryRun(): boolean {
    return true;
  }

  @Option({ flags: '--provider <provider>' })
  parseProvider(value: string): Provider {
    return oneOf('--provider', value, ['stripe', 'apple', 'google', 'wise']);
  }

  @Option({ flags: '--type <type>', description: "the provider's type of event" })
  parseType(value: string): string {
    return value;
  }

  @Option({
    flags: '--status <statuses>',
    description: `comma-separated, default failed: ${REPLAYABLE_STATUSES.join(', ')}`,
  })
  parseStatus(value: string): ReplayableStatus[] {
    return value.split(',').map((name) => oneOf('--status', name.trim(), REPLAYABLE_STATUSES));
  }

  @Option({ flags: '--object <objectId>', description: "the provider's id of the object" })
  parseObject(value: string): string {
    return value;
  }

  @Option({ flags: '--aggregate <aggregate>', description: 'of one customer, e.g. stripe:cus_1' })
  parseAggregate(value: string): string {
    return value;
  }

  @Option({ flags: '--from <time>', description: 'received at or after; ISO 8601' })
  parseFrom(value: string): Date {
    return instantOf('--from', value);
  }

  @Option({ flags: '--to <time>', description: 'received before; ISO 8601' })
  parseTo(value: string): Date {
    return instantOf('--to', value);
  }

  @Option({ flags: '--limit <limit>', description: `at most so many, default ${MAX_REPLAY}` })
  parseLimit(value: string): number {
    const limit = Number(value);
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_REPLAY) {
      throw new Error(`--limit must be a whole number from 1 to ${MAX_REPLAY}`);
    }
    return limit;
  }

  private async replayOne(eventId: string): Promise<void> {
    await this.unitOfWork.service((tx) => this.replay.requeue(tx, eventId, SYSTEM));
    this.replay.wake();
    process.stdout.write(`${eventId} is handled again\n`);
  }

  private async tryOne(eventId: string): Promise<void> {
    const result = await this.dryRuns.run(eventId);
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    if (result.outcome === 'failed') process.exitCode = 1;
  }

  private async replayMatching(filter: InboxFilter, limit: number): Promise<void> {
    const requeued = await this.unitOfWork.service((tx) => this.replay.requeueMatching(tx, filter, limit, SYSTEM));
    this.replay.wake();
    process.stdout.write(`${requeued} events are handled again\n`);
  }

  private async countMatching(filter: InboxFilter): Promise<void> {
    const matching = await this.unitOfWork.service((tx) => this.replay.countMatching(tx, filter));
    process.stdout.write(`${matching} events match\n`);
  }
}

function filterOf(options: Omit<ReplayOptions, 'dryRun' | 'limit'>): InboxFilter {
  const { provider, type, status, object, aggregate, from, to } = options;
  return { provider, type, statuses: status, objectId: object, aggregate, receivedFrom: from, receivedTo: to };
}

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error(`${flag} must be one of ${known.join(', ')}`);
  return found;
}

function instantOf(flag: string, value: string): Date {
  const instant = parseInstant(value);
  if (!instant) throw new Error(`${flag} must be an ISO 8601 date or time`);
  return instant;
}
