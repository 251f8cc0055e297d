import { list, of, PAGE, words, type Route } from './route';

const SUPPORT = ['support', 'admin'] as const;
const TICKET = words(
  `id type priority status summary details assigneeId resolution note createdAt updatedAt resolvedAt invoiceId
  subscriptionId dueAt breached`,
);
const TICKET_ENTRY = words('at kind type summary objectType objectId actorId');

/** Tickets, and declined renewals on one page. */
export const SUPPORT_ROUTES: Readonly<Record<string, Route>> = {
  'GET /support/tickets': {
    ...{ auth: SUPPORT, status: 200, answers: list(TICKET) },
    query: words('status type priority customerId eventId invoiceId assigneeId assigned overdue limit cursor'),
  },
  'GET /support/tickets/counts': {
    ...{ auth: SUPPORT, status: 200 },
    answers: words('unresolved overdue unassigned byStatus.open byPriority byType'),
  },
  'GET /support/tickets/{id}': {
    ...{ auth: SUPPORT, status: 200, answers: [...TICKET, 'timelineCursor', ...of('timeline', TICKET_ENTRY)] },
  },
  'GET /support/tickets/{id}/timeline': { auth: SUPPORT, status: 200, query: PAGE, answers: list(TICKET_ENTRY) },
  'GET /support/cases/{invoiceId}': {
    ...{ auth: ['support', 'finance', 'admin'], status: 200 },
    answers: [
      'outcome',
      ...of('invoice', words('id customerId status amountDue amountPaid firstFailedAt paidAt')),
      ...of('subscription', words('id status plan.code graceUntil')),
      ...of('policy', words('graceDays reminderDays retryDelaysHours endAction endInvoice')),
      ...of('case', words('id owner status closeReason openedAt graceUntil closedAt holdReason')),
      ...of('story', words('at what summary')),
      ...of('attempts', words('id number strategy status dueAt startedAt finishedAt requestedBy declineCode ticketId')),
      ...of('declines', words('at code class meaning')),
      ...of('reminders', words('day status dueAt toldAt')),
      ...of('tickets', TICKET),
      ...of('access', words('from to access reason plan status until')),
      ...of('facts', words('id at kind objectType objectId status declineCode sourceId')),
    ],
  },
  'POST /support/tickets/{id}/notes': {
    ...{ auth: SUPPORT, status: 201, requires: ['text'], answers: words('id ticketId at authorId text') },
  },
  'PATCH /support/tickets/{id}': { auth: SUPPORT, status: 200, takes: ['status', 'note'], answers: TICKET },
  'POST /support/tickets/{id}/resolve': {
    ...{ auth: SUPPORT, status: 200, requires: ['resolution'], takes: ['note'], answers: TICKET },
  },
};
