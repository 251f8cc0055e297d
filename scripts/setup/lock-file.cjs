'use strict';
// CommonJS without dependencies: the set-up uses it before anything is installed, TypeScript afterwards.
const { spawnSync } = require('node:child_process');
const { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } = require('node:fs');
const path = require('node:path');

/** A breaker works for microseconds; one that old belongs to a process that died while at it. */
const BREAKER_STALE_MS = 10_000;

function thisProcess() {
  return { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' };
}

function isAlive(identity) {
  return startTimeOf(identity.pid) === identity.startedAt;
}

/** When the process started, in whatever unit the system counts; undefined when there is no such process. */
function startTimeOf(pid) {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return (stdout ?? '').trim() === '' ? undefined : stdout.trim();
  }
  try {
    // The second field is the command in parentheses and may hold spaces; the start is the 22nd, the state the third.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function tryLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  if (!create(file) && !(breakStale(file) && create(file))) return undefined;
  return () => {
    rmSync(file, { force: true });
  };
}

function create(file) {
  try {
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, JSON.stringify(thisProcess()));
    closeSync(handle);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead owner's lock; under a lock of its own, else two breakers could remove a third's fresh lock. */
function breakStale(file) {
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

function ownerIsAlive(file) {
  try {
    const content = readFileSync(file, 'utf8');
    // Empty for the instant between its creation and its first write.
    if (content === '') return Date.now() - statSync(file).mtimeMs < BREAKER_STALE_MS;
    return isAlive(JSON.parse(content));
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

module.exports = { isAlive, thisProcess, tryLock };
