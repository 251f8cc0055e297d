import { ApiProperty } from '@nestjs/swagger';
import type { IapProduct } from '../domain/product';

export class ProductResponse {
  @ApiProperty({ enum: ['apple', 'google'] })
  provider!: string;

  @ApiProperty({ example: 'com.example.kassa.pro.monthly' })
  productId!: string;

  @ApiProperty({ enum: ['subscription', 'lifetime', 'consumable'] })
  kind!: string;

  @ApiProperty({ type: String, nullable: true, example: 'PRO' })
  plan!: string | null;

  @ApiProperty({ type: String, nullable: true, enum: ['monthly', 'annual'] })
  billingCycle!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  feature!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: null,
    description: 'What one piece adds to the feature’s limit',
  })
  quantity!: number | null;

  @ApiProperty({ example: true })
  active!: boolean;

  @ApiProperty({ example: false, description: 'It was bought: what it gives does not change any more' })
  used!: boolean;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class ProductList {
  @ApiProperty({ type: [ProductResponse] })
  data!: ProductResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toProduct({ store, createdAt, updatedAt, ...product }: IapProduct): ProductResponse {
  return { provider: store, ...product, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
