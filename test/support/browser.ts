import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * The Chromium of this machine: `CHROMIUM_PATH`, else the first known name on the PATH. `npm test` leaves browser specs
 * out where there is none; who runs one by name is told. @throws Error where there is none.
 */
export function findChromium(): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  const found = [process.env['CHROMIUM_PATH'], ...candidates].find((file) => file !== undefined && isExecutable(file));
  if (found === undefined) throw new Error('There is no Chromium on the PATH; install one or set CHROMIUM_PATH.');
  return found;
}

/** Starts it without a window, also as root and in a container, and without calling home. */
export function launchChromium(executablePath: string): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'];
  return chromium.launch({ executablePath, args });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
