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
  invoiceId: string | null;
  subscriptionId: string | null;
  assigneeId: string | null;
  resolution: TicketResolution | null;
  note: string | null;
  /** Who resolved it, or asked for the retry that is to. */
  resolvedBy: string | null;
  /** Our id of what decides the end of a retry; null while none is under way. */
  retryRef: string | null;
  /** The last day somebody else has set. */
  dueBy: Date | null;
  dueAt: Date;
  /** When it was found to be late. */
  breachedAt: Date | null;
  /** Business time, all of them. */
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
  invoiceId?: string | undefined;
  assigneeId?: string | undefined;
  /** Whether anybody has it. */
  assigned?: boolean | undefined;
  /** Unresolved, and due at `now` or before; or not so. */
  overdue?: boolean | undefined;
}

/** How many tickets of a kind wait. */
export interface TicketCount {
  status: TicketStatus;
  type: TicketType;
  priority: TicketPriority;
  overdue: boolean;
  assigned: boolean;
  count: number;
}

export interface FreshTicket extends Pick<
  Ticket,
  | 'id'
  | 'type'
  | 'priority'
  | 'summary'
  | 'details'
  | 'eventId'
  | 'customerId'
  | 'paymentId'
  | 'invoiceId'
  | 'subscriptionId'
  | 'dueBy'
  | 'dueAt'
> {
  causeKey: string;
}

const COLUMNS = Prisma.sql`id, type, priority, status, summary, details, event_id AS "eventId", customer_id AS "customerId",
  payment_id AS "paymentId", invoice_id AS "invoiceId", subscription_id AS "subscriptionId", assignee_id AS "assigneeId",
  resolution, note, resolved_by AS "resolvedBy", retry_ref AS "retryRef", due_by AS "dueBy", due_at AS "dueAt",
  breached_at AS "breachedAt", created_at AS "createdAt", updated_at AS "updatedAt", resolved_at AS "resolvedAt"`;

@Injectable()
export class TicketsRepository {
  /** Newest first. @param now business time; @param after keyset: tickets older than (createdAt, id). */
  async list(
    tx: Tx,
    filter: TicketFilter,
    now: Date,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Ticket[]> {
    const wanted = [...conditionsOf(filter, now)];
    if (after) wanted.push(Prisma.sql`(created_at, id) < (${after.createdAt}, ${after.id})`);
    const where = wanted.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(wanted, ' AND ')}`;
    return tx.$queryRaw<Ticket[]>`
      SELECT ${COLUMNS} FROM payment_support_tickets ${where} ORDER BY created_at DESC, id DESC LIMIT ${limit}`;
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
        payment_id, invoice_id, subscription_id, due_by, due_at, created_at, updated_at)
      VALUES (${ticket.id}, ${ticket.type}, ${ticket.priority}, 'open', ${ticket.causeKey}, ${ticket.summary},
        ${JSON.stringify(ticket.details)}::jsonb, ${ticket.eventId}, ${ticket.customerId}, ${ticket.paymentId},
        ${ticket.invoiceId}, ${ticket.subscriptionId}, ${ticket.dueBy}, ${ticket.dueAt}, ${at}, ${at})`;
  }

  /** The same cause once more; a link that became known meanwhile is made, none is taken away. */
  async recount(
    tx: Tx,
    id: string,
    again: Pick<
      Ticket,
      'summary' | 'details' | 'customerId' | 'paymentId' | 'invoiceId' | 'subscriptionId' | 'dueBy' | 'dueAt'
    >,
    at: Date,
  ): Promise<void> {
    await tx.$executeRaw`
      UPDATE payment_support_tickets SET summary = ${again.summary}, details = ${JSON.stringify(again.details)}::jsonb,
        customer_id = COALESCE(customer_id, ${again.customerId}), payment_id = COALESCE(payment_id, ${again.paymentId}),
        invoice_id = COALESCE(invoice_id, ${again.invoiceId}), subscription_id = COALESCE(subscription_id, ${again.subscriptionId}),
        due_by = ${again.dueBy}, due_at = ${again.dueAt}, updated_at = ${at}
      WHERE id = ${id}`;
  }

  /** Writes what may change of a ticket locked before. */
  async save(tx: Tx, ticket: Ticket): Promise<void> {
    await tx.$executeRaw`
      UPDATE payment_support_tickets SET status = ${ticket.status}, priority = ${ticket.priority},
        assignee_id = ${ticket.assigneeId}, note = ${ticket.note}, resolution = ${ticket.resolution},
        resolved_by = ${ticket.resolvedBy}, resolved_at = ${ticket.resolvedAt}, retry_ref = ${ticket.retryRef},
        due_at = ${ticket.dueAt}, breached_at = ${ticket.breachedAt}, updated_at = ${ticket.updatedAt}
      WHERE id = ${ticket.id}`;
  }

  /** Those that have become late and nobody has been told of, the longest first; passes over what somebody is changing. */
  async lockLate(tx: Tx, now: Date, limit: number): Promise<Ticket[]> {
    return tx.$queryRaw<Ticket[]>`
      SELECT ${COLUMNS} FROM payment_support_tickets
      WHERE status <> 'resolved' AND breached_at IS NULL AND due_at <= ${now}
      ORDER BY due_at, id LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED`;
  }

  async isAnyLate(tx: Tx, now: Date): Promise<boolean> {
    const [row] = await tx.$queryRaw<{ late: boolean }[]>`
      SELECT EXISTS (SELECT FROM payment_support_tickets WHERE status <> 'resolved' AND due_at <= ${now}) AS late`;
    return row?.late === true;
  }

  /** What waits, by all that a desk sorts it by. @param now business time. */
  async countUnresolved(tx: Tx, now: Date): Promise<TicketCount[]> {
    return tx.$queryRaw`
      SELECT status, type, priority, due_at <= ${now} AS overdue, assignee_id IS NOT NULL AS assigned, count(*)::int AS count
      FROM payment_support_tickets WHERE status <> 'resolved' GROUP BY 1, 2, 3, 4, 5`;
  }
}

/** Each by itself, so that the plan is made for what is asked and not for all that might be. */
function* conditionsOf(filter: TicketFilter, now: Date): Generator<Prisma.Sql> {
  const { status, type, priority, customerId, eventId, invoiceId, assigneeId, assigned, overdue } = filter;
  if (status !== undefined) yield Prisma.sql`status = ${status}`;
  if (type !== undefined) yield Prisma.sql`type = ${type}`;
  if (priority !== undefined) yield Prisma.sql`priority = ${priority}`;
  if (customerId !== undefined) yield Prisma.sql`customer_id = ${customerId}`;
  if (eventId !== undefined) yield Prisma.sql`event_id = ${eventId}`;
  if (invoiceId !== undefined) yield Prisma.sql`invoice_id = ${invoiceId}`;
  if (assigneeId !== undefined) yield Prisma.sql`assignee_id = ${assigneeId}`;
  if (assigned !== undefined) yield assigned ? Prisma.sql`assignee_id IS NOT NULL` : Prisma.sql`assignee_id IS NULL`;
  if (overdue === true) yield Prisma.sql`status <> 'resolved' AND due_at <= ${now}`;
  if (overdue === false) yield Prisma.sql`(status = 'resolved' OR due_at > ${now})`;
}
