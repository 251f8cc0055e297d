import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/**
 * A server that cannot outlive its owner. A small shell stands between us and it, holding the reading end of a pipe
 * whose writing end is ours alone; when the pipe ends, because we closed it or because we died (SIGKILL included), the
 * shell stops the server. Both live in a session of their own, so that Ctrl-C reaches us only and we stop things in order.
 */
export interface GuardedProcess {
  /** The server's own process id. */
  readonly pid: number;
  /** False from the moment the server has ended, for whatever reason. */
  readonly running: boolean;
  /** Stops the server with its polite signal and, after `STOP_TIMEOUT_MS`, with SIGKILL. */
  stop(): Promise<void>;
  /** SIGKILL, as a power failure would do it. */
  kill(): Promise<void>;
  /** The last lines the server wrote. */
  logTail(): string;
}

export interface GuardedCommand {
  command: string;
  args: string[];
  /** How the server is asked to stop, without the SIG. */
  stopSignal: 'INT' | 'TERM' | 'QUIT';
  cwd: string;
  logFile: string;
  /** Whom to run it as; only root may say somebody else. */
  user?: { uid: number; gid: number };
}

const STOP_TIMEOUT_MS = 15_000;

// $1 is the stop signal, the rest the server's command line. `read` returns at the end of the pipe: nobody ever writes.
const GUARD = `
  signal=$1; shift
  trap '' HUP INT TERM
  exec 3<&0
  (trap - HUP INT TERM; exec "$@") </dev/null 3<&- >&2 &
  server=$!
  echo "$server"
  exec >/dev/null
  (read -r _ <&3; kill -s "$signal" "$server") 2>/dev/null &
  watcher=$!
  wait "$server"
  status=$?
  kill -s KILL "$watcher" 2>/dev/null
  exit "$status"`;

/** @throws when the command cannot be started at all; a server that ends early shows in `running`. */
export async function startGuarded(options: GuardedCommand): Promise<GuardedProcess> {
  const log = openSync(options.logFile, 'w', 0o600);
  // The server's output goes to a file: a pipe would block the server as soon as we stop reading.
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', options.stopSignal, options.command, ...options.args], {
    ...options.user,
    cwd: options.cwd,
    // Nothing of our environment, secrets above all, is the server's business.
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', 'pipe', log],
    detached: true,
  });
  closeSync(log);
  const state = { running: true };
  const ended = new Promise<void>((resolve) => {
    guard.once('exit', () => {
      state.running = false;
      resolve();
    });
  });
  const pid = await readPid(guard);
  releaseEventLoop(guard);
  const signalServer = (signal: NodeJS.Signals) => {
    if (state.running) process.kill(pid, signal);
  };
  return {
    pid,
    get running() {
      return state.running;
    },
    stop: async () => {
      guard.ref();
      guard.stdin?.end();
      const timer = setTimeout(signalServer, STOP_TIMEOUT_MS, 'SIGKILL');
      await ended;
      clearTimeout(timer);
    },
    kill: async () => {
      guard.ref();
      signalServer('SIGKILL');
      await ended;
    },
    logTail: () => readFileSync(options.logFile, 'utf8').trimEnd().split('\n').slice(-10).join('\n'),
  };
}

function readPid(guard: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    guard.once('error', reject);
    guard.stdout?.once('data', (line: Buffer) => {
      resolve(Number(line.toString()));
    });
  });
}

/** The server must not keep our process alive; when we end, the pipe ends, and so does the server. */
function releaseEventLoop(guard: ChildProcess): void {
  guard.unref();
  for (const stream of [guard.stdin, guard.stdout]) {
    // A pipe whose other end is gone raises EPIPE; that the server ended is told by `exit`.
    stream?.on('error', () => undefined);
    (stream as unknown as { unref(): void }).unref();
  }
  guard.stdout?.resume();
}
