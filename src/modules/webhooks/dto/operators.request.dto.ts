import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import type { Provider } from '../../../shared/facts';
import { IsInstant, IsWord, PageQuery } from '../../../platform/http';
import { INBOX_STATUSES, type InboxFilter, type InboxStatus } from '../../../platform/inbox';
import { MAX_REPLAY, REPLAYABLE_STATUSES } from '../replay.service';

const PROVIDERS = ['stripe', 'apple', 'google', 'wise'] as const satisfies readonly Provider[];

/** What events have in common; all that is given must fit. */
export class EventFilter {
  @ApiPropertyOptional({ enum: PROVIDERS })
  @IsOptional()
  @IsIn(PROVIDERS)
  provider?: Provider;

  @ApiPropertyOptional({ example: 'invoice.paid', description: "The provider's type of event" })
  @IsOptional()
  @IsWord()
  type?: string;

  @ApiPropertyOptional({ example: 'in_1…', description: "The provider's id of the object" })
  @IsOptional()
  @IsWord()
  objectId?: string;

  @ApiPropertyOptional({ example: 'stripe:cus_1…', description: 'Of one customer of a provider' })
  @IsOptional()
  @IsWord()
  aggregate?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Inclusive; without an offset it is UTC' })
  @IsOptional()
  @IsInstant()
  receivedFrom?: Date;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Exclusive' })
  @IsOptional()
  @IsInstant()
  receivedTo?: Date;
}

export class EventsQuery extends IntersectionType(EventFilter, PageQuery) {
  @ApiPropertyOptional({ enum: INBOX_STATUSES })
  @IsOptional()
  @IsIn(INBOX_STATUSES)
  status?: InboxStatus;
}

export class DryRunQuery {
  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Nothing is changed; the answer tells what would be',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  dryRun: boolean = false;
}

/** Must name something besides `limit`. */
export class ReplayBody extends EventFilter {
  @ApiPropertyOptional({ enum: REPLAYABLE_STATUSES, isArray: true, default: ['failed'] })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(REPLAYABLE_STATUSES, { each: true })
  status?: (typeof REPLAYABLE_STATUSES)[number][];

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_REPLAY, default: MAX_REPLAY })
  @ValidateIf((_, value) => value !== undefined)
  @IsInt()
  @Min(1)
  @Max(MAX_REPLAY)
  limit: number = MAX_REPLAY;
}

/** Null says as little as nothing does. */
export function toFilter(given: EventFilter, statuses: InboxFilter['statuses'] | null): InboxFilter {
  return {
    provider: given.provider ?? undefined,
    type: given.type ?? undefined,
    statuses: statuses ?? undefined,
    objectId: given.objectId ?? undefined,
    aggregate: given.aggregate ?? undefined,
    receivedFrom: given.receivedFrom ?? undefined,
    receivedTo: given.receivedTo ?? undefined,
  };
}
