import { business, notFound, type AppError } from '../../shared/app-error';
import { invalidInput } from '../../platform/http';
import type { TicketMove } from './domain/ticket-machine';
import type { TicketStatus } from './domain/ticket';

export const ticketNotFound = (ticketId: string): AppError =>
  notFound('TICKET_NOT_FOUND', 'Ticket not found', { ticketId });

export const moveNotPossible = (ticketId: string, status: TicketStatus, move: TicketMove): AppError =>
  business('INVALID_STATE_TRANSITION', 'A ticket in this status cannot be changed so', { ticketId, status, move });

/** Nothing to retry: the ticket is not about an event of a provider. */
export const ticketWithoutEvent = (ticketId: string): AppError =>
  business('TICKET_WITHOUT_EVENT', 'There is no event on this ticket to retry; resolve it as manual', { ticketId });

export const nothingToChange = (): AppError =>
  invalidInput([{ field: 'body', message: 'must name at least one of status, priority, assigneeId, note' }]);
