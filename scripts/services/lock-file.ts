import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isAlive, thisProcess, type ProcessIdentity } from './process-identity';

/** A breaker works for microseconds; one that old belongs to a process that died while at it. */
const BREAKER_STALE_MS = 10_000;

/**
 * Takes a lock that belongs to this process and ends with it: a lock whose owner is dead is taken over.
 * @returns a function that gives it back, or undefined when a living process holds it.
 */
export function tryLock(file: string): (() => void) | undefined {
  mkdirSync(path.dirname(file), { recursive: true });
  if (!create(file) && !(breakStale(file) && create(file))) return undefined;
  return () => {
    rmSync(file, { force: true });
  };
}

function create(file: string): boolean {
  try {
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, JSON.stringify(thisProcess()));
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead owner's lock; under a lock of its own, else two breakers could remove a third's fresh lock. */
function breakStale(file: string): boolean {
  const breaker = `${file}.breaking`;
  if (!create(breaker)) {
    const age = Date.now() - (statSync(breaker, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > BREAKER_STALE_MS) rmSync(breaker, { force: true });
    return false;
  }
  try {
    if (ownerIsAlive(file)) return false;
    rmSync(file, { force: true });
    return true;
  } finally {
    rmSync(breaker, { force: true });
  }
}

function ownerIsAlive(file: string): boolean {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch {
    return false;
  }
  // Empty for the instant between its creation and its first write.
  if (content === '') return Date.now() - statSync(file).mtimeMs < BREAKER_STALE_MS;
  return isAlive(JSON.parse(content) as ProcessIdentity);
}
