import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { AuditLog, type Actor } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { ReplayService } from '../webhooks';
import type { TicketPriority, TicketResolution, TicketStatus } from './domain/ticket';
import { moveTicket, type TicketMove } from './domain/ticket-machine';
import { moveNotPossible, nothingToChange, ticketNotFound, ticketWithoutEvent } from './support.errors';
import { TicketsRepository, type Ticket } from './tickets.repository';

/** What is left out stays as it is. */
export interface TicketEdit {
  status?: Exclude<TicketStatus, 'resolved'> | undefined;
  priority?: TicketPriority | undefined;
  assigneeId?: string | null | undefined;
  note?: string | null | undefined;
}

const MOVE_TO = { open: 'reopen', investigating: 'investigate' } as const;

/** What operators do with tickets; each deed is audited in its transaction. */
@Injectable()
export class TicketDesk {
  constructor(
    private readonly tickets: TicketsRepository,
    private readonly replay: ReplayService,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** @throws TICKET_NOT_FOUND */
  async get(tx: Tx, id: string): Promise<Ticket> {
    return (await this.tickets.byId(tx, id)) ?? fail(id);
  }

  /** @throws TICKET_NOT_FOUND, INVALID_STATE_TRANSITION for a resolved ticket, INVALID_INPUT where nothing is named. */
  async edit(tx: Tx, id: string, change: TicketEdit, actor: Actor): Promise<Ticket> {
    if (Object.values(change).every((value) => value === undefined)) throw nothingToChange();
    const before = await this.locked(tx, id);
    const status = moved(before, change.status === undefined ? 'edit' : MOVE_TO[change.status]);
    return this.save(tx, 'ticket.edit', actor, before, {
      ...before,
      status,
      priority: change.priority ?? before.priority,
      assigneeId: change.assigneeId === undefined ? before.assigneeId : change.assigneeId,
      note: change.note === undefined ? before.note : change.note,
      updatedAt: this.clock.wall(),
    });
  }

  /**
   * Closes the ticket; `auto_retry` also puts its event back to be handled once more, in the same transaction. The caller
   * wakes the workers after the commit.
   * @throws TICKET_NOT_FOUND, INVALID_STATE_TRANSITION for a resolved ticket, TICKET_WITHOUT_EVENT.
   */
  async resolve(
    tx: Tx,
    id: string,
    how: { resolution: TicketResolution; note: string | undefined },
    actor: Actor,
  ): Promise<Ticket> {
    const before = await this.locked(tx, id);
    const status = moved(before, 'resolve');
    if (how.resolution === 'auto_retry') {
      if (before.eventId === null) throw ticketWithoutEvent(id);
      await this.replay.requeue(tx, before.eventId, actor);
    }
    const at = this.clock.wall();
    return this.save(tx, 'ticket.resolve', actor, before, {
      ...before,
      status,
      resolution: how.resolution,
      note: how.note ?? before.note,
      resolvedBy: actor.id,
      updatedAt: at,
      resolvedAt: at,
    });
  }

  private async locked(tx: Tx, id: string): Promise<Ticket> {
    return (await this.tickets.lockById(tx, id)) ?? fail(id);
  }

  private async save(tx: Tx, action: string, actor: Actor, before: Ticket, after: Ticket): Promise<Ticket> {
    await this.tickets.save(tx, after);
    await this.audit.record(tx, {
      actor,
      action,
      objectType: 'ticket',
      objectId: before.id,
      customerId: before.customerId,
      before: audited(before),
      after: { ...audited(after), noteChanged: before.note !== after.note },
    });
    return after;
  }
}

function fail(id: string): never {
  throw ticketNotFound(id);
}

function moved(ticket: Ticket, move: TicketMove): TicketStatus {
  const step = moveTicket(ticket.status, move);
  if (!step.ok) throw moveNotPossible(ticket.id, ticket.status, move);
  return step.state;
}

/** Without the note: people write names into it, and the audit log is kept for good. */
function audited({ status, priority, assigneeId, resolution }: Ticket): object {
  return { status, priority, assigneeId, resolution };
}
