import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { manageUrlOf, SubscriptionResponse, toSubscriptionResponse } from '../../billing';
import { EntitlementsResponse } from '../../entitlements';
import type { Eligibility } from '../eligibility/domain/eligibility';
import type { StoreReceipt } from '../receipts/store-receipt';
import type { RefusedPurchase, TakenPurchase } from '../receipts/validation.flow';

export class IdentityResponse {
  @ApiProperty({ format: 'uuid', example: '0192f1c4-7a1e-7c3a-9d2b-3f1c5a6b7c8d', description: 'For StoreKit' })
  appAccountToken!: string;

  @ApiProperty({ example: '0192f1c4-7a1e-7c3a-9d2b-3f1c5a6b7c8d', description: 'For Play Billing' })
  obfuscatedExternalAccountId!: string;
}

export class EligibilityResponse {
  @ApiProperty({ example: false })
  eligible!: boolean;

  @ApiPropertyOptional({
    enum: ['UNKNOWN_PRODUCT', 'NOT_SOLD', 'ALREADY_SUBSCRIBED', 'ALREADY_OWNED'],
    description: 'Absent where he may buy it',
  })
  reason?: string;

  @ApiPropertyOptional({ enum: ['stripe', 'apple', 'google'], description: 'Where he has what stands against it' })
  provider?: string;

  @ApiPropertyOptional({
    example: 'https://apps.apple.com/account/subscriptions',
    description: 'Where it is managed; absent: here, by the billing portal',
  })
  manageUrl?: string;
}

export class StorePurchaseResponse {
  @ApiProperty({ enum: ['apple', 'google'] })
  provider!: string;

  @ApiProperty({ example: '2000000123456789', description: "Apple's original transaction, Google's purchase token" })
  providerId!: string;

  @ApiProperty({ example: 'com.example.kassa.pro.monthly', description: 'The product it is of now' })
  productId!: string;
}

export class ValidatedResponse {
  @ApiProperty({
    enum: [true],
    description: 'The receipt is genuine and the user’s; what it still gives stands beside it',
  })
  valid!: true;

  @ApiProperty({
    type: SubscriptionResponse,
    nullable: true,
    description: 'With its true status, which may be `canceled`; null for what is bought once',
  })
  subscription!: SubscriptionResponse | null;

  @ApiProperty({ type: StorePurchaseResponse })
  purchase!: StorePurchaseResponse;

  @ApiProperty({ type: EntitlementsResponse })
  entitlements!: EntitlementsResponse;
}

export class RefusedPurchaseResponse extends StorePurchaseResponse {
  @ApiProperty({ enum: ['RECEIPT_OWNED_BY_ANOTHER_USER', 'UNKNOWN_PRODUCT'] })
  code!: string;
}

export class RestoredResponse {
  @ApiProperty({ type: [StorePurchaseResponse], description: 'All that is the user’s' })
  purchases!: StorePurchaseResponse[];

  @ApiProperty({ type: [SubscriptionResponse] })
  subscriptions!: SubscriptionResponse[];

  @ApiProperty({ type: [RefusedPurchaseResponse], description: 'Of the same store account, and not the user’s here' })
  refused!: RefusedPurchaseResponse[];

  @ApiProperty({ type: EntitlementsResponse })
  entitlements!: EntitlementsResponse;
}

export function toEligibility({ eligible, reason, provider }: Eligibility): EligibilityResponse {
  const manageUrl = provider && manageUrlOf(provider);
  return { eligible, ...(reason && { reason }), ...(provider && { provider }), ...(manageUrl && { manageUrl }) };
}

export function toValidated(
  { receipt, subscription }: TakenPurchase,
  entitlements: EntitlementsResponse,
): ValidatedResponse {
  return {
    valid: true,
    subscription: subscription && toSubscriptionResponse(subscription),
    purchase: toPurchase(receipt),
    entitlements,
  };
}

export function toRestored(
  taken: readonly TakenPurchase[],
  refused: readonly RefusedPurchase[],
  entitlements: EntitlementsResponse,
): RestoredResponse {
  return {
    purchases: taken.map(({ receipt }) => toPurchase(receipt)),
    subscriptions: taken.flatMap(({ subscription }) => (subscription ? [toSubscriptionResponse(subscription)] : [])),
    refused: refused.map(({ receipt: { store, providerId, productId }, error }) => {
      return { provider: store, providerId, productId, code: error.code };
    }),
    entitlements,
  };
}

function toPurchase({ store, providerId, productId }: StoreReceipt): StorePurchaseResponse {
  return { provider: store, providerId, productId };
}
