import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { isCurrency } from '../../../../shared/currency';
import { CURRENCY_DECIMALS } from '../../../../shared/currency-table';
import { IsInstant, IsWord, PeriodQuery } from '../../../../platform/http';
import { ACCOUNTS, type AccountCode } from '../../domain/accounts';

const ACCOUNT_CODES = Object.keys(ACCOUNTS);

export class EntriesQuery extends PeriodQuery {
  @ApiPropertyOptional({ enum: ACCOUNT_CODES, description: 'Journal transactions that move it; facts move none' })
  @IsOptional()
  @IsIn(ACCOUNT_CODES)
  account?: AccountCode;

  @ApiPropertyOptional({ example: 'cust_01jd…' })
  @IsOptional()
  @IsWord()
  customerId?: string;

  @ApiPropertyOptional({ example: 'inv_01jd…', description: 'Our id for the journal, the provider’s for facts' })
  @IsOptional()
  @IsWord()
  refId?: string;

  @ApiPropertyOptional({ example: 'invoice.paid' })
  @IsOptional()
  @IsWord()
  type?: string;
}

export class BalancesQuery {
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'What had happened by then, inclusive; default now',
  })
  @IsOptional()
  @IsInstant()
  at?: Date;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'As far as it was in the books by then, inclusive; default now',
  })
  @IsOptional()
  @IsInstant()
  asKnownAt?: Date;
}

export class StatementQuery extends PeriodQuery {
  @ApiProperty({ example: 'USD' })
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && isCurrency(value.toUpperCase()) ? value.toUpperCase() : value,
  )
  @IsIn(Object.keys(CURRENCY_DECIMALS), { message: 'currency must be a currency of ISO 4217' })
  currency!: string;
}
