import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { STATE_FOLDER } from './paths';
import { isAlive, thisProcess, type ProcessIdentity } from '../setup/lock-file.cjs';

const OWNER_FILE = 'owner.json';
const EPHEMERAL_PREFIX = 'ephemeral-';

/** Where a server may keep its data: `folder` is the server's, `base` is ours (credentials, logs, who owns it). */
export interface DataFolder {
  base: string;
  folder: string;
  /** Deletes both. */
  remove(): void;
}

export interface DataFolderOptions {
  name: string;
  /** A folder of its own that is gone with its owner, instead of the clone's. */
  ephemeral: boolean;
  user?: { uid: number; gid: number };
  /** Where to go when `user` cannot reach the clone. */
  shared?: string;
  /** In memory, where the machine has a file system there with room enough: tests write little, but often. */
  inMemory?: boolean;
}

/** tmpfs for everybody; Linux only. */
const MEMORY_FOLDER = '/dev/shm';
/** Beside what a whole run of the tests takes, which is less than two: a full one would take other programs down. */
const MEMORY_ROOM_BYTES = 8 * 2 ** 30;

export function dataFolder(options: DataFolderOptions): DataFolder {
  mkdirSync(STATE_FOLDER, { recursive: true });
  const root = reachableRoot(options);
  sweep(root);
  const base = options.ephemeral
    ? mkdtempSync(path.join(root, `${EPHEMERAL_PREFIX}${options.name}-`))
    : path.join(root, root === STATE_FOLDER ? options.name : `${options.name}-${cloneId()}`);
  mkdirSync(base, { recursive: true });
  chmodSync(base, options.user === undefined ? 0o700 : 0o711);
  if (options.ephemeral) writeFileSync(path.join(base, OWNER_FILE), JSON.stringify(thisProcess()));
  // A reader of .kassa must find what is kept elsewhere.
  else if (root !== STATE_FOLDER) writeFileSync(path.join(STATE_FOLDER, `${options.name}.location`), `${base}\n`);
  const folder = path.join(base, 'data');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (options.user !== undefined) chownSync(folder, options.user.uid, options.user.gid);
  return {
    base,
    folder,
    remove: () => {
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function reachableRoot({ user, shared, inMemory }: DataFolderOptions): string {
  const memory = inMemory === true ? memoryRoot() : undefined;
  if (memory !== undefined) return memory;
  return user === undefined || shared === undefined || canPassThrough(STATE_FOLDER, user) ? STATE_FOLDER : shared;
}

/** Our own corner of it, which others may walk through and not write to. */
function memoryRoot(): string | undefined {
  const uid = process.getuid?.();
  if (uid === undefined || !existsSync(MEMORY_FOLDER)) return undefined;
  const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
  if (bavail * bsize < MEMORY_ROOM_BYTES) return undefined;
  const root = path.join(MEMORY_FOLDER, `kassa-${uid}`);
  mkdirSync(root, { recursive: true });
  // Somebody else may have taken the name.
  if (statSync(root).uid !== uid) return undefined;
  chmodSync(root, 0o711);
  return root;
}

/** Whether an account may walk down to the folder, by the mode bits of every folder on the way. */
function canPassThrough(folder: string, user: { uid: number; gid: number }): boolean {
  const { mode, uid, gid } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  const parent = path.dirname(folder);
  return (mode & bit) !== 0 && (parent === folder || canPassThrough(parent, user));
}

function cloneId(): string {
  return createHash('sha256').update(STATE_FOLDER).digest('hex').slice(0, 12);
}

/** Removes what owners killed outright left behind; their servers ended with them. */
function sweep(root: string): void {
  for (const name of readdirSync(root)) {
    const base = path.join(root, name);
    const owner = path.join(base, OWNER_FILE);
    if (!name.startsWith(EPHEMERAL_PREFIX) || !existsSync(owner)) continue;
    const content = readFileSync(owner, 'utf8');
    if (content !== '' && !isAlive(JSON.parse(content) as ProcessIdentity)) {
      rmSync(base, { recursive: true, force: true });
    }
  }
}
