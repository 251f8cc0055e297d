import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { Currency } from '../../../shared/currency';
import { IsWord, PageQuery } from '../../../platform/http';
import { ACCOUNT_TYPE } from '../beneficiaries/dto/beneficiary.request.dto';
import { IsBankDetails } from '../beneficiaries/dto/is-bank-details';
import { IsCurrency } from '../beneficiaries/dto/is-currency';
import type { BankDetails } from '../beneficiaries/domain/bank-account';
import { PAYOUT_STATUSES, type PayoutStatus } from '../domain/payout-status';

const LONGEST_REFERENCE = 140;
const LONGEST_REASON = 500;
const isNew = ({ id }: PayeeBody): boolean => id === undefined;
const isKnown = (payee: PayeeBody): boolean => !isNew(payee);

/** A known beneficiary by the id, or an account that makes one. */
export class PayeeBody {
  @ApiPropertyOptional({
    example: 'bnf_01jd8qxw3v6m5h2k7n9p4r1s0t',
    description: 'Or the account, in the other fields',
  })
  @ValidateIf(isKnown)
  @IsWord()
  id?: string;

  @ApiPropertyOptional({ example: 'Ada Lovelace' })
  @ValidateIf(isNew)
  @IsString()
  @Length(2, 140)
  @Matches(/^[^\p{Cc}]*\S[^\p{Cc}]*$/u, { message: 'name must be a name' })
  name?: string;

  @ApiPropertyOptional({ type: String, example: 'EUR' })
  @ValidateIf(isNew)
  @IsCurrency()
  currency?: Currency;

  @ApiPropertyOptional({ example: 'iban' })
  @ValidateIf(isNew)
  @Matches(ACCOUNT_TYPE, { message: 'type must be letters, digits, _ and -, up to 64' })
  type?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { legalType: 'PRIVATE', IBAN: 'DE89370400440532013000' },
  })
  @ValidateIf(isNew)
  @IsBankDetails()
  details?: BankDetails;
}

export class PreparePayoutBody {
  @ApiProperty({ type: PayeeBody, example: { id: 'bnf_01jd8qxw3v6m5h2k7n9p4r1s0t' } })
  @IsObject()
  @Type(() => PayeeBody)
  @ValidateNested()
  beneficiary!: PayeeBody;

  @ApiProperty({ type: String, example: 'USD', description: 'Of the balance that pays' })
  @IsCurrency()
  sourceCurrency!: Currency;

  @ApiProperty({
    ...{ type: 'integer', minimum: 1, example: 250000 },
    description: 'What the beneficiary gets, minor units of `currency`: 2,500.00 EUR is 250000, 2,500 JPY is 2500',
  })
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  amount!: number;

  @ApiProperty({ type: String, example: 'EUR', description: "Of the beneficiary's account" })
  @IsCurrency()
  currency!: Currency;

  @ApiProperty({ maxLength: LONGEST_REFERENCE, example: 'Invoice 2026-114', description: 'What the beneficiary reads' })
  @IsString()
  @Length(1, LONGEST_REFERENCE)
  @Matches(/^[^\p{Cc}]*\S[^\p{Cc}]*$/u, { message: 'reference must be a line of text' })
  reference!: string;

  @ApiPropertyOptional({ description: 'After 409 DUPLICATE_SUSPECTED: it is meant to be paid once more' })
  @IsOptional()
  @IsBoolean()
  confirmDuplicate?: boolean;
}

export class ApprovePayoutBody {
  @ApiProperty({ example: 'po_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  @IsWord()
  payoutId!: string;

  @ApiPropertyOptional({
    example: '8fa9be20-ba43-4b15-abbb-9424e1481050',
    description: 'The new quote that 409 QUOTE_CHANGED told of',
  })
  @IsOptional()
  @IsUUID()
  acceptQuoteId?: string;
}

export class EndPayoutBody {
  @ApiPropertyOptional({ maxLength: LONGEST_REASON, example: 'Paid by hand already' })
  @IsOptional()
  @IsString()
  @Length(1, LONGEST_REASON)
  reason?: string;
}

export class PayoutsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: PAYOUT_STATUSES })
  @IsOptional()
  @IsIn(PAYOUT_STATUSES)
  status?: PayoutStatus;

  @ApiPropertyOptional({ example: 'bnf_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  @IsOptional()
  @IsWord()
  beneficiaryId?: string;

  @ApiPropertyOptional({ example: 'cust_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  @IsOptional()
  @IsWord()
  customerId?: string;
}
