import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDefined,
  IsISO31661Alpha2,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

/** Stripe keeps five, and new ones are added before old ones go. */
const MAX_TAX_IDS = 2;
/** Something to read, and nothing that steers a printer. */
const PLAIN = /^(?=.*\S)\P{Cc}+$/u;
const plain = { message: '$property must be text without control characters' };

export class AddressBody {
  @ApiPropertyOptional({ type: String, nullable: true, example: 'Unter den Linden 1' })
  @IsOptional()
  @IsString()
  @Matches(PLAIN, plain)
  @MaxLength(200)
  line1?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true })
  @IsOptional()
  @IsString()
  @Matches(PLAIN, plain)
  @MaxLength(200)
  line2?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Berlin' })
  @IsOptional()
  @IsString()
  @Matches(PLAIN, plain)
  @MaxLength(100)
  city?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: '10117' })
  @IsOptional()
  @IsString()
  @Matches(/^[\p{L}\d][\p{L}\d -]*$/u, { message: 'postalCode must be letters, digits, blanks and dashes' })
  @MaxLength(20)
  postalCode?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'State, province or county', example: 'BE' })
  @IsOptional()
  @IsString()
  @Matches(PLAIN, plain)
  @MaxLength(100)
  state?: string | null;

  @ApiProperty({ description: 'ISO 3166-1 alpha-2', example: 'DE' })
  @IsString()
  @Matches(/^[A-Z]{2}$/, { message: 'country must be two capital letters' })
  @IsISO31661Alpha2()
  country!: string;
}

export class TaxIdBody {
  @ApiProperty({ description: "Stripe's word for the kind of tax id", example: 'eu_vat' })
  @IsString()
  @Matches(/^[a-z]{2}_[a-z_]{2,20}$/, { message: 'type must be a kind of tax id, such as eu_vat' })
  type!: string;

  @ApiProperty({ example: 'DE123456789' })
  @IsString()
  @Matches(PLAIN, plain)
  @MaxLength(40)
  value!: string;
}

export class BillingDetailsBody {
  @ApiPropertyOptional({ description: 'As it stands on invoices. Left out: as it is', example: 'Ada Lovelace' })
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @Matches(PLAIN, plain)
  @MaxLength(150)
  name?: string;

  @ApiProperty({ type: AddressBody, description: 'The whole address: what is left out is taken away' })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => AddressBody)
  address!: AddressBody;

  @ApiPropertyOptional({
    type: [TaxIdBody],
    maxItems: MAX_TAX_IDS,
    description: 'All there are. Left out: as they are; empty: none',
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(MAX_TAX_IDS)
  @ValidateNested({ each: true })
  @Type(() => TaxIdBody)
  taxIds?: TaxIdBody[];
}
