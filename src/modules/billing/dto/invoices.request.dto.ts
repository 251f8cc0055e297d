import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Matches } from 'class-validator';

export class RetryBody {
  @ApiPropertyOptional({
    type: String,
    example: 'pm_1…',
    nullable: true,
    description: "One of the customer's own; left out: the default one",
  })
  @IsOptional()
  @IsString()
  @Matches(/^pm_[A-Za-z0-9_]{1,250}$/, { message: 'paymentMethodId must be the id of a payment method' })
  paymentMethodId?: string | null;
}
