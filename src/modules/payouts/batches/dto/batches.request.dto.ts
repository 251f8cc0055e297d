import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';
import { MOST_LINES } from '../domain/batch-file';

export class TakeBatchQuery {
  @ApiPropertyOptional({
    type: Boolean,
    description: 'After 409 DUPLICATE_SUSPECTED: the file is meant once more, and so are its lines',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  confirmDuplicate?: boolean;
}

export class ApproveBatchBody {
  @ApiPropertyOptional({
    ...{ type: 'integer', minimum: 0, maximum: MOST_LINES, default: 0, example: 100 },
    description: '`afterLine` of the answer before: the approval goes on behind it',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_LINES)
  afterLine?: number;
}
