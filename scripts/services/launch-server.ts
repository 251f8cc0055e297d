import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startGuarded, type GuardedCommand, type GuardedProcess } from './guarded-process';

/** A server's command line on a given port, and how to see that it answers. */
export interface ServerCommand extends GuardedCommand {
  /** A file: its end is the reason when the server does not start. */
  output: string;
  isReady(server: GuardedProcess): Promise<boolean>;
}

const POLL_MS = 20;
const START_TIMEOUT_MS = 60_000;
const TRY_AGAIN_MS = 250;
/** Passing troubles: a port taken since we looked, or a predecessor still on its way out of the data folder. */
const PASSING = /could not bind|address already in use|lock file .* already exists|pre-existing shared memory/i;

/**
 * Starts a server and waits until it answers.
 * @param command makes the command line; called again for every attempt, so that it can choose another port.
 * @throws with the server's last words when it ends early or does not answer within a minute.
 */
export async function launchServer(command: () => Promise<ServerCommand>): Promise<GuardedProcess> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const attempt = await command();
    const server = await startGuarded({ ...attempt, background: true });
    while (server.running && Date.now() < deadline) {
      if (await attempt.isReady(server)) return server;
      await delay(POLL_MS);
    }
    const lastWords = readFileSync(attempt.output, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
    await server.stop();
    if (!PASSING.test(lastWords) || Date.now() > deadline) {
      throw new Error(`${attempt.command} did not start:\n${lastWords}`);
    }
    await delay(TRY_AGAIN_MS);
  }
}
