import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { Provider } from '../../../shared/facts';
import { PageQuery } from '../../../platform/http';
import { BREAK_TYPES, type BreakType } from '../domain/compare-movement';
import { BREAK_STATUSES, type BreakStatus } from '../reconciliation-breaks.repository';
import { RUN_STATUSES, type RunStatus } from '../reconciliation-runs.repository';

export const PROVIDERS = ['stripe', 'apple', 'google', 'wise'] as const satisfies readonly Provider[];

export class RunBody {
  @ApiProperty({ enum: PROVIDERS, example: 'stripe' })
  @IsIn(PROVIDERS)
  provider!: Provider;

  @ApiProperty({
    format: 'date-time',
    description: 'Inclusive; a date is its first moment in UTC',
    example: '2026-10-01T00:00:00.000Z',
  })
  @IsString()
  @MaxLength(64)
  from!: string;

  @ApiProperty({
    format: 'date-time',
    description: 'Exclusive, not in the future',
    example: '2026-11-01T00:00:00.000Z',
  })
  @IsString()
  @MaxLength(64)
  to!: string;
}

export class RunsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: PROVIDERS })
  @IsOptional()
  @IsIn(PROVIDERS)
  provider?: Provider;

  @ApiPropertyOptional({ enum: RUN_STATUSES })
  @IsOptional()
  @IsIn(RUN_STATUSES)
  status?: RunStatus;
}

export class BreaksQuery extends PageQuery {
  @ApiPropertyOptional({ enum: BREAK_STATUSES })
  @IsOptional()
  @IsIn(BREAK_STATUSES)
  status?: BreakStatus;

  @ApiPropertyOptional({ enum: BREAK_TYPES })
  @IsOptional()
  @IsIn(BREAK_TYPES)
  type?: BreakType;
}

export class IgnoreBody {
  @ApiProperty({ maxLength: 500, example: 'A fee of another product on the same account' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  @Matches(/\S/, { message: 'reason must say something' })
  reason!: string;
}
