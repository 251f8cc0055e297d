import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import type { Currency } from '../../../../shared/currency';
import { IsWord, PageQuery } from '../../../../platform/http';
import { BENEFICIARY_STATUSES, type BeneficiaryStatus } from '../beneficiaries.repository';
import type { BankDetails } from '../domain/bank-account';
import { IsBankDetails } from './is-bank-details';
import { IsCurrency } from './is-currency';

const SHORTEST_NAME = 2;
const LONGEST_NAME = 140;
export const ACCOUNT_TYPE = /^[A-Za-z0-9_-]{1,64}$/;

/** An account, as a person writes it. */
export class BankAccountBody {
  @ApiProperty({ minLength: SHORTEST_NAME, maxLength: LONGEST_NAME, example: 'Ada Lovelace' })
  @IsString()
  @Length(SHORTEST_NAME, LONGEST_NAME)
  @Matches(/^[^\p{Cc}]*\S[^\p{Cc}]*$/u, { message: 'name must be a name' })
  name!: string;

  @ApiProperty({ type: String, example: 'EUR', description: 'What is paid out to it' })
  @IsCurrency()
  currency!: Currency;

  @ApiProperty({ example: 'iban', description: 'A type of `GET /payouts/beneficiaries/requirements`' })
  @Matches(ACCOUNT_TYPE, { message: 'type must be letters, digits, _ and -, up to 64' })
  type!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { legalType: 'PRIVATE', IBAN: 'DE89370400440532013000' },
    description: 'The fields that are required of this type; a dotted key `address.city` is a field of `address`',
  })
  @IsBankDetails()
  details!: BankDetails;
}

export class CreateBeneficiaryBody extends BankAccountBody {
  @ApiPropertyOptional({
    example: 'auth0|5f7c8ec7c33c6c004bbafe82',
    description: 'The user who is paid; or `customerId`',
  })
  @IsOptional()
  @IsWord()
  userId?: string;

  @ApiPropertyOptional({
    example: 'cust_01jd8qxw3v6m5h2k7n9p4r1s0t',
    description: 'The customer who is paid; or `userId`',
  })
  @IsOptional()
  @IsWord()
  customerId?: string;

  @ApiPropertyOptional({
    ...{ type: String, example: 'USD' },
    description: 'Of the balance that will pay: what is required depends on it. Without it, one there is a balance in',
  })
  @IsOptional()
  @IsCurrency()
  sourceCurrency?: Currency;
}

export class BeneficiariesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: BENEFICIARY_STATUSES })
  @IsOptional()
  @IsIn(BENEFICIARY_STATUSES)
  status?: BeneficiaryStatus;

  @ApiPropertyOptional({ type: String, example: 'EUR' })
  @IsOptional()
  @IsCurrency()
  currency?: Currency;

  @ApiPropertyOptional({ example: 'cust_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  @IsOptional()
  @IsWord()
  customerId?: string;
}

export class RequirementsQuery {
  @ApiProperty({ type: String, example: 'EUR', description: 'What is paid out' })
  @IsCurrency()
  currency!: Currency;

  @ApiPropertyOptional({ type: String, example: 'USD', description: 'Of the balance that will pay' })
  @IsOptional()
  @IsCurrency()
  sourceCurrency?: Currency;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, example: 250000, description: 'Minor units of `currency`' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  amount?: number;
}
