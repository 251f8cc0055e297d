import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { MAX_EXTENSION_DAYS } from '../domain/trial-extension';

const MAX_REASON = 500;

export class ReasonBody {
  @ApiProperty({ example: 'Paid by bank transfer', description: 'For the audit log, which is kept for good: no names' })
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_REASON)
  reason!: string;
}

export class ExtendTrialBody extends ReasonBody {
  @ApiProperty({ type: 'integer', minimum: 1, maximum: MAX_EXTENSION_DAYS, example: 7 })
  @IsInt()
  @Min(1)
  @Max(MAX_EXTENSION_DAYS)
  days!: number;
}
