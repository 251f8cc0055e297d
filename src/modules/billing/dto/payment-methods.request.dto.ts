import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, ValidateIf } from 'class-validator';
import type { SetupType } from '../../../providers/stripe';

const TYPES = ['card', 'us_bank_account'] as const satisfies readonly SetupType[];

export class SetupBody {
  @ApiPropertyOptional({
    enum: TYPES,
    default: 'card',
    description: 'Bank accounts are linked by Financial Connections',
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(TYPES)
  type: SetupType = 'card';
}
