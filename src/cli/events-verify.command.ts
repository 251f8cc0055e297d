import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { Clock } from '../shared/clock';
import { AppConfig } from '../platform/config';
import { MigrationError } from '../platform/database/migrate';
import { AppleAdapter } from '../providers/apple';
import { GoogleAdapter } from '../providers/google';
import { StripeAdapter } from '../providers/stripe';
import { WiseAdapter } from '../providers/wise';
import {
  failingRecording,
  livemodeOf,
  readRecording,
  RecordingFileError,
  reportLines,
  ScratchError,
  scratchLogins,
  sourceOf,
  verify,
  writeRecording,
  type Chaos,
  type Source,
} from '../verify';
import { parseScratchUrl } from './scratch-url';

const RUNS = 5;
const MAX_RUNS = 10_000;
const MAX_SEED = 0x7fff_ffff;
/** As the shell tells it of a process that a signal ended: 128 and the number of SIGINT. */
const INTERRUPTED_CODE = 130;

interface VerifyOptions extends Partial<Chaos> {
  seed?: number;
  runs?: number;
  from?: string;
  record?: string;
  failing?: string;
  scratchUrl?: string;
  json?: boolean;
}

type Material = Pick<Source, 'recording'> & { recorded: Source['recorded'] | null; forgotten: number };

/** Promise 2 on what an installation has really been told. It is only read; all that is written is in scratch databases. */
@SubCommand({
  name: 'verify',
  description:
    'Replay recorded events into scratch databases, in random orders, twice and with crashes, and compare what comes of them',
})
export class EventsVerifyCommand extends CommandRunner {
  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly stripe: StripeAdapter,
    private readonly apple: AppleAdapter,
    private readonly google: GoogleAdapter,
    private readonly wise: WiseAdapter,
  ) {
    super();
  }

  async run(_: string[], options: VerifyOptions): Promise<void> {
    const stop = new AbortController();
    const interrupt = (): void => {
      stop.abort();
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      await this.verify(options, stop.signal);
    } catch (error) {
      if (stop.signal.aborted) process.exitCode = INTERRUPTED_CODE;
      else if (isForOperator(error)) {
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      } else throw error;
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  }

  @Option({ flags: '--shuffle', description: 'in random orders (without any of these three: all of them)' })
  parseShuffle(): boolean {
    return true;
  }

  @Option({ flags: '--duplicate', description: 'every third event twice' })
  parseDuplicate(): boolean {
    return true;
  }

  @Option({ flags: '--crash', description: 'transactions aborted, sessions killed, rows abandoned' })
  parseCrash(): boolean {
    return true;
  }

  @Option({ flags: '--seed <seed>', description: 'the same seed makes the same runs; default: a new one, printed' })
  parseSeed(value: string): number {
    return wholeNumber('--seed', value, 0, MAX_SEED);
  }

  @Option({ flags: '--runs <runs>', description: `replays to compare, default ${RUNS}` })
  parseRuns(value: string): number {
    return wholeNumber('--runs', value, 1, MAX_RUNS);
  }

  @Option({ flags: '--from <file>', description: 'a recording; default: the database' })
  parseFrom(value: string): string {
    return value;
  }

  @Option({ flags: '--record <file>', description: 'write the recording that is replayed' })
  parseRecord(value: string): string {
    return value;
  }

  @Option({
    flags: '--failing <file>',
    description: 'where something differs: write the smallest sequence, for --from',
  })
  parseFailing(value: string): string {
    return value;
  }

  @Option({
    flags: '--scratch-url <url>',
    description: 'where databases may be made; default: beside the database, by the login of MIGRATE_DATABASE_URL',
  })
  parseScratchUrl(value: string): string {
    return parseScratchUrl(value);
  }

  @Option({ flags: '--json', description: 'the result as JSON' })
  parseJson(): boolean {
    return true;
  }

  private async verify(options: VerifyOptions, signal: AbortSignal): Promise<void> {
    const { recording, recorded, forgotten } = await this.materialOf(options);
    if (options.record !== undefined) await writeRecording(options.record, recording);
    const result = await verify({
      environment: process.env,
      logins: scratchLogins(options.scratchUrl ?? this.config.migrateDatabaseUrl, this.config.databaseUrl),
      adapters: this.adapters(),
      clock: this.clock,
      chaos: chaosOf(options),
      // The wall clock's milliseconds: a run is to be repeatable, not unforeseeable.
      seed: options.seed ?? this.clock.wall().getTime() % MAX_SEED,
      runs: options.runs ?? RUNS,
      onProgress: (line) => process.stderr.write(`${line}\n`),
      ...{ recording, recorded, signal },
    });
    if (result.failure && options.failing !== undefined) {
      await writeRecording(options.failing, failingRecording(recording, result.failure));
    }
    if (forgotten > 0) process.stderr.write(`${forgotten} events are beyond the retention and were not replayed\n`);
    const text = options.json === true ? JSON.stringify(result, null, 2) : reportLines(result, recording).join('\n');
    process.stdout.write(`${text}\n`);
    if (!result.ok) process.exitCode = 1;
  }

  private adapters(): (StripeAdapter | AppleAdapter | GoogleAdapter | WiseAdapter)[] {
    return [this.stripe, this.apple, this.google, this.wise];
  }

  private async materialOf({ from }: VerifyOptions): Promise<Material> {
    if (from !== undefined) return { recording: await readRecording(from), recorded: null, forgotten: 0 };
    const source = await sourceOf(this.config.databaseUrl, livemodeOf(this.adapters()));
    // Without the beginning of a story its end cannot be compared.
    return source.forgotten === 0 ? source : { ...source, recorded: null };
  }
}

function chaosOf({ shuffle = false, duplicate = false, crash = false }: VerifyOptions): Chaos {
  const none = !shuffle && !duplicate && !crash;
  return { shuffle: shuffle || none, duplicate: duplicate || none, crash: crash || none };
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${flag} must be a whole number from ${least} to ${most}`);
  }
  return value;
}

/** What he can see to himself, without our stack trace. */
function isForOperator(error: unknown): error is Error {
  if (error instanceof ScratchError || error instanceof RecordingFileError || error instanceof MigrationError)
    return true;
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES');
}
