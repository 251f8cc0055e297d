import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { invalidInput } from '../../../platform/http';
import type { Store } from '../domain/store';
import type { StoreClaim } from '../receipts/store-claim';

export const PLATFORMS = ['ios', 'android'] as const;
export type Platform = (typeof PLATFORMS)[number];
export const STORE_OF = { ios: 'apple', android: 'google' } as const satisfies Record<Platform, Store>;
const MAX_RESTORED = 10;
const MAX_TOKEN = 2_000;

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

  @ApiPropertyOptional({ example: 'com.example.kassa', description: 'Android' })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  packageName?: string;

  @ApiPropertyOptional({ example: 'pro', description: 'Android: with or without the base plan, `pro:monthly`' })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  productId?: string;

  @ApiPropertyOptional({ example: 'gkbfpnkdbaglfjkj…', description: 'Android' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TOKEN)
  purchaseToken?: string;
}

export class PlayPurchaseBody {
  @ApiProperty({ example: 'com.example.kassa' })
  @IsString()
  @Length(1, 255)
  packageName!: string;

  @ApiProperty({ example: 'pro' })
  @IsString()
  @Length(1, 255)
  productId!: string;

  @ApiProperty({ example: 'gkbfpnkdbaglfjkj…' })
  @IsString()
  @Length(1, MAX_TOKEN)
  purchaseToken!: string;
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

  @ApiPropertyOptional({ type: [PlayPurchaseBody], description: 'Android: what Play Billing lists on the device' })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_RESTORED)
  @ValidateNested({ each: true })
  @Type(() => PlayPurchaseBody)
  purchases?: PlayPurchaseBody[];
}

const IOS = ['signedTransaction', 'transactionId'] as const;
const ANDROID = ['packageName', 'productId', 'purchaseToken'] as const;

/** Pure: what a body claims. @throws INVALID_INPUT for too little, too much, or what is another platform's. */
export function claimOf(body: ValidateBody): StoreClaim {
  const { platform, signedTransaction, transactionId, packageName, productId, purchaseToken } = body;
  const given = (field: (typeof IOS)[number] | (typeof ANDROID)[number]): boolean => Boolean(body[field]);
  if (platform === 'ios') {
    if (ANDROID.some(given)) throw wrong(ANDROID.filter(given), 'has no meaning for ios');
    if (IOS.filter(given).length !== 1) throw wrong(IOS, `exactly one of ${IOS.join(' and ')} is needed for ios`);
    return signedTransaction
      ? { store: 'apple', signedTransaction }
      : { store: 'apple', transactionId: transactionId ?? '' };
  }
  if (IOS.some(given)) throw wrong(IOS.filter(given), 'has no meaning for android');
  if (!packageName || !productId || !purchaseToken) {
    const lacking = ANDROID.filter((field) => !given(field));
    throw wrong(lacking, 'is needed for android');
  }
  return { store: 'google', packageName, productId, purchaseToken };
}

/** Pure, as `claimOf`. */
export function claimsOf(body: RestoreBody): StoreClaim[] {
  const { platform, signedTransactions = [], transactionIds = [], purchases = [] } = body;
  const ios = [
    ...signedTransactions.map((signedTransaction) => ({ store: 'apple', signedTransaction }) as const),
    ...transactionIds.map((transactionId) => ({ store: 'apple', transactionId }) as const),
  ];
  const android = purchases.map(({ packageName, productId, purchaseToken }) => {
    return { store: 'google', packageName, productId, purchaseToken } as const;
  });
  if (platform === 'ios') {
    if (android.length > 0) throw wrong(['purchases'], 'has no meaning for ios');
    if (ios.length === 0) throw wrong(['signedTransactions', 'transactionIds'], 'one of both is needed for ios');
    return ios;
  }
  if (ios.length > 0) throw wrong(['signedTransactions', 'transactionIds'], 'has no meaning for android');
  if (android.length === 0) throw wrong(['purchases'], 'is needed for android');
  return android;
}

function wrong(fields: readonly string[], message: string): Error {
  return invalidInput(fields.map((field) => ({ field, message })));
}
