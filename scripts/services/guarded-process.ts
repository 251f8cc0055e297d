import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/**
 * A process that cannot outlive its owner. A small shell stands between us and it, holding the reading end of a pipe
 * whose writing end is ours alone; when the pipe ends, because we closed it or because we died (SIGKILL included), the
 * shell stops the process. Both live in a session of their own, so that Ctrl-C reaches us only and we stop things in order.
 */
export interface GuardedProcess {
  /** The process's own id, not the shell's. */
  readonly pid: number;
  /** False from the moment the process has ended, for whatever reason. */
  readonly running: boolean;
  /** Its exit code, or 128 plus the signal that ended it. */
  readonly ended: Promise<number>;
  /** Stops it with its polite signal and, after `STOP_TIMEOUT_MS`, with SIGKILL. */
  stop(): Promise<void>;
  /** SIGKILL, as a power failure would do it. */
  kill(): Promise<void>;
}

export interface GuardedCommand {
  command: string;
  args: string[];
  /** How the process is asked to stop, without the SIG. */
  stopSignal: 'INT' | 'TERM' | 'QUIT';
  cwd: string;
  /** A file. Default: our own standard output and error. Never a pipe, which blocks a process when nobody reads. */
  output?: string;
  /** The whole environment. Default: next to nothing, for ours, secrets above all, is not a server's business. */
  env?: NodeJS.ProcessEnv;
  /** True: it does not keep our process alive, and ends when we have nothing else to do. */
  background?: boolean;
  /** Whom to run it as; only root may say somebody else. */
  user?: { uid: number; gid: number };
}

const STOP_TIMEOUT_MS = 15_000;

// $1 is the stop signal, the rest the command line. `read` returns at the end of the pipe: nobody ever writes to it.
const GUARD = `
  signal=$1; shift
  trap '' HUP INT TERM
  exec 4<&0
  (trap - HUP INT TERM; exec "$@") </dev/null 3>&- 4<&- &
  child=$!
  echo "$child" >&3
  exec 3>&-
  (read -r _ <&4; kill -s "$signal" "$child") 2>/dev/null &
  watcher=$!
  wait "$child"
  status=$?
  kill -s KILL "$watcher" 2>/dev/null
  exit "$status"`;

/** @throws when the command cannot be started at all; a process that ends early shows in `running`. */
export async function startGuarded(options: GuardedCommand): Promise<GuardedProcess> {
  const output = options.output === undefined ? undefined : openSync(options.output, 'w', 0o600);
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', options.stopSignal, options.command, ...options.args], {
    ...options.user,
    cwd: options.cwd,
    env: options.env ?? { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', output ?? 'inherit', output ?? 'inherit', 'pipe'],
    detached: true,
  });
  if (output !== undefined) closeSync(output);
  const state = { running: true };
  const ended = new Promise<number>((resolve) => {
    guard.once('exit', (code) => {
      state.running = false;
      resolve(code ?? 1);
    });
  });
  // A pipe whose other end is gone raises EPIPE; that the process ended is told by `exit`.
  guard.stdin?.on('error', () => undefined);
  const pid = await readPid(guard);
  if (options.background === true) releaseEventLoop(guard);
  const signal = (name: NodeJS.Signals) => {
    if (state.running) process.kill(pid, name);
  };
  return {
    pid,
    ended,
    get running() {
      return state.running;
    },
    stop: async () => {
      guard.ref();
      guard.stdin?.end();
      const timer = setTimeout(signal, STOP_TIMEOUT_MS, 'SIGKILL');
      await ended;
      clearTimeout(timer);
    },
    kill: async () => {
      guard.ref();
      signal('SIGKILL');
      await ended;
    },
  };
}

function readPid(guard: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    guard.once('error', reject);
    guard.stdio[3]?.once('data', (line: Buffer) => {
      resolve(Number(line.toString()));
      guard.stdio[3]?.destroy();
    });
  });
}

function releaseEventLoop(guard: ChildProcess): void {
  guard.unref();
  (guard.stdin as unknown as { unref(): void } | null)?.unref();
}
