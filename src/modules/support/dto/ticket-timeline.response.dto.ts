import { ApiProperty } from '@nestjs/swagger';
import { sentenceOf, TIMELINE_KINDS, type TicketEntry } from '../domain/ticket-timeline';
import type { TicketNote } from '../ticket-notes.repository';

export class TicketEntryResponse {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ enum: TIMELINE_KINDS })
  kind!: string;

  @ApiProperty({ example: 'attempt.failed' })
  type!: string;

  @ApiProperty({ example: 'Attempt 2 was declined (insufficient_funds)' })
  summary!: string;

  @ApiProperty({ example: 'attempt' })
  objectType!: string;

  @ApiProperty({ example: 'att_01jd…' })
  objectId!: string;

  @ApiProperty({ type: String, nullable: true, description: 'User id of who did it; null where nobody did' })
  actorId!: string | null;
}

export class TicketTimelineList {
  @ApiProperty({ type: [TicketEntryResponse] })
  data!: TicketEntryResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class TicketNoteResponse {
  @ApiProperty({ example: 'tkn_01jd…' })
  id!: string;

  @ApiProperty({ example: 'tkt_01jd…' })
  ticketId!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ type: String, nullable: true, example: 'user_17' })
  authorId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Called back: a new card arrives on Monday' })
  text!: string | null;
}

export function toTicketEntry(entry: TicketEntry): TicketEntryResponse {
  const { at, kind, type, objectType, objectId, actorId } = entry;
  return { at: at.toISOString(), kind, type, summary: sentenceOf(entry), objectType, objectId, actorId };
}

export function toTicketNote({ id, ticketId, at, authorId, text }: TicketNote): TicketNoteResponse {
  return { id, ticketId, at: at.toISOString(), authorId, text };
}
