import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { AppConfig } from '../config';

export interface Sweeper {
  name: string;
  everyMs: number;
  /** Runs also where ROLE=api; by default only workers sweep. */
  everyRole?: boolean;
  /** One bounded pass; must be safe to run twice at once, on this process or another. */
  run: () => Promise<unknown>;
}

/** Periodic passes over what PostgreSQL says is due: they bring back whatever a lost Redis or a killed process dropped. */
@Injectable()
export class Sweepers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Sweepers.name);
  private readonly sweepers: Sweeper[] = [];
  private readonly running = new Map<string, Promise<void>>();
  private stopped = false;

  constructor(
    private readonly config: AppConfig,
    private readonly registry: SchedulerRegistry,
  ) {}

  register(sweeper: Sweeper): void {
    this.sweepers.push(sweeper);
  }

  onApplicationBootstrap(): void {
    for (const sweeper of this.sweepers) {
      if (this.config.role === 'api' && sweeper.everyRole !== true) continue;
      const timer = setInterval(() => {
        this.sweep(sweeper);
      }, sweeper.everyMs);
      timer.unref();
      this.registry.addInterval(sweeper.name, timer);
    }
  }

  /** Waits for the passes that are under way; starts none after. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running.values());
  }

  private sweep(sweeper: Sweeper): void {
    if (this.stopped || this.running.has(sweeper.name)) return;
    const pass = sweeper
      .run()
      .then(() => undefined)
      .catch((error: unknown) => {
        this.logger.warn(`Sweeper ${sweeper.name} will try again: ${String(error)}`);
      })
      .finally(() => this.running.delete(sweeper.name));
    this.running.set(sweeper.name, pass);
  }
}
