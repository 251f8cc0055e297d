import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { invalidInput } from '../../../platform/http';
import type { Store } from '../domain/store';
import type { AppleClaim } from '../receipts/apple-receipts.flow';

export const PLATFORMS = ['ios', 'android'] as const;
export type Platform = (typeof PLATFORMS)[number];
export const STORE_OF = { ios: 'apple', android: 'google' } as const satisfies Record<Platform, Store>;
const MAX_RESTORED = 10;

export class EligibilityQuery {
  @ApiProperty({ example: 'com.example.kassa.pro.monthly' })
  @IsString()
  @Length(1, 255)
  productId!: string;

  @ApiPropertyOptional({ enum: PLATFORMS, description: 'Left out: whichever store sells it' })
  @IsOptional()
  @IsIn(PLATFORMS)
  platform?: Platform;
}

export class ValidateBody {
  @ApiProperty({ enum: PLATFORMS })
  @IsIn(PLATFORMS)
  platform!: Platform;

  @ApiPropertyOptional({ example: 'eyJhbGciOiJFUzI1NiIsIng1YyI6…', description: "iOS: StoreKit's signed transaction" })
  @IsOptional()
  @IsString()
  signedTransaction?: string;

  @ApiPropertyOptional({ example: '2000000123456789', description: 'iOS: or its number' })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  transactionId?: string;
}

export class RestoreBody {
  @ApiProperty({ enum: PLATFORMS })
  @IsIn(PLATFORMS)
  platform!: Platform;

  @ApiPropertyOptional({
    type: [String],
    example: ['eyJhbGciOiJFUzI1NiIsIng1YyI6…'],
    description: 'iOS: signed transactions. One of each store account is enough: the store is asked for all there are',
  })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_RESTORED)
  @IsString({ each: true })
  signedTransactions?: string[];

  @ApiPropertyOptional({ type: [String], example: ['2000000123456789'], description: 'iOS: or their numbers' })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_RESTORED)
  @IsString({ each: true })
  @Length(1, 255, { each: true })
  transactionIds?: string[];
}

/** Pure: what a body claims. @throws INVALID_INPUT for none, both, or another platform's. */
export function claimOf({ signedTransaction, transactionId }: ValidateBody): AppleClaim {
  const given = [signedTransaction, transactionId].filter((one) => one !== undefined && one !== '');
  if (given.length !== 1) throw oneOf('signedTransaction', 'transactionId');
  return signedTransaction ? { signedTransaction } : { transactionId: transactionId ?? '' };
}

/** Pure, as `claimOf`. */
export function claimsOf({ signedTransactions = [], transactionIds = [] }: RestoreBody): AppleClaim[] {
  const claims = [
    ...signedTransactions.map((signedTransaction) => ({ signedTransaction })),
    ...transactionIds.map((transactionId) => ({ transactionId })),
  ];
  if (claims.length === 0) throw oneOf('signedTransactions', 'transactionIds');
  return claims;
}

function oneOf(field: string, other: string): Error {
  return invalidInput([{ field, message: `exactly one of ${field} and ${other} is needed for ios` }]);
}
