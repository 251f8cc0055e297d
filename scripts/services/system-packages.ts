import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from './find-program';

/** The names a program's package has, by package manager, the preferred first. */
export type PackageNames = Record<keyof typeof MANAGERS, readonly string[]>;

const MANAGERS = {
  'apt-get': {
    refresh: ['update', '-qq'],
    install: ['install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'],
    asRoot: true,
  },
  apk: { refresh: undefined, install: ['add', '--no-cache'], asRoot: true },
  dnf: { refresh: undefined, install: ['install', '-y', '-q'], asRoot: true },
  brew: { refresh: undefined, install: ['install', '--quiet'], asRoot: false },
} as const;

const ATTEMPTS = 3;
const RETRY_MS = 3_000;

/**
 * Installs a program through the system's package manager, where this account may do that without being asked.
 * @returns its path, or undefined when it may not or the installation failed.
 */
export async function installProgram(
  title: string,
  programs: readonly string[],
  packages: PackageNames,
): Promise<string | undefined> {
  const manager = (Object.keys(MANAGERS) as (keyof typeof MANAGERS)[]).find((name) => findProgram([name]));
  if (manager === undefined) return undefined;
  const { refresh, install, asRoot } = MANAGERS[manager];
  const prefix = privilege(asRoot);
  if (prefix === undefined) return undefined;
  const run = (args: readonly string[]) => {
    const [command = manager, ...rest] = [...prefix, manager, ...args];
    return (
      spawnSync(command, rest, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
        .status === 0
    );
  };
  process.stderr.write(`Installing ${title} with ${manager} ...\n`);
  // Another set-up on this machine may hold the package manager's lock, or install the very same thing.
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (refresh !== undefined) run(refresh);
    if (packages[manager].some((name) => run([...install, name]))) break;
    if (findProgram(programs) !== undefined) break;
    await delay(RETRY_MS);
  }
  return findProgram(programs);
}

/** What to put before the command, or undefined when this account may not install. Homebrew refuses to run as root. */
function privilege(asRoot: boolean): string[] | undefined {
  const isRoot = process.getuid?.() === 0;
  if (isRoot === asRoot) return [];
  if (!asRoot) return undefined;
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}
