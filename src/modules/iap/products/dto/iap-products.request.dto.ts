import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import { PageQuery } from '../../../../platform/http';
import { STORES, type Store } from '../../domain/store';
import { CYCLES, PRODUCT_KINDS, type Cycle, type ProductKind } from '../domain/product';

const MAX_QUANTITY = 1_000_000_000;

/** May be left out, but not be null. */
const NotNull = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

class ProductTermsBody {
  @ApiPropertyOptional({
    example: 'PRO',
    description: 'Code of the plan; of subscriptions and of what is bought for life',
  })
  @NotNull()
  @IsString()
  @MaxLength(64)
  plan?: string;

  @ApiPropertyOptional({ enum: CYCLES, description: 'Of subscriptions' })
  @NotNull()
  @IsIn(CYCLES)
  billingCycle?: Cycle;

  @ApiPropertyOptional({ example: 'projects', description: 'Key of the feature; of consumables' })
  @NotNull()
  @IsString()
  @MaxLength(63)
  feature?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, example: 100, description: 'What one piece adds to its limit' })
  @NotNull()
  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity?: number;

  @ApiPropertyOptional({ description: 'False: sold to nobody new. Whoever has it keeps it' })
  @NotNull()
  @IsBoolean()
  active?: boolean;
}

export class CreateProductBody extends ProductTermsBody {
  @ApiProperty({ enum: STORES })
  @IsIn(STORES)
  provider!: Store;

  @ApiProperty({
    example: 'com.example.kassa.pro.monthly',
    description: "As the store names it; Google's subscriptions with their base plan, `product:base-plan`",
  })
  @Matches(/^[\x21-\x7e]{1,255}$/, { message: 'productId must be 1 to 255 printable ASCII characters' })
  productId!: string;

  @ApiProperty({ enum: PRODUCT_KINDS })
  @IsIn(PRODUCT_KINDS)
  kind!: ProductKind;
}

export class ChangeProductBody extends ProductTermsBody {}

export class ProductsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STORES })
  @IsOptional()
  @IsIn(STORES)
  provider?: Store;

  @ApiPropertyOptional()
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  active?: boolean;
}
