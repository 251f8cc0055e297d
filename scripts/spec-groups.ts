import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, STATE_FOLDER } from './services/paths';

/** Where jest.config.js looks for the groups. */
export const GROUPS_FOLDER = path.join(STATE_FOLDER, 'specs');

interface Project {
  readonly name: string;
  readonly folders: readonly string[];
  readonly suffix: string;
  /** Enough of them that no worker waits long for the other at the end, and that what closed applications leave behind stays small. */
  readonly groups: number;
}

/** The projects of jest.config.js and their specs. */
const PROJECTS: readonly Project[] = [
  { name: 'unit', folders: ['src', 'sandbox', 'scripts', 'test/unit'], suffix: '.spec.ts', groups: 4 },
  { name: 'integration', folders: ['test/integration'], suffix: '.int-spec.ts', groups: 4 },
  { name: 'e2e', folders: ['test/e2e', 'test/scenarios', 'test/contract'], suffix: '.e2e-spec.ts', groups: 16 },
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
  for (const { name, folders, suffix, groups } of PROJECTS) {
    const specs = folders.flatMap((folder) => specsIn(folder, suffix)).filter((spec) => leaveOut?.test(spec) !== true);
    for (const [index, group] of dealt(specs, groups).entries()) {
      writeFileSync(path.join(GROUPS_FOLDER, `${name}-${index + 1}.group.js`), groupOf(group));
    }
  }
}

function specsIn(folder: string, suffix: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(suffix))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')));
}

/** The largest first, each to the group that has least: sizes tell roughly how long a spec takes. */
function dealt(specs: readonly string[], groups: number): string[][] {
  const hands = Array.from({ length: groups }, () => ({ size: 0, specs: [] as string[] }));
  const sized = specs.map((spec) => ({ spec, size: statSync(path.join(ROOT, spec)).size }));
  for (const { spec, size } of sized.sort((a, b) => b.size - a.size || (a.spec < b.spec ? -1 : 1))) {
    const hand = hands.reduce((least, other) => (other.size < least.size ? other : least));
    hand.specs.push(spec);
    hand.size += size;
  }
  return hands.map((hand) => hand.specs).filter((hand) => hand.length > 0);
}

function groupOf(specs: readonly string[]): string {
  const load = (spec: string): string =>
    `describe(${JSON.stringify(spec)}, () => {\n  require(${JSON.stringify(path.join(ROOT, spec))});\n});\n`;
  return specs.map(load).join('');
}
