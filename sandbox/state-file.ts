import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { types } from 'node:util';
import { stripeSchema } from './stripe/schema/derived-schema';
import type { WorldState } from './world';

/** Raised whenever a world of before could not be taken over as it is. */
const VERSION = 1;
const DEBOUNCE_MS = 100;
/** A large world takes long to write down; so many times as long the sandbox does nothing but its work. */
const REST_FACTOR = 10;

interface Envelope {
  readonly version: number;
  /** The objects in it have the shape of this version of Stripe's API. */
  readonly apiVersion: string;
  readonly sha256: string;
  readonly world: WorldState;
}

/**
 * Reads what a {@link StateFile} wrote.
 * @returns undefined when there is no such file.
 * @throws Error, one sentence with the file's name, for a file that cannot be read, is broken or of another version.
 */
export async function readStateFile(file: string): Promise<WorldState | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`The sandbox's state file ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const { version, apiVersion, sha256, world } = parse(text) ?? {};
  if (version !== undefined && (version !== VERSION || apiVersion !== stripeSchema.apiVersion)) {
    const theirs = `format ${version} for Stripe's API ${apiVersion ?? 'unknown'}`;
    const ours = `format ${VERSION} for ${stripeSchema.apiVersion}`;
    throw new Error(
      `The sandbox's state file ${file} is of another version (${theirs}, not ${ours}); move it away to start empty.`,
    );
  }
  if (version === undefined || world === undefined || sha256 !== digest(JSON.stringify(world))) {
    throw new Error(
      `The sandbox's state file ${file} is broken or was changed by hand; move it away to start empty, or put back a copy.`,
    );
  }
  return world;
}

/** Keeps a world in a file: whole or not at all, and for nobody else to read, for it holds signing secrets. */
export class StateFile {
  private timer: NodeJS.Timeout | undefined;
  private restMs = DEBOUNCE_MS;
  private closed = false;
  private lastWrite: Promise<void> = Promise.resolve();

  /** @param world called when it is time to write. */
  constructor(
    private readonly file: string,
    private readonly world: () => WorldState,
  ) {}

  /** Something is different: it is written soon, together with what follows at once. */
  changed(): void {
    if (this.closed || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      // The world goes on, and its next change tries again.
      this.write().catch((error: unknown) => {
        console.error(messageOf(error));
      });
    }, this.restMs);
  }

  /** Writes now. @throws Error, one sentence with the file's name. */
  write(): Promise<void> {
    const write = this.lastWrite.then(() => this.replace());
    this.lastWrite = write.catch(() => undefined);
    return write;
  }

  /** Writes for the last time. @throws as `write` does. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.write();
  }

  private async replace(): Promise<void> {
    const next = `${this.file}.tmp`;
    try {
      await writeFile(next, this.text(), { mode: 0o600, flush: true });
      await rename(next, this.file);
    } catch (error) {
      throw new Error(`The sandbox's state file ${this.file} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }

  private text(): string {
    const startedAt = performance.now();
    const world = JSON.stringify(this.world());
    const head = { version: VERSION, apiVersion: stripeSchema.apiVersion, sha256: digest(world) };
    this.restMs = Math.max(DEBOUNCE_MS, REST_FACTOR * (performance.now() - startedAt));
    return `${JSON.stringify(head).slice(0, -1)},"world":${world}}\n`;
  }
}

function parse(text: string): Partial<Envelope> | null {
  try {
    return JSON.parse(text) as Partial<Envelope> | null;
  } catch {
    return null;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function messageOf(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}
