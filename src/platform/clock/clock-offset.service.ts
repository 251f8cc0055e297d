import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { validation } from '../../shared/app-error';
import { AppConfig } from '../config';
import { PrismaService } from '../database';
import { Sweepers } from '../queue/sweepers';
import { BusinessClock } from './business-clock';

/** A century either way: beyond it dates stop making sense to PostgreSQL's and JavaScript's callers alike. */
const MAX_OFFSET_SECONDS = 100 * 366 * 86_400;

/** Keeps the business clock of all processes at the one stored offset. Refuses to move it in production. */
@Injectable()
export class ClockOffsetService implements OnModuleInit {
  private readonly logger = new Logger(ClockOffsetService.name);

  constructor(
    private readonly config: AppConfig,
    private readonly clock: BusinessClock,
    private readonly prisma: PrismaService,
    private readonly sweepers: Sweepers,
  ) {}

  async onModuleInit(): Promise<void> {
    if (this.config.isProduction) return;
    // PostgreSQL may still be starting; the sweeper below keeps asking.
    await this.reload().catch((error: unknown) => {
      this.logger.warn(`The business clock's offset is not known yet: ${String(error)}`);
    });
    // Another process may have moved the clock; a second's lag between processes is within what providers show too.
    this.sweepers.register({ name: 'business-clock', everyMs: 1_000, everyRole: true, run: () => this.reload() });
  }

  async reload(): Promise<void> {
    const [row] = await this.prisma.$queryRaw<{ offset_seconds: bigint }[]>`
      SELECT offset_seconds FROM business_clock WHERE id = 1`;
    this.clock.setOffset(Number(row?.offset_seconds ?? 0n));
  }

  /** @throws CLOCK_IN_PRODUCTION, INVALID_INPUT. */
  async move(offsetSeconds: number): Promise<void> {
    if (this.config.isProduction) {
      throw validation('CLOCK_IN_PRODUCTION', 'The business clock cannot be moved in production');
    }
    if (!Number.isSafeInteger(offsetSeconds) || Math.abs(offsetSeconds) > MAX_OFFSET_SECONDS) {
      throw validation('INVALID_INPUT', 'offsetSeconds must be a whole number within a century', {
        fields: [
          { field: 'offsetSeconds', message: `must be between -${MAX_OFFSET_SECONDS} and ${MAX_OFFSET_SECONDS}` },
        ],
      });
    }
    await this.prisma.$executeRaw`
      INSERT INTO business_clock (id, offset_seconds, updated_at) VALUES (1, ${BigInt(offsetSeconds)}, ${this.clock.wall()})
      ON CONFLICT (id) DO UPDATE SET offset_seconds = EXCLUDED.offset_seconds, updated_at = EXCLUDED.updated_at`;
    this.clock.setOffset(offsetSeconds);
  }
}
