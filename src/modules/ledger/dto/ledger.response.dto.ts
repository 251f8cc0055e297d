import { ApiProperty } from '@nestjs/swagger';

export class AccountBalanceResponse {
  @ApiProperty({ example: 'customer.receivable' })
  account!: string;

  @ApiProperty({ enum: ['asset', 'liability', 'equity', 'income', 'expense'] })
  type!: string;

  @ApiProperty({ description: 'Minor units; debit positive, credit negative', example: 33_220 })
  amount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;
}

export class BalancesResponse {
  @ApiProperty({ type: [AccountBalanceResponse] })
  data!: AccountBalanceResponse[];
}
