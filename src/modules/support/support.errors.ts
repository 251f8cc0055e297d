import { business, notFound, type AppError } from '../../shared/app-error';
import { invalidInput } from '../../platform/http';
import type { TicketMove } from './domain/ticket-machine';
import type { TicketStatus } from './domain/ticket';

export const ticketNotFound = (ticketId: string): AppError =>
  notFound('TICKET_NOT_FOUND', 'Ticket not found', { ticketId });

export const moveNotPossible = (ticketId: string, status: TicketStatus, move: TicketMove): AppError =>
  business('INVALID_STATE_TRANSITION', 'A ticket in this status cannot be changed so', { ticketId, status, move });

/** Nothing to retry: the ticket is about no event, no payment and no difference in the books. */
export const ticketWithoutEvent = (ticketId: string): AppError =>
  business('TICKET_WITHOUT_EVENT', 'There is nothing on this ticket that could be tried again; resolve it as manual', {
    ticketId,
  });

export const nothingToChange = (): AppError =>
  invalidInput([{ field: 'body', message: 'must name at least one of status, priority, assigneeId, note' }]);

/** The id as the caller gave it, but not any length of it. */
export const invoiceNotFound = (invoiceId: string): AppError =>
  notFound('INVOICE_NOT_FOUND', 'Invoice not found', { invoiceId: invoiceId.slice(0, 64) });
