import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startGuarded, type GuardedProcess } from '../services';
import { ROOT } from '../services/paths';

export interface Child {
  readonly process: GuardedProcess;
  /** What `ready` captured in the child's output. */
  readonly said: string;
}

export interface ChildCommand {
  /** Also the name of its log. */
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its first group is what the start is good for, an address for instance. */
  readonly ready: RegExp;
}

const POLL_MS = 20;
const START_TIMEOUT_MS = 60_000;

/** Programs of this project as processes of their own, whose output goes to files in one folder. */
export class Children {
  private readonly running: GuardedProcess[] = [];
  private reportEnd: (error: Error) => void = () => undefined;
  /** Rejects when a child that should go on has ended by itself. */
  readonly failed = new Promise<never>((_resolve, reject) => (this.reportEnd = reject));
  private stopping = false;

  /** @param folder for its output, and for what else it is given to read. */
  constructor(readonly folder: string) {
    // Nobody may be listening while the story is still being set up; the start itself then tells.
    this.failed.catch(() => undefined);
  }

  /** Runs until the command says that it is ready. @throws Error with its last words when it ends before that. */
  async start({ name, args, env, ready }: ChildCommand): Promise<Child> {
    const log = path.join(this.folder, `${name}.log`);
    const child = await this.spawn(args, env, log);
    this.running.push(child);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (child.running && Date.now() < deadline) {
      const said = ready.exec(readFileSync(log, 'utf8'))?.[1];
      if (said !== undefined) {
        void child.ended.then((code) => {
          if (!this.stopping) this.reportEnd(new Error(`${name} ended by itself with exit code ${code}.`));
        });
        return { process: child, said };
      }
      await delay(POLL_MS);
    }
    throw new Error(`${name} did not start:\n${lastWords(log)}`);
  }

  /** Runs a command to its end. @returns what it said. @throws Error with its last words for an exit code other than 0. */
  async run(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
    const log = path.join(this.folder, `${name}.log`);
    const child = await this.spawn(args, env, log);
    this.running.push(child);
    if ((await child.ended) !== 0) throw new Error(`${name} failed:\n${lastWords(log)}`);
    return readFileSync(log, 'utf8');
  }

  /** Keeps settings beside the logs, for `node --env-file`. @returns the file. */
  keepEnvironment(env: Readonly<Record<string, string>>): string {
    const file = path.join(this.folder, 'kassa.env');
    writeFileSync(
      file,
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
      { mode: 0o600 },
    );
    return file;
  }

  /** The last started first: what it finishes its work with is still there then. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const child of this.running.splice(0).reverse()) await child.stop();
  }

  private spawn(args: readonly string[], env: Readonly<Record<string, string>>, output: string) {
    return startGuarded({
      command: process.execPath,
      args: [...args],
      stopSignal: 'TERM',
      cwd: ROOT,
      env: { PATH: process.env['PATH'], TZ: 'UTC', ...env },
      output,
    });
  }
}

function lastWords(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-10).join('\n') : '';
}
