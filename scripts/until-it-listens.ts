import { setTimeout as delay } from 'node:timers/promises';
import type { GuardedProcess } from './services';

const POLL_MS = 50;

/** An address that is told before somebody listens there is a riddle. @throws when the process ends first. */
export async function untilItListens(what: string, process: GuardedProcess, url: string): Promise<void> {
  while (process.running) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    await delay(POLL_MS);
  }
  throw new Error(`The ${what} ended before it listened; its own words are above.`);
}
