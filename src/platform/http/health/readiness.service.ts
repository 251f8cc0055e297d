import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { Pool } from 'pg';
import { AppError, unavailable } from '../../../shared/app-error';
import { PG_POOL } from '../../database';
import { EDGE_REDIS, type EdgeRedis } from '../rate-limit/edge-redis';
import { HealthRegistry, type HealthContributor } from './health-registry';

const PATIENCE_MS = 2_000;

export interface Readiness {
  /** `degraded`: something that is not critical is down; the service still does its work. */
  readonly status: 'ok' | 'degraded';
  readonly details: HealthIndicatorResult;
}

@Injectable()
export class ReadinessService implements OnModuleInit {
  private readonly logger = new Logger('Readiness');
  private running: Promise<Readiness> | undefined;

  constructor(
    private readonly registry: HealthRegistry,
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(EDGE_REDIS) private readonly redis: EdgeRedis,
  ) {}

  onModuleInit(): void {
    this.registry.register({
      name: 'database',
      critical: true,
      check: async () => {
        await this.pool.query('SELECT 1');
        return { up: true };
      },
    });
    // Not critical: PostgreSQL holds everything. Taking the process out of service would lose webhooks for nothing.
    this.registry.register({
      name: 'redis',
      critical: false,
      check: async () => {
        await this.redis.ping();
        return { up: true };
      },
    });
  }

  /** One check at a time answers all who ask meanwhile: the address is open, and asking must stay cheap. */
  check(): Promise<Readiness> {
    if (this.registry.isDraining) {
      return Promise.reject(unavailable('SHUTTING_DOWN', 'This process is shutting down'));
    }
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async run(): Promise<Readiness> {
    const all = this.registry.all();
    const [critical, others] = await Promise.all([
      Promise.all(all.filter((contributor) => contributor.critical).map((one) => this.ask(one))),
      Promise.all(all.filter((contributor) => !contributor.critical).map((one) => this.ask(one))),
    ]);
    const details: HealthIndicatorResult = Object.assign({}, ...critical, ...others) as HealthIndicatorResult;
    try {
      await this.health.check(critical.map((result) => () => result));
    } catch (cause) {
      throw new AppError({ kind: 'unavailable', code: 'NOT_READY', message: 'Not ready', details, cause });
    }
    const degraded = others.some((result) => Object.values(result).some(({ status }) => status === 'down'));
    return { status: degraded ? 'degraded' : 'ok', details };
  }

  private async ask(contributor: HealthContributor): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(contributor.name);
    let timer: NodeJS.Timeout | undefined;
    const impatience = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`No answer within ${PATIENCE_MS} ms`));
      }, PATIENCE_MS);
    });
    try {
      const { up, details } = await Promise.race([contributor.check(), impatience]);
      return up ? indicator.up(details) : indicator.down(details);
    } catch (error) {
      this.logger.warn(`${contributor.name} is down: ${error instanceof Error ? error.message : 'unknown'}`);
      return indicator.down();
    } finally {
      clearTimeout(timer);
    }
  }
}
