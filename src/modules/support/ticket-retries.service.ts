import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import type { Actor } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { ReconciliationRuns } from '../reconciliation';
import { CaseDesk, DunningWorker, RecoveryCases } from '../retry';
import { ReplayService } from '../webhooks';
import { dayAround } from './domain/day-around';
import { ticketWithoutEvent } from './support.errors';
import type { Ticket } from './tickets.repository';

export interface BegunRetry {
  /** Our id of what decides the end. */
  ref: string;
  /** After the commit; a lost call costs at most one sweep's time. */
  wake: () => void;
}

/** How what a ticket is about is done once more: each by the module whose work it is. */
@Injectable()
export class TicketRetries {
  constructor(
    private readonly replay: ReplayService,
    private readonly reconciliation: ReconciliationRuns,
    private readonly cases: CaseDesk,
    private readonly recovery: RecoveryCases,
    private readonly dunning: DunningWorker,
    private readonly clock: Clock,
  ) {}

  /** In the caller's transaction. @throws TICKET_WITHOUT_EVENT where there is nothing to retry; what refuses the retry. */
  async begin(tx: Tx, ticket: Ticket, actor: Actor): Promise<BegunRetry> {
    if (ticket.eventId !== null) {
      await this.replay.requeue(tx, ticket.eventId, actor);
      return {
        ref: ticket.eventId,
        wake: () => {
          this.replay.wake();
        },
      };
    }
    if (ticket.type === 'reconciliation_break') return this.compareAgain(tx, ticket, actor);
    if (ticket.type === 'payment_failure') return this.chargeAgain(tx, ticket, actor);
    throw ticketWithoutEvent(ticket.id);
  }

  /** Beside the schedule, which stays as it is. @throws what refuses the attempt: the case is closed, a charge is under way. */
  private async chargeAgain(tx: Tx, { id, details }: Ticket, actor: Actor): Promise<BegunRetry> {
    const { caseId } = details;
    if (typeof caseId !== 'string') throw ticketWithoutEvent(id);
    const attempt = await this.cases.plan(tx, caseId, id, actor);
    await this.recovery.linkTicket(tx, attempt.id, id);
    return {
      ref: attempt.id,
      wake: () => {
        this.dunning.await([attempt]);
      },
    };
  }

  /** The day of the movement, with the provider's statement as it is now. The workers take up runs by themselves. */
  private async compareAgain(tx: Tx, { id, details }: Ticket, actor: Actor): Promise<BegunRetry> {
    const { provider, movedAt } = details;
    if (typeof provider !== 'string' || typeof movedAt !== 'string') throw ticketWithoutEvent(id);
    const window = dayAround(new Date(movedAt), this.clock.now());
    const run = await this.reconciliation.begin(tx, { provider: provider as Provider, ...window }, actor);
    return { ref: run.id, wake: () => undefined };
  }
}
