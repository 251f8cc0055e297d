import type { Client } from 'pg';
import { UnitOfWork, type PrismaService, type Tx } from '../platform/database';
import type { Crash } from './recording';

/** As the driver reports a connection that went away. */
class AnswerLost extends Error {
  readonly code = 'ECONNRESET';

  constructor() {
    super('The connection ended before the answer came');
  }
}

/** An error of our own, as a mistake in a release would be. */
export class MadeFault extends Error {
  constructor() {
    super('A fault made on purpose');
  }
}

/** The crash that is to come, and whether it has. */
export class Crashes {
  private planned: Crash | null = null;
  private count = 0;
  private unitsSinceArmed = 0;

  /** @param killer may end the sessions of the login that units of work run under. */
  constructor(private readonly killer: Client) {}

  /** How many have happened since the beginning. */
  get happened(): number {
    return this.count;
  }

  /** For the next pass; null for none. */
  arm(crash: Crash | null): void {
    this.planned = crash;
    this.unitsSinceArmed = 0;
  }

  /** The crash this unit of work is to end in. */
  take(): Crash | null {
    const { planned } = this;
    if (!planned || this.unitsSinceArmed !== planned.unit) {
      this.unitsSinceArmed += 1;
      return null;
    }
    this.planned = null;
    this.count += 1;
    return planned;
  }

  /** What follows in this transaction meets a dead session. */
  async kill(tx: Tx): Promise<void> {
    const [session] = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    const { killer } = this;
    await killer.query('SELECT pg_terminate_backend($1)', [session?.pid]);
    // With a time-out PostgreSQL itself looks every 100 ms only, and a session is gone within one or two.
    while ((await killer.query('SELECT FROM pg_stat_get_activity($1)', [session?.pid])).rowCount !== 0);
    // Until the driver has noticed, the pool would hand the dead connection to the next one.
    await tx.$queryRaw`SELECT 1`.catch(() => undefined);
  }
}

/** Units of work of the service that end as planned: at any statement, at the commit, or after it. */
export class CrashingUnitOfWork extends UnitOfWork {
  constructor(
    prisma: PrismaService,
    private readonly crashes: Crashes,
  ) {
    super(prisma);
  }

  override async service<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const crash = this.crashes.take();
    if (!crash) return super.service(work);
    await super.service(async (tx) => {
      const worked = await work(crash.at === 'answer' || crash.at === 'commit' ? tx : this.trapped(tx, crash));
      if (crash.at === 'fault') throw new MadeFault();
      if (crash.at !== 'answer') await this.crashes.kill(tx);
      return worked;
    });
    throw new AnswerLost();
  }

  private trapped(tx: Tx, crash: Crash): Tx {
    let left = crash.statement;
    const crashes = this.crashes;
    const strike = async (): Promise<void> => {
      left -= 1;
      if (left !== -1) return;
      if (crash.at === 'fault') throw new MadeFault();
      await crashes.kill(tx);
    };
    return new Proxy(tx, {
      get(target, name): unknown {
        const member: unknown = Reflect.get(target, name);
        if (name !== '$queryRaw' && name !== '$executeRaw') return member;
        return async (...statement: unknown[]): Promise<unknown> => {
          await strike();
          return (member as (...args: unknown[]) => Promise<unknown>).apply(target, statement);
        };
      },
    });
  }
}
