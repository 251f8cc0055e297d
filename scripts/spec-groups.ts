import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, STATE_FOLDER } from './services/paths';
import RECORDED_SECONDS from './spec-seconds.json';

/** Where jest.config.js looks for the groups. */
export const GROUPS_FOLDER = path.join(STATE_FOLDER, 'specs');

interface Project {
  readonly name: string;
  readonly folders: readonly string[];
  readonly suffix: string;
  /** Of specs that spec-seconds.json does not record as long ones: it is kept by hand, and changes nothing but the balance. */
  readonly secondsPerKilobyte: number;
}

/** What is in the longest group: a worker's memory grows with it. */
const MOST_SECONDS = 90;
/** What is in the shortest, about: loading the application costs two to three for each group. */
const FEWEST_SECONDS = 20;
/** A group takes this share of what is left: long ones first, and at the end short ones, so that no worker waits long for another. */
const SHARE = 1 / 3;

/** The projects of jest.config.js and their specs. */
const PROJECTS: readonly Project[] = [
  { name: 'unit', folders: ['src', 'sandbox', 'scripts', 'test/unit'], suffix: '.spec.ts', secondsPerKilobyte: 0.08 },
  { name: 'integration', folders: ['test/integration'], suffix: '.int-spec.ts', secondsPerKilobyte: 0.4 },
  {
    name: 'e2e',
    folders: ['test/e2e', 'test/scenarios', 'test/contract'],
    suffix: '.e2e-spec.ts',
    secondsPerKilobyte: 0.4,
  },
];

/**
 * Writes files that each load many specs, so that the application and its packages are loaded and compiled once for all
 * of them instead of once for each: that was half the time of a run. Each spec is a `describe` of its own, so its hooks
 * are its own too.
 * @param leaveOut specs whose path fits it are in no group.
 */
export function writeSpecGroups(leaveOut?: RegExp): void {
  rmSync(GROUPS_FOLDER, { recursive: true, force: true });
  mkdirSync(GROUPS_FOLDER, { recursive: true });
  for (const { name, folders, suffix, secondsPerKilobyte } of PROJECTS) {
    const specs = folders.flatMap((folder) => specsIn(folder, suffix)).filter((spec) => leaveOut?.test(spec) !== true);
    const timed = specs.map((spec) => ({ spec, seconds: secondsOf(spec, secondsPerKilobyte) }));
    for (const [index, group] of dealt(timed).entries()) {
      writeFileSync(path.join(GROUPS_FOLDER, `${name}-${index + 1}.group.js`), groupOf(group));
    }
  }
}

function specsIn(folder: string, suffix: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(suffix))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')));
}

interface TimedSpec {
  readonly spec: string;
  /** Roughly, as one worker takes on CI's machine. */
  readonly seconds: number;
}

function secondsOf(spec: string, perKilobyte: number): number {
  const recorded: Readonly<Record<string, number>> = RECORDED_SECONDS;
  return recorded[spec] ?? (statSync(path.join(ROOT, spec)).size / 1000) * perKilobyte;
}

/** The longest first, each to the group that has most room left. */
export function dealt(specs: readonly TimedSpec[]): TimedSpec[][] {
  const hands = rooms(total(specs)).map((room) => ({ room, specs: [] as TimedSpec[] }));
  for (const timed of [...specs].sort((a, b) => b.seconds - a.seconds || (a.spec < b.spec ? -1 : 1))) {
    const hand = hands.reduce((roomiest, other) => (other.room > roomiest.room ? other : roomiest));
    hand.specs.push(timed);
    hand.room -= timed.seconds;
  }
  return hands.map((hand) => hand.specs).filter((hand) => hand.length > 0);
}

/** How long each group is to be. */
function rooms(seconds: number): number[] {
  const room = Math.min(MOST_SECONDS, Math.max(FEWEST_SECONDS, seconds * SHARE));
  return seconds > room ? [room, ...rooms(seconds - room)] : [seconds];
}

function total(specs: readonly TimedSpec[]): number {
  return specs.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Where Jest has not measured it yet, it starts with the largest file: a group's size tells how long it is. */
function groupOf(specs: readonly TimedSpec[]): string {
  const load = ({ spec }: TimedSpec): string =>
    `describe(${JSON.stringify(spec)}, () => {\n  require(${JSON.stringify(path.join(ROOT, spec))});\n});\n`;
  return specs.map(load).join('') + `// ${'.'.repeat(Math.round(total(specs) * 1000))}\n`;
}
