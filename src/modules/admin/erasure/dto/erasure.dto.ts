import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import type { Erasure } from '../erasure.flow';

export class EraseBody {
  @ApiProperty({ example: 'cust_01jd…', description: 'The id in the address once more: it cannot be undone' })
  @IsString()
  @MaxLength(64)
  customerId!: string;

  @ApiPropertyOptional({
    type: [String],
    example: ['Ada Lovelace'],
    description: 'Words to look for in the end, besides his e-mail, his user id and what Stripe knows of him',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @MinLength(2, { each: true })
  @MaxLength(255, { each: true })
  also?: string[];
}

export class FoundPlaceResponse {
  @ApiProperty({ example: 'public.alerts' })
  table!: string;

  @ApiProperty({ example: 'details' })
  column!: string;

  @ApiProperty({ example: 1 })
  rows!: number;
}

export class ErasureResponse {
  @ApiProperty({ example: 'cust_01jd…' })
  customerId!: string;

  @ApiProperty({ format: 'date-time' })
  erasedAt!: string;

  @ApiProperty({ description: 'Bodies of his events that were let go', example: 12 })
  bodies!: number;

  @ApiProperty({
    description: 'Events of his that are on their way; their bodies go within a minute of that',
    example: 0,
  })
  pending!: number;

  @ApiProperty({ description: 'Columns that were searched in the end', example: 240 })
  searched!: number;

  @ApiProperty({
    type: [FoundPlaceResponse],
    description: 'Where something of him was still found; empty is as it should be',
  })
  left!: FoundPlaceResponse[];
}

export function toErasure({ customerId, erasedAt, bodies, pending, search }: Erasure): ErasureResponse {
  return {
    customerId,
    erasedAt: erasedAt.toISOString(),
    bodies,
    pending,
    searched: search.columns,
    left: search.found,
  };
}
