import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits for what another process does; looks every 20 ms. @throws when it has not happened within the time. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}
