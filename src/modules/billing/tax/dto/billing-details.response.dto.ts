import { ApiProperty } from '@nestjs/swagger';
import type { BillingDetails } from '../../../../providers/stripe';

export class AddressResponse {
  @ApiProperty({ type: String, nullable: true, example: 'Unter den Linden 1' })
  line1!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  line2!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Berlin' })
  city!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '10117' })
  postalCode!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  state!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'ISO 3166-1 alpha-2', example: 'DE' })
  country!: string | null;
}

export class TaxIdResponse {
  @ApiProperty({ description: "The provider's id", example: 'txi_1…' })
  id!: string;

  @ApiProperty({ example: 'eu_vat' })
  type!: string;

  @ApiProperty({ example: 'DE123456789' })
  value!: string;

  @ApiProperty({ type: String, nullable: true, example: 'DE' })
  country!: string | null;

  @ApiProperty({
    description: 'What the authority said when the provider asked',
    enum: ['pending', 'verified', 'unverified', 'unavailable'],
    example: 'verified',
  })
  status!: string;
}

export class BillingDetailsResponse {
  @ApiProperty({ type: String, nullable: true, example: 'Ada Lovelace' })
  name!: string | null;

  @ApiProperty({ type: AddressResponse })
  address!: AddressResponse;

  @ApiProperty({ type: [TaxIdResponse] })
  taxIds!: TaxIdResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['supported', 'not_collecting', 'unrecognized_location', 'failed', null],
    description: 'Whether tax is computed where the customer is; null where automatic tax is off',
    example: 'supported',
  })
  taxStatus!: string | null;
}

export function toBillingDetailsResponse(details: BillingDetails): BillingDetailsResponse {
  return {
    name: details.name,
    address: details.address,
    taxIds: details.taxIds.map(({ providerId: id, type, value, country, status }) => ({
      id,
      type,
      value,
      country,
      status,
    })),
    taxStatus: details.taxStanding,
  };
}
