import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';
import { PageQuery } from '../../../platform/http';
import {
  TICKET_PRIORITIES,
  TICKET_RESOLUTIONS,
  TICKET_STATUSES,
  TICKET_TYPES,
  type TicketPriority,
  type TicketResolution,
  type TicketStatus,
  type TicketType,
} from '../domain/ticket';

const MAX_ID = 255;
const MAX_NOTE = 4_000;

/** May be left out, but not be null: there is no ticket without it. */
const NotNull = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

export class TicketsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: TICKET_STATUSES })
  @IsOptional()
  @IsIn(TICKET_STATUSES)
  status?: TicketStatus;

  @ApiPropertyOptional({ enum: TICKET_TYPES })
  @IsOptional()
  @IsIn(TICKET_TYPES)
  type?: TicketType;

  @ApiPropertyOptional({ enum: TICKET_PRIORITIES })
  @IsOptional()
  @IsIn(TICKET_PRIORITIES)
  priority?: TicketPriority;

  @ApiPropertyOptional({ example: 'cust_01jd…' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID)
  customerId?: string;

  @ApiPropertyOptional({ example: 'evt_01jd…', description: 'Our id of the event' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID)
  eventId?: string;
}

export class EditTicketBody {
  @ApiPropertyOptional({ enum: ['open', 'investigating'] })
  @NotNull()
  @IsIn(['open', 'investigating'])
  status?: Exclude<TicketStatus, 'resolved'>;

  @ApiPropertyOptional({ enum: TICKET_PRIORITIES })
  @NotNull()
  @IsIn(TICKET_PRIORITIES)
  priority?: TicketPriority;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: "The operator's user id; null: nobody's",
    example: 'user_17',
  })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,255}$/, { message: 'assigneeId must be a user id: 1 to 255 printable ASCII characters' })
  assigneeId?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: MAX_NOTE,
    example: 'The customer was asked for another card',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_NOTE)
  note?: string | null;
}

export class ResolveTicketBody {
  @ApiProperty({ enum: TICKET_RESOLUTIONS, description: 'auto_retry handles the event of the ticket once more' })
  @IsIn(TICKET_RESOLUTIONS)
  resolution!: TicketResolution;

  @ApiPropertyOptional({
    maxLength: MAX_NOTE,
    description: 'Replaces the note there is',
    example: 'Settled with the bank',
  })
  @NotNull()
  @IsString()
  @MaxLength(MAX_NOTE)
  note?: string;
}
