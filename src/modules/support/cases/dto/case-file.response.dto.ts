import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../../shared/money';
import { ACCESS_REASONS } from '../../../billing';
import type { RecoveryAttempt } from '../../../retry';
import { TicketResponse, toTicketResponse } from '../../dto/tickets.response.dto';
import { outcomeOf, storyOf } from '../domain/case-story';
import { OUTCOMES, type CaseAccess, type CaseFile } from '../case-file';
import {
  CaseInvoiceResponse,
  CasePolicyResponse,
  CaseStandingResponse,
  CaseSubscriptionResponse,
} from './case-parts.response.dto';

const TIME = { format: 'date-time' } as const;
const TIME_OR_NULL = { type: String, format: 'date-time', nullable: true } as const;

class CaseAttemptResponse {
  @ApiProperty({ example: 'att_01jd…' })
  id!: string;

  @ApiProperty({ example: 2 })
  number!: number;

  @ApiProperty({ enum: ['scheduled', 'manual', 'new_method'] })
  strategy!: string;

  @ApiProperty({ enum: ['scheduled', 'charging', 'succeeded', 'failed', 'unknown', 'skipped', 'canceled'] })
  status!: string;

  @ApiProperty(TIME)
  dueAt!: string;

  @ApiProperty(TIME_OR_NULL)
  startedAt!: string | null;

  @ApiProperty(TIME_OR_NULL)
  finishedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'User id of who asked for it; null for the schedule' })
  requestedBy!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'card_error' })
  lastErrorType!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'insufficient_funds' })
  declineCode!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'tkt_01jd…' })
  ticketId!: string | null;
}

class CaseDeclineResponse {
  @ApiProperty(TIME)
  at!: string;

  @ApiProperty({ type: String, nullable: true, example: 'insufficient_funds' })
  code!: string | null;

  @ApiProperty({ enum: ['hard', 'soft', 'authentication', 'fraud'] })
  class!: string;

  @ApiProperty({ example: 'There is not enough money on the account. It may go through later' })
  meaning!: string;
}

class CaseReminderResponse {
  @ApiProperty({ example: 3, description: 'Days after the first failure' })
  day!: number;

  @ApiProperty({ enum: ['sent', 'skipped', 'final'], description: 'skipped: a later one was due too' })
  status!: string;

  @ApiProperty(TIME)
  dueAt!: string;

  @ApiProperty(TIME)
  toldAt!: string;
}

class CaseAccessResponse {
  @ApiProperty(TIME)
  from!: string;

  @ApiProperty({ ...TIME_OR_NULL, description: 'null: it still is so' })
  to!: string | null;

  @ApiProperty({ example: true })
  access!: boolean;

  @ApiProperty({ enum: ACCESS_REASONS })
  reason!: string;

  @ApiProperty({ type: String, nullable: true, example: 'PRO' })
  plan!: string | null;

  @ApiProperty({ example: 'past_due', description: "The subscription's status then" })
  status!: string;

  @ApiProperty({
    ...TIME_OR_NULL,
    description: 'While there is access: until when, unless something else is told before',
  })
  until!: string | null;
}

class CaseFactResponse {
  @ApiProperty({ example: 'fact_01jd…' })
  id!: string;

  @ApiProperty(TIME)
  at!: string;

  @ApiProperty({ example: 'invoice.payment_failed' })
  kind!: string;

  @ApiProperty({ example: 'invoice' })
  objectType!: string;

  @ApiProperty({ example: 'in_1…', description: "The provider's id" })
  objectId!: string;

  @ApiProperty({ type: String, nullable: true, example: 'open' })
  status!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'insufficient_funds' })
  declineCode!: string | null;

  @ApiProperty({ example: 'evt_1…', description: "The provider's event, or our reading, that told it" })
  sourceId!: string;
}

class StoryLineResponse {
  @ApiProperty(TIME)
  at!: string;

  @ApiProperty({ example: 'attempt.failed' })
  what!: string;

  @ApiProperty({ example: 'Attempt 1 (scheduled) was declined (insufficient_funds)' })
  summary!: string;
}

export class CaseFileResponse {
  @ApiProperty({
    enum: OUTCOMES,
    description: 'not_followed_up: declined, but no renewal (a first payment in the shop)',
  })
  outcome!: string;

  @ApiProperty({ type: CaseInvoiceResponse })
  invoice!: CaseInvoiceResponse;

  @ApiProperty({ type: CaseSubscriptionResponse, nullable: true })
  subscription!: CaseSubscriptionResponse | null;

  @ApiProperty({ type: CasePolicyResponse })
  policy!: CasePolicyResponse;

  @ApiProperty({ type: CaseStandingResponse, nullable: true, description: 'null: nobody follows it up' })
  case!: CaseStandingResponse | null;

  @ApiProperty({ type: [StoryLineResponse], description: 'All of the rest in one order, oldest first' })
  story!: StoryLineResponse[];

  @ApiProperty({ type: [CaseAttemptResponse], description: "Kassa's own attempts" })
  attempts!: CaseAttemptResponse[];

  @ApiProperty({ type: [CaseDeclineResponse], description: 'Every declined attempt, whoever made it' })
  declines!: CaseDeclineResponse[];

  @ApiProperty({ type: [CaseReminderResponse] })
  reminders!: CaseReminderResponse[];

  @ApiProperty({ type: [TicketResponse] })
  tickets!: TicketResponse[];

  @ApiProperty({ type: [CaseAccessResponse], description: 'A step function: no gap, no overlap' })
  access!: CaseAccessResponse[];

  @ApiProperty({ type: [CaseFactResponse], description: 'What the provider told, 500 at most' })
  facts!: CaseFactResponse[];
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** @param now business time */
export function toCaseFile(one: CaseFile, now: Date): CaseFileResponse {
  return {
    outcome: outcomeOf(one),
    invoice: invoiceOf(one),
    subscription: subscriptionOf(one),
    policy: policyOf(one),
    case: standingOf(one),
    story: storyOf(one).map(({ at, what, summary }) => ({ at: at.toISOString(), what, summary })),
    attempts: one.attempts.map(attemptOf),
    declines: one.declines.map(({ at, ...decline }) => ({ at: at.toISOString(), ...decline })),
    reminders: one.reminders.map(({ day, status, dueAt, toldAt }) => {
      return { day, status, dueAt: dueAt.toISOString(), toldAt: toldAt.toISOString() };
    }),
    tickets: one.tickets.map((ticket) => toTicketResponse(ticket, now)),
    access: one.access.map(accessOf),
    facts: one.facts.map(({ at, ...fact }) => ({ at: at.toISOString(), ...fact })),
  };
}

function invoiceOf({ invoice }: CaseFile): CaseInvoiceResponse {
  const { amountDue, amountPaid, amountRemaining, amountRefunded, createdAt, ...rest } = invoice;
  return {
    ...rest,
    ...{ amountDue: amountToJson(amountDue), amountPaid: amountToJson(amountPaid) },
    ...{ amountRemaining: amountToJson(amountRemaining), amountRefunded: amountToJson(amountRefunded) },
    createdAt: createdAt.toISOString(),
    ...{ finalizedAt: iso(rest.finalizedAt), firstFailedAt: iso(rest.firstFailedAt), paidAt: iso(rest.paidAt) },
  };
}

function subscriptionOf({ subscription }: CaseFile): CaseSubscriptionResponse | null {
  if (!subscription) return null;
  const { id, providerId, status, planCode: code, planName: name, graceUntil } = subscription;
  return { id, providerId, status, plan: { code, name }, graceUntil: iso(graceUntil) };
}

function policyOf({ policy, subscription }: CaseFile): CasePolicyResponse {
  const { reminderDays, retryDelaysHours, endAction, endInvoice } = policy;
  return {
    graceDays: subscription?.graceDays ?? null,
    ...{ reminderDays: [...reminderDays], retryDelaysHours: [...retryDelaysHours], endAction, endInvoice },
  };
}

function standingOf({ standing }: CaseFile): CaseStandingResponse | null {
  if (!standing) return null;
  const { id, owner, status, closeReason, holdReason, endAction, endInvoice } = standing;
  const { openedAt, graceUntil, closedAt, nextActionAt, latePaidAt } = standing;
  return {
    ...{ id, owner, status, closeReason, holdReason, endAction, endInvoice },
    ...{ openedAt: openedAt.toISOString(), graceUntil: graceUntil.toISOString(), closedAt: iso(closedAt) },
    ...{ nextActionAt: iso(nextActionAt), latePaidAt: iso(latePaidAt) },
  };
}

function attemptOf(attempt: RecoveryAttempt): CaseAttemptResponse {
  const { id, number, strategy, status, dueAt, startedAt, finishedAt } = attempt;
  const { requestedBy, lastErrorType, declineCode, ticketId } = attempt;
  return {
    ...{ id, number, strategy, status, requestedBy, lastErrorType, declineCode, ticketId },
    ...{ dueAt: dueAt.toISOString(), startedAt: iso(startedAt), finishedAt: iso(finishedAt) },
  };
}

function accessOf({ from, to, until, ...step }: CaseAccess): CaseAccessResponse {
  return { from: from.toISOString(), to: iso(to), until: iso(until), ...step };
}
