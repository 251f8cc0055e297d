import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import type { Fact, Provider } from '../shared/facts';
import type { KnownObject } from './provider-stand-in';
import {
  GIVEN_TABLES,
  type GivenRows,
  type GivenTable,
  type RecordedItem,
  type Recording,
  type Step,
} from './recording';

const VERSION = 1;

/** The file is nothing that `--record` has written. */
export class RecordingFileError extends Error {}

type Line =
  | { kassaRecording: number; livemode: Partial<Record<Provider, boolean>> }
  | { given: GivenTable; row: object }
  | { event: { rawBody: string; occurredAt: string }; aggregate: string | null }
  | { reading: { provider: Provider; sourceId: string; facts: readonly { occurredAt: string }[] }; aggregate: string }
  | { step: Step }
  | { known: Omit<KnownObject, 'occurredAt'> & { occurredAt: string } };

/** Writes a recording as JSON lines: a header, what is given, then what was told in recorded order. */
export async function writeRecording(file: string, recording: Recording): Promise<void> {
  const out = createWriteStream(file, { mode: 0o600 });
  const opened = once(out, 'open');
  await opened;
  for (const line of linesOf(recording)) {
    if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

function* linesOf({ given, livemode, items, sequence, known }: Recording): Generator<object> {
  yield { kassaRecording: VERSION, livemode };
  for (const table of GIVEN_TABLES) for (const row of given[table]) yield { given: table, row };
  for (const item of items) {
    const { aggregate } = item;
    if (item.kind === 'event') {
      yield { aggregate, event: { ...item.event, rawBody: item.event.rawBody.toString('base64') } };
    } else {
      const { provider, sourceId, facts } = item;
      yield { aggregate, reading: { provider, sourceId, facts } };
    }
  }
  for (const object of known ?? []) yield { known: object };
  for (const step of sequence ?? []) yield { step };
}

/** @throws RecordingFileError with the number of the line that is not one. */
export async function readRecording(file: string): Promise<Recording> {
  const given = Object.fromEntries(GIVEN_TABLES.map((table) => [table, [] as object[]])) as Record<
    GivenTable,
    object[]
  >;
  const items: RecordedItem[] = [];
  const sequence: Step[] = [];
  const known: KnownObject[] = [];
  let livemode: Recording['livemode'] | null = null;
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    const line = parse(text, `${file}, line ${number}`);
    if ('kassaRecording' in line) {
      if (line.kassaRecording !== VERSION) throw new RecordingFileError(`${file} is of another version of Kassa`);
      livemode = line.livemode;
    } else if (livemode === null) break;
    else if ('given' in line) given[line.given].push(line.row);
    else if ('step' in line) sequence.push(line.step);
    else if ('known' in line) known.push({ ...line.known, occurredAt: new Date(line.known.occurredAt) });
    else items.push(itemOf(line));
  }
  if (livemode === null) throw new RecordingFileError(`${file} does not begin as a recording of events does`);
  return {
    ...{ given: given satisfies GivenRows, livemode, items },
    ...(known.length > 0 && { known }),
    ...(sequence.length > 0 && { sequence: sound(sequence, items.length, file) }),
  };
}

function parse(text: string, where: string): Line {
  try {
    const line = JSON.parse(text) as unknown;
    if (isLine(line)) return line;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new RecordingFileError(`${where}: not a line of a recording`);
}

function isLine(line: unknown): line is Line {
  if (line === null || typeof line !== 'object') return false;
  if ('given' in line) return GIVEN_TABLES.some((table) => table === line.given) && 'row' in line;
  return ['kassaRecording', 'event', 'reading', 'known', 'step'].some((name) => name in line);
}

function itemOf(line: Extract<Line, { aggregate: string | null }>): RecordedItem {
  if ('reading' in line) {
    const { aggregate, reading } = line;
    const facts = reading.facts.map((fact) => ({ ...fact, occurredAt: new Date(fact.occurredAt) }) as Fact);
    return { kind: 'reading', aggregate, ...reading, facts };
  }
  const { aggregate, event } = line;
  const rawBody = Buffer.from(event.rawBody, 'base64');
  // The other columns were written from an IncomingEvent, and are JSON themselves.
  const told = { ...event, rawBody, occurredAt: new Date(event.occurredAt) } as Extract<
    RecordedItem,
    { kind: 'event' }
  >['event'];
  return { kind: 'event', aggregate, event: told };
}

function sound(sequence: readonly Step[], items: number, file: string): readonly Step[] {
  if (sequence.every((step) => step.do !== 'tell' || step.item < items)) return sequence;
  throw new RecordingFileError(`${file} has a step about an item that is not there`);
}
