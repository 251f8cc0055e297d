import type { AccessStep } from '../../../billing';
import type { RecoveryAttempt, Reminder } from '../../../retry';
import type { CaseFile, Outcome, StoryLine } from '../case-file';

/** Pure: what has become of it. A first payment that was declined in the shop is followed up by nobody. */
export function outcomeOf({ standing, invoice }: Pick<CaseFile, 'standing' | 'invoice'>): Outcome {
  if (standing) return standing.status;
  return invoice.firstFailedAt === null ? 'never_failed' : 'not_followed_up';
}

/** What of the facts is a line of its own; that a payment was declined is told by the invoice too. */
const FACTS: Readonly<Record<string, string>> = {
  'invoice.finalized': 'The invoice was issued',
  'invoice.paid': 'The invoice was paid',
  'invoice.voided': 'The invoice was voided',
  'invoice.uncollectible': 'The invoice was given up as uncollectible',
  'invoice.payment_action_required': 'The bank wants the customer to confirm the payment',
  'subscription.deleted': 'The subscription was canceled at the provider',
};

const ACCESS: Readonly<Record<AccessStep['reason'], string>> = {
  trial: 'Access by a trial',
  paid: 'Access, as paid',
  grace: 'Access goes on, by grace',
  grace_over: 'No access any more: grace is over',
  period_over: 'No access any more: what was paid for is over',
  set_to_end: 'No access any more: it was set to end',
  not_paid: 'No access: not paid',
  paused: 'No access: paused',
  ended: 'No access: the subscription has ended',
  money_given_back: 'No access any more: the money was given back, or is contested',
};

const CASE_ENDS: Readonly<Record<string, string>> = {
  recovered: 'Recovered',
  exhausted: 'Given up: nothing more is tried',
  closed: 'Not followed up any more',
};

/** Pure: everything in one order, oldest first; of one moment, what caused stands before what followed. */
export function storyOf(one: CaseFile): StoryLine[] {
  const begin = one.invoice.firstFailedAt ?? one.invoice.finalizedAt ?? one.invoice.createdAt;
  const lines = [
    ...factLines(one),
    ...one.declines.map(({ at, code, meaning }) =>
      line(at, 'payment.declined', `Declined${because(code)}: ${meaning}`),
    ),
    ...caseLines(one),
    ...one.attempts.flatMap(attemptLines),
    ...one.reminders.flatMap(reminderLines),
    ...one.tickets.flatMap(({ createdAt, resolvedAt, summary, resolution }) => [
      line(createdAt, 'ticket.opened', `Ticket: ${summary}`),
      ...(resolvedAt ? [line(resolvedAt, 'ticket.resolved', `Ticket resolved${because(resolution)}: ${summary}`)] : []),
    ]),
    ...one.access
      .filter(({ from }) => from >= begin)
      .map(({ from, reason, access, plan }) =>
        line(from, access ? 'access.given' : 'access.ended', `${ACCESS[reason]}${because(plan)}`),
      ),
  ];
  // A sort keeps the order of what is equal.
  return lines.sort((a, b) => a.at.getTime() - b.at.getTime());
}

function line(at: Date, what: string, summary: string): StoryLine {
  return { at, what, summary };
}

function because(word: string | null): string {
  return word === null ? '' : ` (${word})`;
}

function factLines({ facts, invoice }: CaseFile): StoryLine[] {
  return facts.flatMap(({ at, kind, objectType, objectId }) => {
    const summary = Object.hasOwn(FACTS, kind) ? FACTS[kind] : undefined;
    const isOurs = objectType !== 'invoice' || objectId === invoice.providerId;
    return summary !== undefined && isOurs ? [line(at, kind, summary)] : [];
  });
}

function caseLines({ standing }: CaseFile): StoryLine[] {
  if (!standing) return [];
  const { openedAt, graceUntil, closedAt, closeReason, status, owner, latePaidAt } = standing;
  const by = owner === 'kassa' ? 'Kassa' : 'the provider';
  return [
    line(openedAt, 'case.opened', `Followed up by ${by} until ${graceUntil.toISOString()}`),
    ...(closedAt ? [line(closedAt, `case.${status}`, `${CASE_ENDS[status] ?? status}${because(closeReason)}`)] : []),
    ...(latePaidAt ? [line(latePaidAt, 'case.late_success', 'Paid after all, when it was too late')] : []),
  ];
}

function attemptLines(attempt: RecoveryAttempt): StoryLine[] {
  const { number, strategy, status, startedAt, finishedAt, dueAt, declineCode, lastErrorType } = attempt;
  const name = `Attempt ${number} (${strategy})`;
  switch (status) {
    case 'succeeded':
      return [line(finishedAt ?? dueAt, 'attempt.succeeded', `${name} was paid`)];
    case 'failed':
      return [
        line(finishedAt ?? dueAt, 'attempt.failed', `${name} was declined${because(declineCode ?? lastErrorType)}`),
      ];
    case 'skipped':
      return [line(finishedAt ?? dueAt, 'attempt.skipped', `${name} was not needed any more`)];
    case 'canceled':
      return [line(finishedAt ?? dueAt, 'attempt.canceled', `${name} was called off`)];
    case 'scheduled':
      return [line(dueAt, 'attempt.scheduled', `${name} is planned`)];
    default:
      return [line(startedAt ?? dueAt, `attempt.${status}`, `${name} is under way; its outcome is not known yet`)];
  }
}

function reminderLines({ day, status, toldAt }: Reminder): StoryLine[] {
  if (status === 'skipped') return [];
  return [line(toldAt, 'reminder.sent', status === 'final' ? 'Last notice' : `Reminded, day ${day}`)];
}
