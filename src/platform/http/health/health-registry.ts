import { Injectable } from '@nestjs/common';

export interface HealthReport {
  readonly up: boolean;
  /** Shown to anybody: counts, ages, names; no addresses, no error texts of drivers. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One thing readiness depends on or reports. */
export interface HealthContributor {
  /** Unique; the key in the answer. */
  readonly name: string;
  /** A critical one that is down takes the process out of service; another one only degrades it. */
  readonly critical: boolean;
  /** Throwing counts as down. */
  check(): Promise<HealthReport>;
}

/** What /health/ready asks. Other rooms add to it when their module starts. */
@Injectable()
export class HealthRegistry {
  private readonly contributors = new Map<string, HealthContributor>();
  private drainingSince: Date | undefined;

  register(contributor: HealthContributor): void {
    this.contributors.set(contributor.name, contributor);
  }

  all(): readonly HealthContributor[] {
    return [...this.contributors.values()];
  }

  /** From now on not ready, so that no new work is sent here while the work at hand is finished. */
  drain(): void {
    this.drainingSince ??= new Date();
  }

  get isDraining(): boolean {
    return this.drainingSince !== undefined;
  }
}
