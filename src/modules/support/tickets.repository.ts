import { Injectable } from '@nestjs/common';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { TicketDetails } from './domain/occurrences';
import type { TicketPriority, TicketResolution, TicketStatus, TicketType } from './domain/ticket';

export interface Ticket {
  id: string;
  type: TicketType;
  priority: TicketPriority;
  status: TicketStatus;
  summary: string;
  details: TicketDetails;
  eventId: string | null;
  customerId: string | null;
  paymentId: string | null;
  assigneeId: string | null;
  resolution: TicketResolution | null;
  note: string | null;
  resolvedBy: string | null;
  createdAt: Date;
  updatedAt: Date;
  resolvedAt: Date | null;
}

export interface TicketFilter {
  status?: TicketStatus | undefined;
  type?: TicketType | undefined;
  priority?: TicketPriority | undefined;
  customerId?: string | undefined;
  eventId?: string | undefined;
}

export interface FreshTicket extends Pick<
  Ticket,
  'id' | 'type' | 'priority' | 'summary' | 'details' | 'eventId' | 'customerId' | 'paymentId'
> {
  causeKey: string;
}

const COLUMNS = Prisma.sql`id, type, priority, status, summary, details, event_id AS "eventId", customer_id AS "customerId",
  payment_id AS "paymentId", assignee_id AS "assigneeId", resolution, note, resolved_by AS "resolvedBy",
  created_at AS "createdAt", updated_at AS "updatedAt", resolved_at AS "resolvedAt"`;

@Injectable()
export class TicketsRepository {
  /** Newest first. @param after keyset: tickets older than (createdAt, id). */
  async list(
    tx: Tx,
    filter: TicketFilter,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Ticket[]> {
    const at = after?.createdAt ?? null;
    const { status = null, type = null, priority = null, customerId = null, eventId = null } = filter;
    return tx.$queryRaw<Ticket[]>`
      SELECT ${COLUMNS} FROM payment_support_tickets
      WHERE (${status}::text IS NULL OR status = ${status}) AND (${type}::text IS NULL OR type = ${type})
        AND (${priority}::text IS NULL OR priority = ${priority})
        AND (${customerId}::text IS NULL OR customer_id = ${customerId})
        AND (${eventId}::text IS NULL OR event_id = ${eventId})
        AND (${at}::timestamptz IS NULL OR (created_at, id) < (${at}, ${after?.id ?? null}))
      ORDER BY created_at DESC, id DESC LIMIT ${limit}`;
  }

  async byId(tx: Tx, id: string): Promise<Ticket | null> {
    const rows = await tx.$queryRaw<Ticket[]>`SELECT ${COLUMNS} FROM payment_support_tickets WHERE id = ${id}`;
    return rows[0] ?? null;
  }

  /** Held to the end of the transaction: who changes a ticket decides on what it is, not on what it was. */
  async lockById(tx: Tx, id: string): Promise<Ticket | null> {
    const rows = await tx.$queryRaw<Ticket[]>`
      SELECT ${COLUMNS} FROM payment_support_tickets WHERE id = ${id} FOR NO KEY UPDATE`;
    return rows[0] ?? null;
  }

  /** One opener of a cause at a time; waited for, and held to the end of the transaction. */
  async lockCause(tx: Tx, causeKey: string): Promise<void> {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`ticket:${causeKey}`}, 0))`;
  }

  /** Whether any ticket of the cause, resolved ones included, counts this telling. */
  async knowsOccurrence(tx: Tx, causeKey: string, occurrenceId: string): Promise<boolean> {
    const told = JSON.stringify({ occurrences: [{ id: occurrenceId }] });
    const [row] = await tx.$queryRaw<{ known: boolean }[]>`
      SELECT EXISTS (
        SELECT FROM payment_support_tickets WHERE cause_key = ${causeKey} AND details @> ${told}::jsonb) AS known`;
    return row?.known === true;
  }

  async lockUnresolved(tx: Tx, causeKey: string): Promise<Ticket | null> {
    const rows = await tx.$queryRaw<Ticket[]>`
      SELECT ${COLUMNS} FROM payment_support_tickets
      WHERE cause_key = ${causeKey} AND status <> 'resolved' FOR NO KEY UPDATE`;
    return rows[0] ?? null;
  }

  async insert(tx: Tx, ticket: FreshTicket, at: Date): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO payment_support_tickets (id, type, priority, status, cause_key, summary, details, event_id, customer_id,
        payment_id, created_at, updated_at)
      VALUES (${ticket.id}, ${ticket.type}, ${ticket.priority}, 'open', ${ticket.causeKey}, ${ticket.summary},
        ${JSON.stringify(ticket.details)}::jsonb, ${ticket.eventId}, ${ticket.customerId}, ${ticket.paymentId}, ${at}, ${at})`;
  }

  /** The same cause once more; a link that became known meanwhile is made, none is taken away. */
  async recount(
    tx: Tx,
    id: string,
    again: Pick<Ticket, 'summary' | 'details' | 'customerId' | 'paymentId'>,
    at: Date,
  ): Promise<void> {
    await tx.$executeRaw`
      UPDATE payment_support_tickets SET summary = ${again.summary}, details = ${JSON.stringify(again.details)}::jsonb,
        customer_id = COALESCE(customer_id, ${again.customerId}), payment_id = COALESCE(payment_id, ${again.paymentId}),
        updated_at = ${at}
      WHERE id = ${id}`;
  }

  /** Writes what a person may change of a ticket locked before. */
  async save(tx: Tx, ticket: Ticket): Promise<void> {
    await tx.$executeRaw`
      UPDATE payment_support_tickets SET status = ${ticket.status}, priority = ${ticket.priority},
        assignee_id = ${ticket.assigneeId}, note = ${ticket.note}, resolution = ${ticket.resolution},
        resolved_by = ${ticket.resolvedBy}, resolved_at = ${ticket.resolvedAt}, updated_at = ${ticket.updatedAt}
      WHERE id = ${ticket.id}`;
  }

  async countUnresolved(tx: Tx): Promise<{ status: TicketStatus; priority: TicketPriority; count: number }[]> {
    return tx.$queryRaw`
      SELECT status, priority, count(*)::int AS count FROM payment_support_tickets
      WHERE status <> 'resolved' GROUP BY status, priority`;
  }
}
