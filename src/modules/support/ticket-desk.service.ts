import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { idBody, newId } from '../../shared/ids';
import { AuditLog, SYSTEM, type Actor } from '../../platform/audit';
import type { Tx } from '../../platform/database';
import { dueAt } from './domain/sla';
import type { TicketPriority, TicketStatus } from './domain/ticket';
import { moveTicket, type TicketMove } from './domain/ticket-machine';
import { moveNotPossible, nothingToChange, ticketNotFound } from './support.errors';
import { TicketNotesRepository, type TicketNote } from './ticket-notes.repository';
import { TicketRetries, type BegunRetry } from './ticket-retries.service';
import { TicketsRepository, type Ticket } from './tickets.repository';

/** What is left out stays as it is. */
export interface TicketEdit {
  status?: Extract<TicketStatus, 'open' | 'investigating'> | undefined;
  priority?: TicketPriority | undefined;
  assigneeId?: string | null | undefined;
  note?: string | null | undefined;
}

const MOVE_TO = { open: 'reopen', investigating: 'investigate' } as const;

/** What happens to tickets; each deed is audited in its transaction. All times are business time. */
@Injectable()
export class TicketDesk {
  constructor(
    private readonly tickets: TicketsRepository,
    private readonly notes: TicketNotesRepository,
    private readonly retries: TicketRetries,
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
    const priority = change.priority ?? before.priority;
    await this.keep(tx, before, change.note, actor);
    return this.save(tx, 'ticket.edit', actor, before, {
      ...before,
      status,
      priority,
      dueAt: priority === before.priority ? before.dueAt : dueAt(priority, before.createdAt, before.dueBy),
      assigneeId: change.assigneeId === undefined ? before.assigneeId : change.assigneeId,
      note: change.note === undefined ? before.note : change.note,
    });
  }

  /** A note for good, on a resolved ticket too. @throws TICKET_NOT_FOUND */
  async note(tx: Tx, id: string, text: string, actor: Actor): Promise<TicketNote> {
    const { customerId } = await this.get(tx, id);
    const note = await this.append(tx, id, text, actor.id);
    await this.audit.record(tx, {
      ...{ actor, action: 'ticket.note', objectType: 'ticket', objectId: id, customerId },
      after: { noteId: note.id },
    });
    return note;
  }

  /** A person has settled it. @throws TICKET_NOT_FOUND, INVALID_STATE_TRANSITION for a resolved ticket. */
  async resolve(tx: Tx, id: string, note: string | undefined, actor: Actor): Promise<Ticket> {
    const before = await this.locked(tx, id);
    const status = moved(before, 'resolve');
    await this.keep(tx, before, note, actor);
    return this.save(tx, 'ticket.resolve', actor, before, {
      ...{ ...before, status, retryRef: null, note: note ?? before.note },
      ...{ resolution: 'manual', resolvedBy: actor.id, resolvedAt: this.clock.now() },
    });
  }

  /**
   * Does what the ticket is about once more, in the same transaction; its end settles the ticket (`settle`). The caller wakes
   * the workers after the commit.
   * @throws TICKET_NOT_FOUND, INVALID_STATE_TRANSITION for one that is resolved or being retried, TICKET_WITHOUT_EVENT, and
   * whatever refuses the retry itself.
   */
  async retry(
    tx: Tx,
    id: string,
    note: string | undefined,
    actor: Actor,
  ): Promise<{ ticket: Ticket; wake: BegunRetry['wake'] }> {
    const before = await this.locked(tx, id);
    const status = moved(before, 'retry');
    const { ref, wake } = await this.retries.begin(tx, before, actor);
    await this.keep(tx, before, note, actor);
    const ticket = await this.save(tx, 'ticket.retry', actor, before, {
      ...{ ...before, status, retryRef: ref, note: note ?? before.note, resolvedBy: actor.id },
    });
    return { ticket, wake };
  }

  /**
   * Somebody else has done what there was to do, and its event is worked again: its end settles the ticket, as that of a retry.
   * Nothing where the ticket is closed or being retried.
   */
  async follow(tx: Tx, id: string, eventId: string, text: string): Promise<void> {
    const before = await this.locked(tx, id);
    const step = moveTicket(before.status, 'retry');
    if (!step.ok) return;
    await this.append(tx, id, text, null);
    await this.save(tx, 'ticket.retry', SYSTEM, before, { ...before, status: step.state, retryRef: eventId });
  }

  /** A retry has ended. Nothing where somebody has closed the ticket meanwhile, or it is about another retry. */
  async settle(tx: Tx, end: { ticketId: string; ref: string; succeeded: boolean; text: string }): Promise<boolean> {
    const before = await this.tickets.lockById(tx, end.ticketId);
    if (before?.status !== 'retrying' || before.retryRef !== end.ref) return false;
    const status = moved(before, end.succeeded ? 'retry_succeeded' : 'retry_failed');
    await this.append(tx, before.id, end.text, null);
    await this.save(tx, `ticket.retry_${end.succeeded ? 'succeeded' : 'failed'}`, SYSTEM, before, {
      ...{ ...before, status, retryRef: null },
      ...(end.succeeded
        ? { resolution: 'auto_retry', resolvedAt: this.clock.now() }
        : { resolution: null, resolvedBy: null }),
    });
    return true;
  }

  /**
   * The cause of a ticket is gone by itself. What nobody has taken up is closed; who has it is told by a note.
   * @param toldBy id of the message that said so: told twice, it is noted once.
   */
  async moot(tx: Tx, causeKey: string, text: string, toldBy: string): Promise<void> {
    await this.tickets.lockCause(tx, causeKey);
    const before = await this.tickets.lockUnresolved(tx, causeKey);
    if (!before) return;
    const id = `tkn_${idBody(toldBy) ?? toldBy}:${before.id}`;
    await this.notes.add(tx, { id, ticketId: before.id, at: this.clock.now(), authorId: null, text });
    const step = moveTicket(before.status, 'moot');
    if (!step.ok) return;
    const end = { resolution: 'auto_retry', resolvedBy: null, resolvedAt: this.clock.now() } as const;
    await this.save(tx, 'ticket.moot', SYSTEM, before, { ...before, status: step.state, ...end });
  }

  /** It is late: raised, and never again. @param before locked. */
  async breach(tx: Tx, before: Ticket, priority: TicketPriority): Promise<void> {
    await this.save(tx, 'ticket.breach', SYSTEM, before, { ...before, priority, breachedAt: this.clock.now() });
  }

  /** The standing note is replaced; each that ever stood there is kept. */
  private async keep(tx: Tx, before: Ticket, note: string | null | undefined, actor: Actor): Promise<void> {
    if (note && note !== before.note) await this.append(tx, before.id, note, actor.id);
  }

  private async append(tx: Tx, ticketId: string, text: string, authorId: string | null): Promise<TicketNote> {
    const note = { id: newId('tkn', this.clock.wall().getTime()), ticketId, at: this.clock.now(), authorId, text };
    await this.notes.add(tx, note);
    return note;
  }

  private async locked(tx: Tx, id: string): Promise<Ticket> {
    return (await this.tickets.lockById(tx, id)) ?? fail(id);
  }

  private async save(tx: Tx, action: string, actor: Actor, before: Ticket, change: Ticket): Promise<Ticket> {
    const after = { ...change, updatedAt: this.clock.now() };
    await this.tickets.save(tx, after);
    await this.audit.record(tx, {
      actor,
      action,
      objectType: 'ticket',
      objectId: before.id,
      customerId: before.customerId,
      before: audited(before),
      after: { ...audited(after), noteChanged: before.note !== after.note, updatedAt: after.updatedAt.toISOString() },
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
