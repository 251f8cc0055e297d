import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import { dueAt } from './domain/sla';
import { firstOccurrence, occurredAgain, type Occurrence } from './domain/occurrences';
import type { TicketPriority, TicketType } from './domain/ticket';
import { TicketsRepository } from './tickets.repository';

export interface NewTicket {
  type: TicketType;
  priority: TicketPriority;
  /** Same cause, same unresolved ticket. */
  causeKey: string;
  /** One sentence for a list; ids and codes, never personal data. */
  summary: string;
  /** Ids, figures and codes, never personal data. */
  details: Record<string, unknown>;
  /** Its id makes `open` idempotent: the same telling counts once, also after the ticket was resolved. */
  occurrence: Occurrence;
  /** Our ids of what it is about. */
  eventId: string | null;
  customerId: string | null;
  paymentId: string | null;
  invoiceId?: string | null;
  subscriptionId?: string | null;
  /** The last day somebody else has set, a bank's: the ticket is due then at the latest. */
  dueBy?: Date | null;
}

/** Where other modules put what Kassa could not settle by itself. */
@Injectable()
export class SupportTickets {
  constructor(
    private readonly tickets: TicketsRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Opens a ticket; where one of the cause is unresolved, counts the occurrence there and leaves to people what they
   * have made of it (status, priority, assignee, note).
   * @returns whether it is a new one.
   */
  async open(tx: Tx, ticket: NewTicket): Promise<boolean> {
    const { causeKey, occurrence } = ticket;
    await this.tickets.lockCause(tx, causeKey);
    if (await this.tickets.knowsOccurrence(tx, causeKey, occurrence.id)) return false;
    const at = this.clock.now();
    const { invoiceId = null, subscriptionId = null, dueBy = null } = ticket;
    const links = { invoiceId, subscriptionId, dueBy };
    const known = await this.tickets.lockUnresolved(tx, causeKey);
    if (!known) {
      const details = firstOccurrence(ticket.details, occurrence);
      const due = dueAt(ticket.priority, at, dueBy);
      const id = newId('tkt', this.clock.wall().getTime());
      await this.tickets.insert(tx, { ...ticket, ...links, id, details, dueAt: due }, at);
      return true;
    }
    const details = occurredAgain(known.details, ticket.details, occurrence);
    if (!details) return false;
    const due = dueAt(known.priority, known.createdAt, dueBy);
    await this.tickets.recount(tx, known.id, { ...ticket, ...links, details, dueAt: due }, at);
    return false;
  }
}
