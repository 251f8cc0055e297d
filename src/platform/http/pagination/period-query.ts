import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsInstant } from '../validation/is-instant';
import { PageQuery } from './page';

/** `?from=&to=` of lists that are looked into by time. */
export class PeriodQuery extends PageQuery {
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Inclusive; default the beginning. Without an offset it is UTC',
  })
  @IsOptional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Exclusive; default now' })
  @IsOptional()
  @IsInstant()
  to?: Date;
}
