import type { Clock } from '../shared/clock';
import { differencesOf, type Difference } from './differences';
import type { Outcome } from './outcome.repository';
import type { KnownObject } from './provider-stand-in';
import { ownersOf, type RecordedItem, type Step } from './recording';
import { Replayer, type Replayed, type ReplayerOptions } from './replayer';
import { disordered, inOrder, type Chaos } from './sequence';
import { shrink } from './shrink';

const SHRINK_TRIES = 200;
const SHRINK_MS = 60_000;

export interface VerificationOptions extends ReplayerOptions {
  clock: Clock;
  chaos: Chaos;
  seed: number;
  runs: number;
  /** What the recorded installation itself has come to; null where only the recording is known. */
  recorded: RecordedOutcome | null;
  /** Told as each replay ends. */
  onProgress?: (line: string) => void;
}

export interface RecordedOutcome {
  outcome: Outcome;
  /** Aggregates that something still waits for in the inbox: they are not compared. */
  pending: ReadonlySet<string | null>;
}

/** A sequence whose end is not that of the recorded order. */
export interface Failure {
  /** From 1; 0 for the sequence that the recording itself carries. */
  run: number;
  differences: readonly Difference[];
  /** The smallest sequence found, over the recording's items. */
  steps: readonly Step[];
  /** What differs after it. */
  smallest: readonly Difference[];
  /** What the providers answered meanwhile. */
  known: readonly KnownObject[];
}

export interface Verified {
  ok: boolean;
  seed: number;
  chaos: Chaos;
  events: number;
  readings: number;
  customers: number;
  /** Replays that were compared with the one in recorded order. */
  runs: number;
  told: number;
  crashes: number;
  /** Rows compared in each replay, by table. */
  compared: Readonly<Record<string, number>>;
  /** Of the recorded installation to the replay in recorded order; null where there is none. */
  recorded: readonly Difference[] | null;
  /** What the recorded order itself did not come to an end with, or refolding found. */
  unsound: readonly Difference[];
  failure: Failure | null;
}

/** Holds replays in random orders, with duplicates and crashes, against the replay in recorded order. */
export async function verify(options: VerificationOptions): Promise<Verified> {
  const replayer = await Replayer.open(options);
  try {
    return await new Verification(options, replayer).run();
  } finally {
    await replayer.close();
  }
}

class Verification {
  private readonly items: readonly RecordedItem[];
  private readonly all: readonly number[];

  constructor(
    private readonly options: VerificationOptions,
    private readonly replayer: Replayer,
  ) {
    this.items = options.recording.items;
    this.all = this.items.map((_, i) => i);
  }

  async run(): Promise<Verified> {
    const { chaos, seed, recorded, recording } = this.options;
    const baseline = await this.replayer.replay(inOrder(this.all));
    this.say(`The recorded order is replayed: ${sizeOf(baseline.outcome)} rows`);
    const tried = await this.tryAll(baseline);
    const drifted = recorded && this.drift(recorded, baseline.outcome);
    const unsound = unsoundOf(baseline);
    return {
      ok: tried.failure === null && unsound.length === 0 && (drifted ?? []).length === 0,
      ...{ seed, chaos, unsound, recorded: drifted },
      ...tried,
      events: this.items.filter(({ kind }) => kind === 'event').length,
      readings: this.items.filter(({ kind }) => kind === 'reading').length,
      customers: recording.given.customers.length,
      compared: Object.fromEntries([...baseline.outcome].map(([table, rows]) => [table, rows.size])),
    };
  }

  private async tryAll(baseline: Replayed): Promise<Pick<Verified, 'runs' | 'told' | 'crashes' | 'failure'>> {
    const { chaos, seed, runs, recording } = this.options;
    const result = { runs: 0, told: 0, crashes: 0 };
    for (let run = recording.sequence ? 0 : 1; run <= runs; run += 1) {
      const steps = (run === 0 && recording.sequence) || disordered(this.all, chaos, seed + run - 1);
      const expected = run === 0 ? await this.replayer.replay(inOrder(itemsOf(steps))) : baseline;
      const { outcome, crashed } = await this.replayer.replay(steps);
      result.runs += 1;
      result.told += steps.filter((step) => step.do === 'tell').length;
      result.crashes += crashed;
      const differences = differencesOf(expected.outcome, outcome);
      this.say(`Run ${run} of ${runs}: ${differences.length === 0 ? 'the same' : 'not the same'}, ${crashed} crashes`);
      if (differences.length > 0) return { ...result, failure: await this.explain(run, steps, differences) };
    }
    return { ...result, failure: null };
  }

  /** Looks for the smallest sequence that still ends otherwise than its own items in recorded order do. */
  private async explain(run: number, steps: readonly Step[], differences: readonly Difference[]): Promise<Failure> {
    const { clock } = this.options;
    const end = clock.wall().getTime() + SHRINK_MS;
    const bounds = { tries: SHRINK_TRIES, goesOn: () => clock.wall().getTime() < end };
    let last: { steps: readonly Step[]; differences: readonly Difference[] } = { steps, differences };
    const fails = async (part: readonly Step[]): Promise<boolean> => {
      const found = await this.compare(part);
      if (found.length > 0) last = { steps: part, differences: found };
      return found.length > 0;
    };
    this.say('Looking for the smallest sequence that goes wrong');
    for (const simpler of this.simpler(steps, differences)) if (await fails(simpler)) break;
    const smallest = await shrink(last.steps, fails, bounds);
    return { run, differences, steps: smallest, smallest: last.differences, known: this.replayer.answers };
  }

  /** Whole classes of steps that the failure may have nothing to do with, the boldest cut first. */
  private simpler(steps: readonly Step[], differences: readonly Difference[]): (readonly Step[])[] {
    const wrong = this.aggregatesOf(differences);
    const concerns = (step: Step): boolean => {
      const aggregate = step.do === 'tell' ? (this.items[step.item]?.aggregate ?? null) : null;
      return aggregate === null || wrong.size === 0 || wrong.has(aggregate);
    };
    const concerned = steps.filter(concerns);
    const calm = (some: readonly Step[]): Step[] =>
      some.filter(({ do: what }) => what === 'tell' || what === 'work').map(quiet);
    const once = calm(concerned).filter((step, i, all) => step.do !== 'work' || all[i - 1]?.do === 'tell');
    return [once, concerned, calm(steps)];
  }

  private async compare(steps: readonly Step[]): Promise<Difference[]> {
    const items = itemsOf(steps);
    if (items.length === 0) return [];
    const expected = await this.replayer.replay(inOrder(items));
    const actual = await this.replayer.replay(steps);
    return differencesOf(expected.outcome, actual.outcome);
  }

  /** Whom the first difference that names somebody is about. */
  private aggregatesOf(differences: readonly Difference[]): Set<string> {
    const first = differences.find(({ aggregate, customerId }) => aggregate !== null || customerId !== null);
    if (!first) return new Set();
    return first.aggregate === null ? this.accountsOf(first.customerId) : new Set([first.aggregate]);
  }

  private accountsOf(customerId: string | null): Set<string> {
    const owners = ownersOf(this.options.recording.given);
    return new Set([...owners].flatMap(([account, owner]) => (owner === customerId ? [account] : [])));
  }

  /** Where the installation is other than a replay of its events; without those it is not done with. */
  private drift({ outcome, pending }: RecordedOutcome, replayed: Outcome): Difference[] {
    const differences = differencesOf(outcome, replayed);
    if (pending.size === 0) return differences;
    return differences.filter(({ table, aggregate, customerId }) => {
      if (table === 'balances' || pending.has(null)) return false;
      const theirs = aggregate === null ? [...this.accountsOf(customerId)] : [aggregate];
      return !theirs.some((one) => pending.has(one));
    });
  }

  private say(line: string): void {
    this.options.onProgress?.(line);
  }
}

function quiet(step: Step): Step {
  return step.do === 'work' ? { do: 'work', crash: null } : step;
}

/** Each item once, in recorded order. */
function itemsOf(steps: readonly Step[]): number[] {
  const items = new Set(steps.flatMap((step) => (step.do === 'tell' ? [step.item] : [])));
  return [...items].sort((a, b) => a - b);
}

function unsoundOf({ outcome, left }: Replayed): Difference[] {
  const whose = { customerId: null, aggregate: null };
  const refolded = [...(outcome.get('refold') ?? [])].map(([key, { row }]): Difference => {
    return { table: 'refold', key, ...whose, expected: { value: row['facts'] }, actual: { value: row['row'] } };
  });
  if (left === 0) return refolded;
  return [
    ...refolded,
    { table: 'inbox_events', key: 'unhandled', ...whose, expected: { rows: 0 }, actual: { rows: left } },
  ];
}

function sizeOf(outcome: Outcome): number {
  return [...outcome.values()].reduce((sum, rows) => sum + rows.size, 0);
}
