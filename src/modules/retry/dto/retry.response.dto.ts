import { ApiProperty } from '@nestjs/swagger';
import type { Reminder } from '../cases.repository';
import { CASE_STATUSES, type DunningCase } from '../dunning-case';
import { ATTEMPT_STATUSES, STRATEGIES } from '../domain/schedule';
import type { RecoveryAttempt } from '../recovery-attempt';

const nullableTime = { type: String, format: 'date-time', nullable: true } as const;

export class CaseResponse {
  @ApiProperty({ example: 'case_01jd…' })
  id!: string;

  @ApiProperty({ example: 'cust_01jd…' })
  customerId!: string;

  @ApiProperty({ example: 'sub_01jd…' })
  subscriptionId!: string;

  @ApiProperty({ example: 'inv_01jd…' })
  invoiceId!: string;

  @ApiProperty({ enum: ['stripe', 'apple', 'google'] })
  provider!: string;

  @ApiProperty({ enum: ['kassa', 'provider'], description: 'Who tries again; the provider’s cases are only watched' })
  owner!: string;

  @ApiProperty({ enum: CASE_STATUSES })
  status!: string;

  @ApiProperty({
    enum: [
      'paid',
      'grace_over',
      'voided',
      'uncollectible',
      'subscription_canceled',
      'subscription_paused',
      'subscription_unpaid',
      'superseded',
    ],
    nullable: true,
    description: 'Null while it is open',
  })
  closeReason!: string | null;

  @ApiProperty({
    enum: [
      'watching',
      'provider_retries',
      'method_required',
      'action_required',
      'network_cap',
      'attempts_used',
      'grace_ends',
    ],
    nullable: true,
    description: 'Why nothing is scheduled; null where something is, or is about to be',
  })
  holdReason!: string | null;

  @ApiProperty({ format: 'date-time', description: 'The first declined attempt' })
  openedAt!: string;

  @ApiProperty({ format: 'date-time', description: 'Until then access lasts; never moved by later failures' })
  graceUntil!: string;

  @ApiProperty(nullableTime)
  closedAt!: string | null;

  @ApiProperty({ ...nullableTime, description: 'Since when the provider tries no more by itself' })
  takenOverAt!: string | null;

  @ApiProperty({ enum: ['cancel', 'mark_unpaid', 'pause'], nullable: true, description: 'From the moment it is begun' })
  endAction!: string | null;

  @ApiProperty({ enum: ['void', 'mark_uncollectible'], nullable: true })
  endInvoice!: string | null;

  @ApiProperty({ ...nullableTime, description: 'When it is looked at next' })
  nextActionAt!: string | null;

  @ApiProperty({ ...nullableTime, description: 'A payment that came after the end' })
  latePaidAt!: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class ReminderResponse {
  @ApiProperty({ example: 3, description: 'Days after the first failure' })
  day!: number;

  @ApiProperty({ format: 'date-time' })
  dueAt!: string;

  @ApiProperty({
    enum: ['sent', 'skipped', 'final'],
    description: 'skipped: a later one was due too; final: told as the end of the case',
  })
  status!: string;

  @ApiProperty({ format: 'date-time' })
  toldAt!: string;
}

export class AttemptResponse {
  @ApiProperty({ example: 'att_01jd…' })
  id!: string;

  @ApiProperty({ example: 'case_01jd…' })
  caseId!: string;

  @ApiProperty({ example: 'inv_01jd…' })
  invoiceId!: string;

  @ApiProperty({ example: 1, description: 'Counts within the case' })
  number!: number;

  @ApiProperty({ enum: STRATEGIES, description: 'Only scheduled ones use the schedule up' })
  strategy!: string;

  @ApiProperty({ enum: ATTEMPT_STATUSES, description: 'unknown: the answer was lost, and is looked for' })
  status!: string;

  @ApiProperty({ format: 'date-time' })
  dueAt!: string;

  @ApiProperty(nullableTime)
  startedAt!: string | null;

  @ApiProperty(nullableTime)
  finishedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'declined' })
  lastErrorType!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'insufficient_funds' })
  declineCode!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'try_again_later' })
  adviceCode!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'tkt_01jd…' })
  ticketId!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Who asked for it by hand' })
  requestedBy!: string | null;
}

export class CaseDetailResponse extends CaseResponse {
  @ApiProperty({ type: [AttemptResponse] })
  attempts!: AttemptResponse[];

  @ApiProperty({ type: [ReminderResponse] })
  reminders!: ReminderResponse[];
}

export class CaseList {
  @ApiProperty({ type: [CaseResponse] })
  data!: CaseResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class DunningRunResponse {
  @ApiProperty({ example: 12, description: 'Declined renewals nobody had told of, and which have a case now' })
  opened!: number;

  @ApiProperty({ example: 340, description: 'Cases that were looked at' })
  cases!: number;

  @ApiProperty({ example: 25 })
  reminders!: number;

  @ApiProperty({ example: 31, description: 'Attempts that were planned' })
  scheduled!: number;

  @ApiProperty({ example: 18, description: 'Attempts that were due' })
  attempts!: number;

  @ApiProperty({ example: 4, description: 'Taken over from the provider, or ended there' })
  calls!: number;
}

export function toCaseDetailResponse(
  one: DunningCase,
  attempts: readonly RecoveryAttempt[],
  reminders: readonly Reminder[],
): CaseDetailResponse {
  return {
    ...caseFields(one),
    attempts: attempts.map(toAttemptResponse),
    reminders: reminders.map(toReminderResponse),
  };
}

export function toCaseResponse(one: DunningCase): CaseResponse {
  return caseFields(one);
}

/** Plain, so that it may be spread. */
function caseFields(one: DunningCase): { [K in keyof CaseResponse]: CaseResponse[K] } {
  const { id, customerId, subscriptionId, invoiceId, provider, owner, status, closeReason, holdReason } = one;
  return {
    ...{ id, customerId, subscriptionId, invoiceId, provider, owner, status, closeReason, holdReason },
    openedAt: one.openedAt.toISOString(),
    graceUntil: one.graceUntil.toISOString(),
    closedAt: one.closedAt?.toISOString() ?? null,
    takenOverAt: one.takenOverAt?.toISOString() ?? null,
    endAction: one.endAction,
    endInvoice: one.endInvoice,
    nextActionAt: one.nextActionAt?.toISOString() ?? null,
    latePaidAt: one.latePaidAt?.toISOString() ?? null,
    createdAt: one.createdAt.toISOString(),
  };
}

export function toAttemptResponse(attempt: RecoveryAttempt): AttemptResponse {
  const { id, caseId, invoiceId, number, strategy, status, lastErrorType, declineCode, adviceCode } = attempt;
  return {
    ...{ id, caseId, invoiceId, number, strategy, status, lastErrorType, declineCode, adviceCode },
    dueAt: attempt.dueAt.toISOString(),
    startedAt: attempt.startedAt?.toISOString() ?? null,
    finishedAt: attempt.finishedAt?.toISOString() ?? null,
    ticketId: attempt.ticketId,
    requestedBy: attempt.requestedBy,
  };
}

function toReminderResponse({ day, dueAt, status, toldAt }: Reminder): ReminderResponse {
  return { day, dueAt: dueAt.toISOString(), status, toldAt: toldAt.toISOString() };
}
