import { Command, CommandRunner, Option } from 'nest-commander';
import { isAppError } from '../shared/app-error';
import type { Provider } from '../shared/facts';
import { parseInstant } from '../shared/instant';
import { SYSTEM } from '../platform/audit';
import { BackfillService, type BackfillRequest } from '../modules/webhooks';

interface BackfillOptions extends Omit<BackfillRequest, 'objects'> {
  objects?: true;
}

/** Fills the inbox; the workers of the installation do the rest. */
@Command({ name: 'backfill', description: 'Ask a provider for what its deliveries did not tell' })
export class BackfillCommand extends CommandRunner {
  constructor(private readonly backfill: BackfillService) {
    super();
  }

  async run(_arguments: string[], options: BackfillOptions): Promise<void> {
    const sum = { stored: 0, known: 0, foreign: 0 };
    let cursor: string | null = options.cursor ?? null;
    try {
      do {
        const request = { ...options, ...(cursor === null ? {} : { cursor }) };
        const { nextCursor, ...counts } = await this.backfill.run(request, SYSTEM);
        for (const key of ['stored', 'known', 'foreign'] as const) sum[key] += counts[key];
        cursor = nextCursor;
      } while (cursor !== null);
    } catch (error) {
      if (!isAppError(error)) throw error;
      process.stderr.write(`${error.code}: ${error.message} ${JSON.stringify(error.details)}\n`);
      if (cursor !== null) process.stderr.write(`To go on, the same with --cursor ${cursor}\n`);
      process.exitCode = 1;
    }
    process.stdout.write(`${sum.stored} stored, ${sum.known} known already, ${sum.foreign} not ours\n`);
  }

  @Option({ flags: '--provider <provider>', required: true })
  parseProvider(value: string): Provider {
    const provider = (['stripe', 'apple', 'google', 'wise'] as const).find((known) => known === value);
    if (!provider) throw new Error('--provider must be one of stripe, apple, google, wise');
    return provider;
  }

  @Option({ flags: '--since <time>', required: true, description: 'begin of the time to ask for; ISO 8601' })
  parseSince(value: string): Date {
    return instantOf('--since', value);
  }

  @Option({ flags: '--until <time>', description: 'end of it, default now; ISO 8601' })
  parseUntil(value: string): Date {
    return instantOf('--until', value);
  }

  @Option({
    flags: '--objects',
    description: 'compare objects too, although events reach so far back: after an endpoint was disabled or missing',
  })
  parseObjects(): true {
    return true;
  }

  @Option({ flags: '--cursor <cursor>', description: 'go on where a run broke off' })
  parseCursor(value: string): string {
    return value;
  }
}

function instantOf(flag: string, value: string): Date {
  const instant = parseInstant(value);
  if (!instant) throw new Error(`${flag} must be an ISO 8601 date or time`);
  return instant;
}
