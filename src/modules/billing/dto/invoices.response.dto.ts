import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../shared/money';
import type { InvoiceLine, InvoiceTax } from '../../../shared/facts';
import type { Invoice } from '../invoices.repository';

export class InvoiceLineResponse {
  @ApiProperty({ type: String, nullable: true, example: '1 × Pro (at $29.00 / month)' })
  description!: string | null;

  @ApiProperty({ description: 'Minor units; negative for a credit', example: 2900 })
  amount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ type: Number, nullable: true, example: 1 })
  quantity!: number | null;

  @ApiProperty({ format: 'date-time' })
  periodStart!: string;

  @ApiProperty({ format: 'date-time' })
  periodEnd!: string;

  @ApiProperty()
  proration!: boolean;

  @ApiProperty({ example: 0 })
  tax!: number;

  @ApiProperty({ description: 'What coupons take off `amount`; minor units', example: 725 })
  discount!: number;
}

export class InvoiceTaxResponse {
  @ApiProperty({ description: 'Minor units', example: 475 })
  amount!: number;

  @ApiProperty({ description: 'Contained in the prices, or on top of them', example: false })
  inclusive!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: "Why it is what it is, in the provider's words; for a tax of zero, why nothing is due",
    example: 'reverse_charge',
  })
  reason!: string | null;

  @ApiProperty({ type: String, nullable: true, description: "The rate's id at the provider", example: 'txr_1…' })
  rateId!: string | null;
}

export class InvoiceResponse {
  @ApiProperty({ example: 'inv_01jd…' })
  id!: string;

  @ApiProperty({ enum: ['stripe', 'apple', 'google'] })
  provider!: string;

  @ApiProperty({ example: 'in_1SXkLy…' })
  providerId!: string;

  @ApiProperty({ type: String, nullable: true, example: '8BC1F2A0-0001' })
  number!: string | null;

  @ApiProperty({ enum: ['draft', 'open', 'paid', 'void', 'uncollectible'] })
  status!: string;

  @ApiProperty({ example: 2900 })
  amountDue!: number;

  @ApiProperty({ example: 2900 })
  amountPaid!: number;

  @ApiProperty({ example: 0 })
  amountRefunded!: number;

  @ApiProperty({ description: 'The sum of `taxes`; minor units', example: 0 })
  tax!: number;

  @ApiProperty({ type: [InvoiceTaxResponse], description: 'Empty without automatic tax' })
  taxes!: InvoiceTaxResponse[];

  @ApiProperty({ description: 'What coupons took off, contained in what is due; minor units', example: 725 })
  discount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ format: 'date-time' })
  periodStart!: string;

  @ApiProperty({ format: 'date-time' })
  periodEnd!: string;

  @ApiProperty({ type: String, nullable: true, example: 'https://invoice.stripe.com/i/…' })
  hostedUrl!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'https://pay.stripe.com/invoice/…/pdf' })
  pdfUrl!: string | null;

  @ApiProperty({ example: 1 })
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

function toInvoiceLineResponse(line: InvoiceLine): InvoiceLineResponse {
  const { description, amount, currency, quantity, periodStart, periodEnd, proration, tax, discount = 0 } = line;
  return { description, amount, currency, quantity, periodStart, periodEnd, proration, tax, discount };
}

export function toInvoiceTaxResponse({ rateRef: rateId, ...tax }: InvoiceTax): InvoiceTaxResponse {
  return { ...tax, rateId };
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
    taxes: invoice.taxes.map(toInvoiceTaxResponse),
    discount: amountToJson(invoice.discount),
    currency: invoice.currency,
    periodStart: invoice.periodStart.toISOString(),
    periodEnd: invoice.periodEnd.toISOString(),
    hostedUrl: invoice.hostedUrl,
    pdfUrl: invoice.pdfUrl,
    attemptCount: invoice.attemptCount,
    nextRetryAt: invoice.nextRetryAt?.toISOString() ?? null,
    lines: invoice.lines.map(toInvoiceLineResponse),
    createdAt: invoice.createdAt.toISOString(),
    paidAt: invoice.paidAt?.toISOString() ?? null,
  };
}
