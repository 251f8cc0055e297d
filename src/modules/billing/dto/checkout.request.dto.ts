import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { PurchaseBody } from './subscriptions.request.dto';

const MAX_URL = 2_048;
const FLOWS = ['payment_method_update', 'subscription_cancel', 'subscription_update'] as const;

export class CheckoutBody extends PurchaseBody {
  @ApiProperty({ example: 'https://app.example/welcome?session={CHECKOUT_SESSION_ID}' })
  @IsString()
  @MaxLength(MAX_URL)
  successUrl!: string;

  @ApiProperty({ example: 'https://app.example/pricing' })
  @IsString()
  @MaxLength(MAX_URL)
  cancelUrl!: string;
}

export class PortalBody {
  @ApiProperty({ example: 'https://app.example/account' })
  @IsString()
  @MaxLength(MAX_URL)
  returnUrl!: string;

  @ApiPropertyOptional({ enum: FLOWS, description: 'Opens the page at one task' })
  @IsOptional()
  @IsIn(FLOWS)
  flow?: (typeof FLOWS)[number];
}
