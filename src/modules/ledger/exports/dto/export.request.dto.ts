import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { isCurrency } from '../../../../shared/currency';
import { CURRENCY_DECIMALS } from '../../../../shared/currency-table';
import { IsInstant } from '../../../../platform/http';
import { ACCOUNTS } from '../../domain/accounts';
import { FORMATS, REPORTS, type ExportRequest } from '../ledger-exports.service';

export class ExportQuery implements ExportRequest {
  @ApiPropertyOptional({ enum: FORMATS, default: 'csv', description: 'beancount: the journal only' })
  @IsOptional()
  @IsIn(FORMATS)
  format: ExportRequest['format'] = 'csv';

  @ApiPropertyOptional({ enum: REPORTS, default: 'journal' })
  @IsOptional()
  @IsIn(REPORTS)
  report: ExportRequest['report'] = 'journal';

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Inclusive; default the beginning' })
  @IsOptional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Exclusive; default the end' })
  @IsOptional()
  @IsInstant()
  to?: Date;

  @ApiPropertyOptional({ enum: Object.keys(ACCOUNTS), description: 'Of a statement' })
  @IsOptional()
  @IsIn(Object.keys(ACCOUNTS))
  account?: string;

  @ApiPropertyOptional({ example: 'USD', description: 'Of a statement' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && isCurrency(value.toUpperCase()) ? value.toUpperCase() : value,
  )
  @IsIn(Object.keys(CURRENCY_DECIMALS), { message: 'currency must be a currency of ISO 4217' })
  currency?: string;
}
