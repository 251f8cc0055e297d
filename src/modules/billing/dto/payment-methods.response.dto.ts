import { ApiProperty } from '@nestjs/swagger';
import type { SavedMethod } from '../../../providers/stripe';

export class SavedMethodResponse {
  @ApiProperty({ example: 'pm_1…', description: "The provider's id" })
  id!: string;

  @ApiProperty({ example: 'card' })
  type!: string;

  @ApiProperty({ type: String, nullable: true, example: 'visa', description: "A card's brand or a bank's name" })
  brand!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '4242' })
  last4!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 12 })
  expMonth!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 2034 })
  expYear!: number | null;

  @ApiProperty({ description: 'Renewals are charged to it' })
  isDefault!: boolean;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class SavedMethodList {
  @ApiProperty({ type: [SavedMethodResponse] })
  data!: SavedMethodResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class SetupResponse {
  @ApiProperty({
    description: "For Stripe's own components, which confirm the new method",
    example: 'seti_1SXkLy…_secret_…',
  })
  clientSecret!: string;
}

export function toSavedMethodResponse({ providerId: id, createdAt, ...method }: SavedMethod): SavedMethodResponse {
  return { id, ...method, createdAt: createdAt.toISOString() };
}
