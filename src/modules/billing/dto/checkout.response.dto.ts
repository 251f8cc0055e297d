import { ApiProperty } from '@nestjs/swagger';

export class CheckoutResponse {
  @ApiProperty({ description: 'Where to send the customer', example: 'https://checkout.stripe.com/c/pay/cs_…' })
  url!: string;

  @ApiProperty({ example: 'cs_test_…' })
  sessionId!: string;
}

export class PortalResponse {
  @ApiProperty({ description: 'Where to send the customer', example: 'https://billing.stripe.com/p/session/…' })
  url!: string;
}
