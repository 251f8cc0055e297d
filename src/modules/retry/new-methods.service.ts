import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Tx } from '../../platform/database';
import { QUEUES, WakeService } from '../../platform/queue';
import { AttemptsRepository } from './attempts.repository';
import { CasesRepository } from './cases.repository';
import type { MethodChange } from './method-change';

/** The caller's transaction commits in less; where it does not, the sweeper finds the row. */
const AFTER_COMMIT_MS = 200;

/** A means of payment that was added, renewed or made the default is tried at once, each once for each case. */
@Injectable()
export class NewMethods {
  constructor(
    private readonly cases: CasesRepository,
    private readonly attempts: AttemptsRepository,
    private readonly wakes: WakeService,
    private readonly clock: Clock,
  ) {}

  async tried(tx: Tx, changes: readonly MethodChange[]): Promise<void> {
    if (changes.length === 0) return;
    const open = await this.cases.openOf(tx, [...new Set(changes.map(({ customerId }) => customerId))]);
    const dueAt = this.clock.now();
    const planned = await this.attempts.plan(
      tx,
      open.flatMap(({ id: caseId, invoiceId, customerId, openedAt }) =>
        changes
          // What was told late of a time before the failure has been tried already.
          .filter((change) => change.customerId === customerId && change.at >= openedAt)
          .map(({ methodRef, version }) => ({
            ...{ caseId, invoiceId, customerId, strategy: 'new_method' as const, dueAt, methodRef, requestedBy: null },
            requestKey: `new_method:${caseId}:${methodRef}:${version}`,
          })),
      ),
    );
    if (planned.length > 0) this.wakes.wakeAfter(QUEUES.paymentRetry, AFTER_COMMIT_MS);
  }
}
