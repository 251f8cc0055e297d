import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { PageQuery } from '../../../platform/http';
import { CASE_STATUSES, type CaseStatus } from '../dunning-case';

const MAX_ID = 64;
const MAX_NOTE = 1_000;
/** No control characters and no halves of characters, which PostgreSQL refuses. */
const TEXT = /^[^\p{Cc}\p{Cs}]+$/u;

export class CasesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: CASE_STATUSES })
  @IsOptional()
  @IsIn(CASE_STATUSES)
  status?: CaseStatus;

  @ApiPropertyOptional({ example: 'cust_01jd…' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  @Matches(TEXT, { message: 'customerId must be an id' })
  customerId?: string;

  @ApiPropertyOptional({ example: 'sub_01jd…' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  @Matches(TEXT, { message: 'subscriptionId must be an id' })
  subscriptionId?: string;

  @ApiPropertyOptional({ example: 'inv_01jd…' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_ID)
  @Matches(TEXT, { message: 'invoiceId must be an id' })
  invoiceId?: string;
}

export class AttemptBody {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'The customer says that his bank has let it through',
    maxLength: MAX_NOTE,
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_NOTE)
  @Matches(TEXT, { message: 'note must be one line of text' })
  note?: string | null;
}
