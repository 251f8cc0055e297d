import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../shared/money';
import type { Invoice } from '../invoices.repository';

export class InvoiceLineResponse {
  @ApiProperty({ type: String, nullable: true })
  description!: string | null;

  @ApiProperty({ description: 'Minor units; negative for a credit' })
  amount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ type: Number, nullable: true })
  quantity!: number | null;

  @ApiProperty({ format: 'date-time' })
  periodStart!: string;

  @ApiProperty({ format: 'date-time' })
  periodEnd!: string;

  @ApiProperty()
  proration!: boolean;

  @ApiProperty()
  tax!: number;
}

export class InvoiceResponse {
  @ApiProperty({ example: 'inv_01jd…' })
  id!: string;

  @ApiProperty({ enum: ['stripe', 'apple', 'google'] })
  provider!: string;

  @ApiProperty()
  providerId!: string;

  @ApiProperty({ type: String, nullable: true })
  number!: string | null;

  @ApiProperty({ enum: ['draft', 'open', 'paid', 'void', 'uncollectible'] })
  status!: string;

  @ApiProperty()
  amountDue!: number;

  @ApiProperty()
  amountPaid!: number;

  @ApiProperty()
  amountRefunded!: number;

  @ApiProperty()
  tax!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ format: 'date-time' })
  periodStart!: string;

  @ApiProperty({ format: 'date-time' })
  periodEnd!: string;

  @ApiProperty({ type: String, nullable: true })
  hostedUrl!: string | null;

  @ApiProperty({ type: String, nullable: true })
  pdfUrl!: string | null;

  @ApiProperty()
  attemptCount!: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  nextRetryAt!: string | null;

  @ApiProperty({ type: [InvoiceLineResponse] })
  lines!: InvoiceLineResponse[];

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  paidAt!: string | null;
}

export class RetryResponse {
  @ApiProperty({ enum: ['paid', 'open', 'uncollectible'] })
  status!: string;

  @ApiProperty({ description: "Attempts so far, as the provider's schedule counts them", example: 2 })
  attempt!: number;
}

export class InvoiceList {
  @ApiProperty({ type: [InvoiceResponse] })
  data!: InvoiceResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toInvoiceResponse(invoice: Invoice): InvoiceResponse {
  return {
    id: invoice.id,
    provider: invoice.provider,
    providerId: invoice.providerId,
    number: invoice.number,
    status: invoice.status,
    amountDue: amountToJson(invoice.amountDue),
    amountPaid: amountToJson(invoice.amountPaid),
    amountRefunded: amountToJson(invoice.amountRefunded),
    tax: amountToJson(invoice.tax),
    currency: invoice.currency,
    periodStart: invoice.periodStart.toISOString(),
    periodEnd: invoice.periodEnd.toISOString(),
    hostedUrl: invoice.hostedUrl,
    pdfUrl: invoice.pdfUrl,
    attemptCount: invoice.attemptCount,
    nextRetryAt: invoice.nextRetryAt?.toISOString() ?? null,
    lines: invoice.lines.map(({ description, amount, currency, quantity, periodStart, periodEnd, proration, tax }) => ({
      description,
      amount,
      currency,
      quantity,
      periodStart,
      periodEnd,
      proration,
      tax,
    })),
    createdAt: invoice.createdAt.toISOString(),
    paidAt: invoice.paidAt?.toISOString() ?? null,
  };
}
