import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { amountToJson } from '../../../../shared/money';
import { ReasonBody } from '../../dto/operators.request.dto';
import type { CustomerCredit } from '../customer-credit.flow';

/** Eight digits, as the most that Stripe takes in one charge: what is more is a slip of the hand. */
const MOST = 99_999_999;

export class GiveCreditBody extends ReasonBody {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MOST,
    example: 1000,
    description: "Minor units, in the customer's favour",
  })
  @IsInt()
  @Min(1)
  @Max(MOST)
  amount!: number;

  @ApiProperty({ example: 'USD', description: 'The one the customer is billed in' })
  @IsString()
  @Matches(/^[A-Za-z]{3}$/, { message: 'currency must be an ISO 4217 code' })
  currency!: string;
}

export class CustomerCreditResponse {
  @ApiProperty({ example: 'cust_01jd8x2m5n' })
  customerId!: string;

  @ApiProperty({ example: 'cbtxn_1QxT', description: "The provider's id of the movement" })
  providerId!: string;

  @ApiProperty({ example: 1000, description: "Minor units, in the customer's favour" })
  amount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-15T10:00:00.000Z' })
  createdAt!: string;
}

export function toCustomerCredit(customerId: string, given: CustomerCredit): CustomerCreditResponse {
  const { providerId, credit, createdAt } = given;
  return { customerId, providerId, amount: amountToJson(credit.amount), currency: credit.currency, createdAt };
}
