import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';
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
const USER_ID = /^[\x21-\x7e]{1,255}$/;

/** In a query all values are text. */
const AsBoolean = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

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

  @ApiPropertyOptional({ example: 'inv_01jd…', description: 'Our id of the invoice' })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID)
  invoiceId?: string;

  @ApiPropertyOptional({ example: 'user_17', description: "The operator's user id" })
  @IsOptional()
  @Matches(USER_ID, { message: 'assigneeId must be a user id: 1 to 255 printable ASCII characters' })
  assigneeId?: string;

  @ApiPropertyOptional({ description: 'false: what nobody has' })
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  assigned?: boolean;

  @ApiPropertyOptional({ description: 'true: unresolved, and should have been resolved by now' })
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  overdue?: boolean;
}

export class EditTicketBody {
  @ApiPropertyOptional({ enum: ['open', 'investigating'] })
  @NotNull()
  @IsIn(['open', 'investigating'])
  status?: Extract<TicketStatus, 'open' | 'investigating'>;

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
  @Matches(USER_ID, { message: 'assigneeId must be a user id: 1 to 255 printable ASCII characters' })
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
  @ApiProperty({
    enum: TICKET_RESOLUTIONS,
    description:
      'auto_retry does once more what the ticket is about: its event, its payment, its comparison with the books. The ticket is `retrying` until that has ended: resolved where it went well, open again with a note where not',
  })
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

export class NoteBody {
  @ApiProperty({ minLength: 1, maxLength: MAX_NOTE, example: 'Called back: a new card arrives on Monday' })
  @IsString()
  @Matches(/\S/, { message: 'text must say something' })
  @MaxLength(MAX_NOTE)
  text!: string;
}
