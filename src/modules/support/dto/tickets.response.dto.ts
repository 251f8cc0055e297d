import { ApiProperty } from '@nestjs/swagger';
import { TICKET_PRIORITIES, TICKET_RESOLUTIONS, TICKET_STATUSES, TICKET_TYPES } from '../domain/ticket';
import type { Ticket } from '../tickets.repository';

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

  @ApiProperty({ type: String, nullable: true, description: "The operator's user id" })
  assigneeId!: string | null;

  @ApiProperty({ type: String, enum: TICKET_RESOLUTIONS, nullable: true })
  resolution!: string | null;

  @ApiProperty({ type: String, nullable: true })
  note!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'User id of who resolved it' })
  resolvedBy!: string | null;

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

export function toTicketResponse(ticket: Ticket): TicketResponse {
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
    assigneeId: ticket.assigneeId,
    resolution: ticket.resolution,
    note: ticket.note,
    resolvedBy: ticket.resolvedBy,
    createdAt: ticket.createdAt.toISOString(),
    updatedAt: ticket.updatedAt.toISOString(),
    resolvedAt: ticket.resolvedAt?.toISOString() ?? null,
  };
}
