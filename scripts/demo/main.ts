import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runMain } from '../run-main';
import { ROOT, STATE_FOLDER } from '../services/paths';
import { stopSignal } from '../stop-signal';
import { Children } from './children';
import { openingLines, promiseLines } from './framing-lines';
import { addressLines } from './keep';
import { paint, wantsColour } from './paint';
import { play } from './play';
import { checkPromises } from './promises';
import { World } from './world';

const USAGE = `npm run demo [-- --keep]
  Plays half a year in the life of a few customers, and checks the outcome.
  --keep  leaves everything running afterwards, and prints where and how to get in`;

/** As the shell tells it of a process that Ctrl-C ended: 128 and the number of SIGINT. */
const INTERRUPTED_CODE = 130;

class Interrupted extends Error {}

const colours = paint(wantsColour(process.stdout.isTTY, process.env));
const started = Date.now();

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function soFar(): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

async function main(): Promise<void> {
  // Who reads may stop reading (`| head`); how it went is told by the exit code all the same.
  process.stdout.on('error', () => undefined);
  const args = process.argv.slice(2);
  if (args.some((arg) => arg !== '--keep')) throw new Error(USAGE);
  const interrupted = stopSignal().then((): never => {
    throw new Interrupted();
  });
  interrupted.catch(() => undefined);
  mkdirSync(STATE_FOLDER, { recursive: true });
  const logs = mkdtempSync(path.join(STATE_FOLDER, 'demo-'));
  const cleanUps: (() => Promise<void>)[] = [];
  try {
    process.exitCode = await tell({ logs, cleanUps, interrupted, keeps: args.includes('--keep') });
  } catch (error) {
    process.exitCode = error instanceof Interrupted ? INTERRUPTED_CODE : 1;
    if (!(error instanceof Interrupted)) {
      print(['', colours.red(error instanceof Error ? error.message : String(error))]);
    }
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
    if (process.exitCode === 1) print([`What its parts logged is in ${path.relative(ROOT, logs)}.`]);
    else rmSync(logs, { recursive: true, force: true });
  }
}

interface Telling {
  readonly logs: string;
  readonly cleanUps: (() => Promise<void>)[];
  readonly interrupted: Promise<never>;
  readonly keeps: boolean;
}

/** @returns the exit code. @throws Interrupted */
async function tell({ logs, cleanUps, interrupted, keeps }: Telling): Promise<number> {
  const children = new Children(logs);
  const undisturbed = <T>(work: Promise<T>): Promise<T> => Promise.race([work, children.failed, interrupted]);
  print(openingLines(colours));
  // Not raced: what is being started must be there before it can be stopped.
  const world = await World.start(children, cleanUps, async () => {
    await Promise.race([interrupted, Promise.resolve()]);
  });
  print([colours.dim(`PostgreSQL, Redis, the sandbox and Kassa are running after ${soFar()}.`)]);
  const played = await undisturbed(play(world, print, colours));
  const kept = await undisturbed(checkPromises(world, played));
  const broken = kept.filter(({ wrong }) => wrong.length > 0).length;
  print(['', colours.bold('Promises'), '', ...promiseLines(kept, colours), '', verdict(broken, kept.length)]);
  if (keeps) {
    await world.calm();
    print(addressLines(world));
    await undisturbed(new Promise<never>(() => undefined)).catch((error: unknown) => {
      if (!(error instanceof Interrupted)) throw error;
    });
  }
  return broken === 0 ? 0 : 1;
}

function verdict(broken: number, all: number): string {
  return broken === 0
    ? colours.green(`All ${all} promises kept, in ${soFar()}.`)
    : colours.red(`${broken} of ${all} promises broken, after ${soFar()}.`);
}

runMain(main);
