import { transition, type StateMachine, type Transition } from '../../../shared/state-machine';
import type { TicketStatus } from './ticket';

/**
 * What can happen to a ticket: by a person, or as the end of a retry. `edit` is any change but that of its status. What is
 * being retried waits for the retry's end, and a person may still close it by hand. `moot`: its cause is gone by itself, which
 * closes what nobody has taken up.
 */
export type TicketMove =
  'investigate' | 'reopen' | 'edit' | 'resolve' | 'retry' | 'retry_succeeded' | 'retry_failed' | 'moot';

/** A resolved ticket is closed for good: the same cause, met again, opens a new one. */
export const TICKET_MACHINE: StateMachine<TicketStatus, TicketMove> = {
  initial: ['open'],
  transitions: {
    open: {
      investigate: 'investigating',
      reopen: 'open',
      edit: 'open',
      resolve: 'resolved',
      retry: 'retrying',
      moot: 'resolved',
    },
    investigating: {
      ...{ investigate: 'investigating', reopen: 'open', edit: 'investigating' },
      ...{ resolve: 'resolved', retry: 'retrying' },
    },
    retrying: { edit: 'retrying', resolve: 'resolved', retry_succeeded: 'resolved', retry_failed: 'open' },
    resolved: {},
  },
};

export function moveTicket(status: TicketStatus, move: TicketMove): Transition<TicketStatus> {
  return transition(TICKET_MACHINE, status, move);
}
