import { findProgram } from './services/find-program';
import { installProgram } from './services/system-packages';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const PACKAGES = { 'apt-get': ['chromium'], apk: ['chromium'], dnf: ['chromium'], brew: [] };

/** A Chromium that is there, for the specs that press real buttons (`*.browser.e2e-spec.ts`). */
export function findBrowser(): string | undefined {
  return process.env['CHROMIUM_PATH'] ?? findProgram(PROGRAMS);
}

/** The same, installed where that is allowed and it is not there. */
export async function findOrInstallBrowser(): Promise<string | undefined> {
  return findBrowser() ?? (await installProgram('Chromium', PROGRAMS, PACKAGES));
}
