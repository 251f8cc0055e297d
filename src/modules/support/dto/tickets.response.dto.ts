import { ApiProperty } from '@nestjs/swagger';
import {
  TICKET_PRIORITIES,
  TICKET_RESOLUTIONS,
  TICKET_STATUSES,
  TICKET_TYPES,
  type TicketPriority,
  type TicketType,
} from '../domain/ticket';
import type { Page } from '../../../platform/http';
import { isBreached } from '../domain/sla';
import type { Ticket, TicketCount } from '../tickets.repository';
import { TicketEntryResponse } from './ticket-timeline.response.dto';

export class TicketResponse {
  @ApiProperty({ example: 'tkt_01jd…' })
  id!: string;

  @ApiProperty({ enum: TICKET_TYPES })
  type!: string;

  @ApiProperty({ enum: TICKET_PRIORITIES })
  priority!: string;

  @ApiProperty({ enum: TICKET_STATUSES })
  status!: string;

  @ApiProperty({ example: 'customer.subscription.updated from stripe could not be handled: PRICE_UNKNOWN' })
  summary!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Ids and codes; `count` and `occurrences` say how often and when the cause was met',
  })
  details!: Record<string, unknown>;

  @ApiProperty({ type: String, nullable: true, example: 'evt_01jd…' })
  eventId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'cust_01jd…' })
  customerId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'pay_01jd…' })
  paymentId!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'inv_01jd…',
    description: 'Its case: GET /support/cases/:invoiceId',
  })
  invoiceId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'sub_01jd…' })
  subscriptionId!: string | null;

  @ApiProperty({ type: String, nullable: true, description: "The operator's user id" })
  assigneeId!: string | null;

  @ApiProperty({ type: String, enum: TICKET_RESOLUTIONS, nullable: true })
  resolution!: string | null;

  @ApiProperty({ type: String, nullable: true })
  note!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'User id of who resolved it, or asked for the retry under way',
  })
  resolvedBy!: string | null;

  @ApiProperty({
    format: 'date-time',
    description: 'By when it is to be resolved: by its priority, from when it was opened',
  })
  dueAt!: string;

  @ApiProperty({ description: 'It is late, or was' })
  breached!: boolean;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  resolvedAt!: string | null;
}

export class TicketList {
  @ApiProperty({ type: [TicketResponse] })
  data!: TicketResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class TicketDetailResponse extends TicketResponse {
  @ApiProperty({ type: [TicketEntryResponse], description: 'The newest entries; the rest at …/timeline' })
  timeline!: TicketEntryResponse[];

  @ApiProperty({ type: String, nullable: true, description: 'Cursor of …/timeline for what is older' })
  timelineCursor!: string | null;
}

class CountByStatus {
  @ApiProperty({ example: 12 })
  open!: number;

  @ApiProperty({ example: 3 })
  investigating!: number;

  @ApiProperty({ example: 1 })
  retrying!: number;
}

/** What waits for somebody. */
export class TicketCountsResponse {
  @ApiProperty({ example: 16 })
  unresolved!: number;

  @ApiProperty({ example: 2 })
  overdue!: number;

  @ApiProperty({ example: 9, description: 'What nobody has' })
  unassigned!: number;

  @ApiProperty({ type: CountByStatus })
  byStatus!: CountByStatus;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { low: 1, normal: 9, high: 5, urgent: 1 },
  })
  byPriority!: Record<TicketPriority, number>;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { dispute: 2, payment_failure: 14 },
  })
  byType!: Partial<Record<TicketType, number>>;
}

export function toTicketCounts(counts: readonly TicketCount[]): TicketCountsResponse {
  const sum = (fits: (each: TicketCount) => boolean = () => true): number =>
    counts.filter(fits).reduce((total, { count }) => total + count, 0);
  const by = <K extends 'type' | 'priority'>(field: K, values: readonly TicketCount[K][]): Record<string, number> =>
    Object.fromEntries(values.map((value) => [value, sum((each) => each[field] === value)]));
  return {
    unresolved: sum(),
    overdue: sum(({ overdue }) => overdue),
    unassigned: sum(({ assigned }) => !assigned),
    byStatus: {
      open: sum(({ status }) => status === 'open'),
      investigating: sum(({ status }) => status === 'investigating'),
      retrying: sum(({ status }) => status === 'retrying'),
    },
    byPriority: by('priority', TICKET_PRIORITIES),
    byType: by('type', [...new Set(counts.map(({ type }) => type))].sort()),
  };
}

/** @param now business time */
export function toTicketDetail(ticket: Ticket, page: Page<TicketEntryResponse>, now: Date): TicketDetailResponse {
  return { ...fieldsOf(ticket, now), timeline: [...page.data], timelineCursor: page.nextCursor };
}

/** @param now business time */
export function toTicketResponse(ticket: Ticket, now: Date): TicketResponse {
  return fieldsOf(ticket, now);
}

function fieldsOf(ticket: Ticket, now: Date) {
  return {
    id: ticket.id,
    type: ticket.type,
    priority: ticket.priority,
    status: ticket.status,
    summary: ticket.summary,
    details: ticket.details,
    eventId: ticket.eventId,
    customerId: ticket.customerId,
    paymentId: ticket.paymentId,
    invoiceId: ticket.invoiceId,
    subscriptionId: ticket.subscriptionId,
    assigneeId: ticket.assigneeId,
    resolution: ticket.resolution,
    note: ticket.note,
    resolvedBy: ticket.resolvedBy,
    dueAt: ticket.dueAt.toISOString(),
    breached: isBreached(ticket, now),
    createdAt: ticket.createdAt.toISOString(),
    updatedAt: ticket.updatedAt.toISOString(),
    resolvedAt: ticket.resolvedAt?.toISOString() ?? null,
  };
}
