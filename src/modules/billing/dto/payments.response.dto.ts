import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../shared/money';
import type { Payment } from '../payments.repository';

export class PaymentMethodResponse {
  @ApiProperty({ type: String, nullable: true, example: 'card' })
  type!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'visa' })
  brand!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '4242' })
  last4!: string | null;
}

export class PaymentResponse {
  @ApiProperty({ example: 'pay_01jd…' })
  id!: string;

  @ApiProperty({ enum: ['stripe', 'apple', 'google'] })
  provider!: string;

  @ApiProperty({ example: 'pi_3SXkLy…' })
  providerId!: string;

  @ApiProperty({ type: String, nullable: true, example: 'inv_01jd…' })
  invoiceId!: string | null;

  @ApiProperty({ example: 2900 })
  amount!: number;

  @ApiProperty({ example: 0 })
  amountRefunded!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ enum: ['pending', 'requires_action', 'succeeded', 'failed', 'canceled'] })
  status!: string;

  @ApiProperty({ type: String, nullable: true })
  declineCode!: string | null;

  @ApiProperty({ type: PaymentMethodResponse })
  method!: PaymentMethodResponse;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class PaymentList {
  @ApiProperty({ type: [PaymentResponse] })
  data!: PaymentResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toPaymentResponse(payment: Payment): PaymentResponse {
  return {
    id: payment.id,
    provider: payment.provider,
    providerId: payment.providerId,
    invoiceId: payment.invoiceId,
    amount: amountToJson(payment.amount),
    amountRefunded: amountToJson(payment.amountRefunded),
    currency: payment.currency,
    status: payment.status,
    declineCode: payment.declineCode,
    method: { type: payment.methodType, brand: payment.methodBrand, last4: payment.methodLast4 },
    createdAt: payment.createdAt.toISOString(),
  };
}
