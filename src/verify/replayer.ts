import type { DynamicModule, Type } from '@nestjs/common';
import type { Environment } from '../platform/config';
import type { ProviderAdapter } from '../providers/provider.port';
import type { Outcome } from './outcome.repository';
import type { KnownObject } from './provider-stand-in';
import type { Recording, Step } from './recording';
import { give } from './recording.repository';
import { ReplayHouse } from './replay-house';
import { ScratchDatabases, type ScratchLogins } from './scratch-databases';

/** After so many passes without progress, what is left waits for the provider. */
const WITHOUT_PROVIDER = 4;

export interface ReplayerOptions {
  /** The service's settings. */
  environment: Environment;
  /** Where scratch databases are made. */
  logins: ScratchLogins;
  recording: Recording;
  adapters: readonly ProviderAdapter[];
  /** Modules beside the real ones. */
  imports?: readonly (Type | DynamicModule)[];
  signal?: AbortSignal;
}

export interface Replayed {
  outcome: Outcome;
  /** Units of work that were made to crash. */
  crashed: number;
  /** Rows of the inbox that never came to an end. */
  left: number;
}

/** Replays one recording again and again, each time into a fresh database. */
export class Replayer {
  private known: readonly KnownObject[] | null;
  private readonly readings: readonly string[];

  private constructor(
    private readonly options: ReplayerOptions,
    private readonly databases: ScratchDatabases,
  ) {
    this.known = options.recording.known ?? null;
    this.readings = options.recording.items.flatMap((item) => (item.kind === 'reading' ? [item.sourceId] : []));
  }

  /** @throws ScratchError. */
  static async open(options: ReplayerOptions): Promise<Replayer> {
    const { logins, recording } = options;
    return new Replayer(options, await ScratchDatabases.open(logins, (to) => give(to, recording.given)));
  }

  /**
   * From nothing to the end. The first replay is to be in recorded order: what it comes to is what the provider answers in
   * all that follow.
   */
  async replay(steps: readonly Step[]): Promise<Replayed> {
    const { environment, recording, adapters, imports, signal } = this.options;

    const url = await this.databases.copy();
    try {
      const house = await ReplayHouse.open({
        ...{ url, environment, adapters, recording },
        ...(imports && { imports }),
      });
      try {
        if (this.known) house.learn(this.known);
        await house.take(steps, recording.items, signal);
        await this.askLast(house);
        const left = await house.settle(undefined, signal);
        const outcome = await house.outcome({ readings: this.readings, customerIds: null });
        return { outcome: new Map([...outcome, ['refold', await house.refold()]]), crashed: house.crashed, left };
      } finally {
        await house.close();
      }
    } finally {
      await this.databases.drop(url);
    }
  }

  /** What the providers answer when they are asked. Nothing before the first replay. */
  get answers(): readonly KnownObject[] {
    return this.known ?? [];
  }

  /** Drops every scratch database. */
  close(): Promise<void> {
    return this.databases.close();
  }

  /** What the provider knows is learnt once, when everything has been told. */
  private async askLast(house: ReplayHouse): Promise<void> {
    if (this.known) return;
    await house.settle(WITHOUT_PROVIDER, this.options.signal);
    this.known = await house.known();
    house.learn(this.known);
  }
}
