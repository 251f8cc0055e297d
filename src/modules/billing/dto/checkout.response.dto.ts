import { ApiProperty } from '@nestjs/swagger';

export class CheckoutResponse {
  @ApiProperty({ description: 'Where to send the customer' })
  url!: string;

  @ApiProperty({ example: 'cs_test_…' })
  sessionId!: string;
}

export class PortalResponse {
  @ApiProperty({ description: 'Where to send the customer' })
  url!: string;
}
