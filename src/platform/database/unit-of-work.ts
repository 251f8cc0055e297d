import { Injectable } from '@nestjs/common';
import { PrismaService, type Tx } from './prisma.service';

/**
 * One job or request, one unit of work. Only controllers, processors and flows open one; services and repositories take
 * `tx`. No network call may stand inside. Fails as a whole; the caller decides whether to try again.
 */
@Injectable()
export class UnitOfWork {
  constructor(private readonly prisma: PrismaService) {}

  /** As the service (workers, operators, flows): the session's own role. */
  service<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.prisma.$transaction(work);
  }

  /** As one user: row-level security shows this user's rows and no others, whatever the query says. */
  user<T>(userId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT set_config('role', 'kassa_user', true), set_config('app.user_id', ${userId}, true)`;
      return work(tx);
    });
  }
}
