import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { Provider } from '../../../shared/facts';

const PROVIDERS = ['stripe', 'apple', 'google', 'wise'] as const satisfies readonly Provider[];

export class BackfillBody {
  @ApiProperty({ enum: PROVIDERS })
  @IsIn(PROVIDERS)
  provider!: Provider;

  @ApiProperty({ format: 'date-time', description: 'Begin of the time to ask for; a date is its first moment in UTC' })
  @IsString()
  @MaxLength(64)
  since!: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'End of it; now by default' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  until?: string;

  @ApiPropertyOptional({
    description:
      'Compare objects too. By default only where `since` is longer ago than the provider keeps events; needed as well ' +
      'after an endpoint was disabled or missing, when nothing counts as undelivered',
  })
  @IsOptional()
  @IsBoolean()
  objects?: boolean;

  @ApiPropertyOptional({ description: 'nextCursor of the answer before, with all else the same', example: 'eyJ…' })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  cursor?: string;
}

export class BackfillResponse {
  @ApiProperty({ type: 'integer', description: 'Events and objects put into the inbox by this request', example: 3 })
  stored!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Events the inbox has already, objects known as the provider shows them',
    example: 120,
  })
  known!: number;

  @ApiProperty({ type: 'integer', description: "Others' on a shared account, and not stored", example: 0 })
  foreign!: number;

  @ApiProperty({ type: 'string', nullable: true, description: 'To go on with; null when all is done' })
  nextCursor!: string | null;
}
