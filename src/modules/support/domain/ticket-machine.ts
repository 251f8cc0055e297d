import { transition, type StateMachine, type Transition } from '../../../shared/state-machine';
import type { TicketStatus } from './ticket';

/** What a person can do with a ticket; `edit` is any change but that of its status. */
export type TicketMove = 'investigate' | 'reopen' | 'edit' | 'resolve';

/** A resolved ticket is closed for good: the same cause, met again, opens a new one. */
export const TICKET_MACHINE: StateMachine<TicketStatus, TicketMove> = {
  initial: ['open'],
  transitions: {
    open: { investigate: 'investigating', reopen: 'open', edit: 'open', resolve: 'resolved' },
    investigating: { investigate: 'investigating', reopen: 'open', edit: 'investigating', resolve: 'resolved' },
    resolved: {},
  },
};

export function moveTicket(status: TicketStatus, move: TicketMove): Transition<TicketStatus> {
  return transition(TICKET_MACHINE, status, move);
}
