import { Injectable } from '@nestjs/common';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { Keyset } from '../../platform/http';
import type { TicketEntry } from './domain/ticket-timeline';
import type { Ticket } from './tickets.repository';

/** Under which name a ticket's details hold the id of an object that domain events are told of. */
const DETAIL_OF: Readonly<Record<string, string>> = {
  dunning_case: 'caseId',
  dispute: 'disputeId',
  refund: 'refundId',
  reconciliation_break: 'breakId',
};

@Injectable()
export class TicketTimelineRepository {
  /**
   * All that is known of a ticket, newest first. Each branch reads by an index what is about this one ticket, which is little.
   * @param after keyset: entries before this place, whose id is an entry's key.
   */
  async of(tx: Tx, ticket: Ticket, limit: number, after: Keyset | undefined): Promise<TicketEntry[]> {
    const branches = [opened(ticket), told(ticket), received(ticket), attempts(ticket), notes(ticket), audit(ticket)];
    const older = after
      ? Prisma.sql`WHERE at <= ${after.createdAt} AND (at < ${after.createdAt} OR key COLLATE "C" < ${after.id})`
      : Prisma.empty;
    return tx.$queryRaw<TicketEntry[]>`
      SELECT at, key, kind, type, object_type AS "objectType", object_id AS "objectId", actor_id AS "actorId", words
      FROM (${Prisma.join(branches, ' UNION ALL ')}) AS entries (at, key, kind, type, object_type, object_id, actor_id, words)
      ${older} ORDER BY at DESC, key COLLATE "C" DESC LIMIT ${limit}`;
  }
}

function opened({ id }: Ticket): Prisma.Sql {
  return Prisma.sql`SELECT created_at, id || ':opened', 'ticket', 'ticket.opened', 'ticket', id, NULL::text,
    jsonb_build_object('text', summary) FROM payment_support_tickets WHERE id = ${id}`;
}

/** What was told in this house: the ticket's own occurrences, and what else happened to the objects it is about. */
function told(ticket: Ticket): Prisma.Sql {
  const occurrences = ticket.details.occurrences.map(({ id }) => id);
  return Prisma.sql`SELECT e.occurred_at, e.id, 'event', e.type, e.object_type, e.object_id, NULL::text,
      jsonb_build_object('code', COALESCE(e.payload ->> 'code', e.payload ->> 'declineCode', e.payload ->> 'status'))
    FROM outbox_events e WHERE e.id IN (
      SELECT unnest(${occurrences}::text[]) UNION
      SELECT x.id FROM jsonb_to_recordset(${JSON.stringify(objectsOf(ticket))}::jsonb) AS o (type text, id text)
        JOIN outbox_events x ON x.object_type = o.type AND x.object_id = o.id)`;
}

function objectsOf({ details, eventId, paymentId, invoiceId }: Ticket): { type: string; id: unknown }[] {
  const linked = { inbox_event: eventId, payment: paymentId, invoice: invoiceId };
  return [
    ...Object.entries(linked).map(([type, id]) => ({ type, id })),
    ...Object.entries(DETAIL_OF).map(([type, name]) => ({ type, id: details[name] ?? null })),
  ].filter(({ id }) => typeof id === 'string');
}

function received({ eventId }: Ticket): Prisma.Sql {
  return Prisma.sql`SELECT e.occurred_at, e.id, 'event', 'event.received', 'event', e.id, NULL::text,
      jsonb_build_object('name', e.type, 'status', e.status, 'code', e.error_context ->> 'code')
    FROM inbox_events e WHERE e.id = ${eventId}`;
}

function attempts({ id, invoiceId }: Ticket): Prisma.Sql {
  return Prisma.sql`SELECT COALESCE(a.finished_at, a.started_at, a.due_at), a.id, 'attempt', 'attempt.' || a.status,
      'attempt', a.id, a.requested_by,
      jsonb_build_object('number', a.number, 'strategy', a.strategy, 'code', COALESCE(a.decline_code, a.last_error_type))
    FROM payment_recovery_attempts a WHERE a.ticket_id = ${id} OR a.invoice_id = ${invoiceId}`;
}

function notes({ id }: Ticket): Prisma.Sql {
  return Prisma.sql`SELECT n.at, n.id, 'note', 'note', 'ticket', n.ticket_id, n.author_id, jsonb_build_object('text', n.text)
    FROM support_ticket_notes n WHERE n.ticket_id = ${id}`;
}

/** The log is kept on the machine's time; of what was done with tickets it tells business time too. */
function audit({ id, eventId }: Ticket): Prisma.Sql {
  return Prisma.sql`SELECT COALESCE((a.after ->> 'updatedAt')::timestamptz, a.at), a.id, 'audit', a.action, a.object_type,
      a.object_id, a.actor_id, jsonb_build_object('status', a.after ->> 'status', 'priority', a.after ->> 'priority',
        'assignee', a.after ->> 'assigneeId', 'noteChanged', a.after ->> 'noteChanged')
    FROM audit_log a WHERE (a.object_type = 'ticket' AND a.object_id = ${id} AND a.action <> 'ticket.note')
      OR (a.object_type = 'inbox_event' AND a.object_id = ${eventId})`;
}
