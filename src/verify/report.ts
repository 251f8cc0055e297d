import { canonicalJson } from '../shared/canonical-json';
import type { Difference } from './differences';
import { itemName, type Crash, type Recording, type Step } from './recording';
import type { Failure, Verified } from './verification';

const SHOWN = 10;
const VALUE_CHARS = 160;

/** For a person to read. */
export function reportLines(result: Verified, recording: Recording): string[] {
  const { events, readings, customers, runs, seed, told, crashes, compared } = result;
  const rows = Object.entries(compared).filter(([, n]) => n > 0);
  return [
    `Recording  ${events} events and ${readings} answers and readings, ${customers} customers`,
    `Replays    ${runs} (${chaosOf(result)}), seed ${seed}: ${told} tellings, ${crashes} crashes`,
    `Compared   ${rows.map(([table, n]) => `${n} ${table.replaceAll('_', ' ')}`).join(', ')}`,
    '',
    ...section('The recorded order itself is unsound', result.unsound),
    ...section('The running system differs from a replay of its events', result.recorded ?? []),
    ...(result.failure ? failureLines(result.failure, recording) : []),
    result.ok ? verdict(result) : 'Not the same.',
  ];
}

function verdict({ recorded }: Verified): string {
  const running = recorded === null ? '' : ', and so does the running system';
  return `Every replay ends as the recorded order does${running}.`;
}

function chaosOf({ chaos }: Verified): string {
  const names = [
    [chaos.shuffle, 'shuffled'],
    [chaos.duplicate, 'duplicated'],
    [chaos.crash, 'crashed'],
  ] as const;
  return names.flatMap(([on, name]) => (on ? [name] : [])).join(', ') || 'in order';
}

function section(title: string, differences: readonly Difference[]): string[] {
  return differences.length === 0 ? [] : [`${title}:`, ...differenceLines(differences), ''];
}

function differenceLines(differences: readonly Difference[]): string[] {
  const lines = differences
    .slice(0, SHOWN)
    .flatMap(({ table, key, expected, actual }) => [
      `  ${table} ${key}`,
      `    expected  ${valueOf(expected)}`,
      `    found     ${valueOf(actual)}`,
    ]);
  const more = differences.length - SHOWN;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}

function valueOf(value: Difference['expected']): string {
  const text = value === null ? 'no such row' : canonicalJson(value);
  return text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS)}…` : text;
}

function failureLines({ run, differences, steps, smallest }: Failure, recording: Recording): string[] {
  const tells = steps.filter((step) => step.do === 'tell').length;
  return [
    `Run ${run} ended otherwise than the recorded order, in ${differences.length} rows:`,
    ...differenceLines(differences),
    '',
    `The smallest sequence found that does so (${tells} tellings):`,
    ...steps.map((step, i) => `  ${String(i + 1).padStart(3)}  ${stepText(step, recording)}`),
    'It ends with:',
    ...differenceLines(smallest),
    '',
  ];
}

function stepText(step: Step, { items }: Recording): string {
  if (step.do === 'abandon') return `a worker takes up to ${step.rows} rows and dies`;
  if (step.do === 'work') return step.crash ? `work; ${crashText(step.crash)}` : 'work';
  const item = items[step.item];
  if (!item) return 'nothing';
  const [type, at, about] =
    item.kind === 'event'
      ? [item.event.type, item.event.occurredAt, item.event.objectId]
      : [item.facts[0]?.kind, item.facts[0]?.occurredAt, item.facts[0]?.objectId];
  return ['tell', itemName(item), type ?? '', at?.toISOString() ?? '', about ?? ''].join(' ');
}

function crashText({ at, unit, statement }: Crash): string {
  const which = `unit of work ${unit + 1}`;
  switch (at) {
    case 'statement':
      return `the session is killed in ${which} before statement ${statement + 1}`;
    case 'commit':
      return `the session is killed in ${which} before its commit`;
    case 'answer':
      return `the answer to the commit of ${which} is lost`;
    case 'fault':
      return `${which} meets an error at statement ${statement + 1}`;
  }
}

/** The failing sequence with what it needs, as a recording that `--from` tries first. */
export function failingRecording(recording: Recording, { steps, known }: Failure): Recording {
  const used = [...new Set(steps.flatMap((step) => (step.do === 'tell' ? [step.item] : [])))].sort((a, b) => a - b);
  const places = new Map(used.map((item, place) => [item, place]));
  return {
    ...recording,
    known,
    items: used.flatMap((item) => recording.items[item] ?? []),
    sequence: steps.map((step) => (step.do === 'tell' ? { ...step, item: places.get(step.item) ?? 0 } : step)),
  };
}
