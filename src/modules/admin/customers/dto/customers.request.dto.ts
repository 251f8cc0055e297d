import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQuery } from '../../../../platform/http';

const MAX_QUERY = 255;

export class CustomersQuery extends PageQuery {
  @ApiPropertyOptional({
    maxLength: MAX_QUERY,
    example: 'anna@example.com',
    description:
      'An e-mail or its beginning (in any case), or exactly: our id of a customer, subscription, invoice or payment, ' +
      "a provider's id of one, a user id, an invoice's number. Without it the newest customers",
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @MaxLength(MAX_QUERY)
  query?: string;
}
