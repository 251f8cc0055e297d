import { ApiProperty } from '@nestjs/swagger';

const TIME = { format: 'date-time' } as const;
const TIME_OR_NULL = { type: String, format: 'date-time', nullable: true } as const;

export class CaseInvoiceResponse {
  @ApiProperty({ example: 'inv_01jd…' })
  id!: string;

  @ApiProperty({ example: 'cust_01jd…' })
  customerId!: string;

  @ApiProperty({ enum: ['stripe', 'apple', 'google'] })
  provider!: string;

  @ApiProperty({ example: 'in_1…' })
  providerId!: string;

  @ApiProperty({ type: String, nullable: true, example: 'KASSA-0002' })
  number!: string | null;

  @ApiProperty({ example: 'open' })
  status!: string;

  @ApiProperty({ type: String, nullable: true, example: 'subscription_cycle' })
  billingReason!: string | null;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ description: 'Minor units', example: 2900 })
  amountDue!: number;

  @ApiProperty({ example: 0 })
  amountPaid!: number;

  @ApiProperty({ example: 2900 })
  amountRemaining!: number;

  @ApiProperty({ example: 0 })
  amountRefunded!: number;

  @ApiProperty({ description: "By the provider's own count", example: 3 })
  attemptCount!: number;

  @ApiProperty(TIME)
  createdAt!: string;

  @ApiProperty(TIME_OR_NULL)
  finalizedAt!: string | null;

  @ApiProperty(TIME_OR_NULL)
  firstFailedAt!: string | null;

  @ApiProperty(TIME_OR_NULL)
  paidAt!: string | null;
}

class CasePlanResponse {
  @ApiProperty({ example: 'PRO' })
  code!: string;

  @ApiProperty({ example: 'Pro' })
  name!: string;
}

export class CaseSubscriptionResponse {
  @ApiProperty({ example: 'sub_01jd…' })
  id!: string;

  @ApiProperty({ example: 'sub_1…' })
  providerId!: string;

  @ApiProperty({ example: 'past_due' })
  status!: string;

  @ApiProperty({ type: CasePlanResponse })
  plan!: CasePlanResponse;

  @ApiProperty(TIME_OR_NULL)
  graceUntil!: string | null;
}

/** How declined renewals of the plan are followed up, as it stands now. */
export class CasePolicyResponse {
  @ApiProperty({ type: Number, nullable: true, example: 7 })
  graceDays!: number | null;

  @ApiProperty({ type: [Number], example: [0, 3, 7] })
  reminderDays!: number[];

  @ApiProperty({ type: [Number], example: [1, 2, 4, 8, 16, 24] })
  retryDelaysHours!: number[];

  @ApiProperty({ enum: ['cancel', 'mark_unpaid', 'pause'] })
  endAction!: string;

  @ApiProperty({ enum: ['void', 'mark_uncollectible'] })
  endInvoice!: string;
}

export class CaseStandingResponse {
  @ApiProperty({ example: 'case_01jd…' })
  id!: string;

  @ApiProperty({ enum: ['kassa', 'provider'], description: 'Who tries again' })
  owner!: string;

  @ApiProperty({ enum: ['open', 'recovered', 'exhausted', 'closed'] })
  status!: string;

  @ApiProperty({ type: String, nullable: true, example: 'paid' })
  closeReason!: string | null;

  @ApiProperty({ ...TIME, description: 'The first declined attempt' })
  openedAt!: string;

  @ApiProperty(TIME)
  graceUntil!: string;

  @ApiProperty(TIME_OR_NULL)
  closedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'method_required', description: 'Why nothing is planned' })
  holdReason!: string | null;

  @ApiProperty(TIME_OR_NULL)
  nextActionAt!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'cancel' })
  endAction!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'mark_uncollectible' })
  endInvoice!: string | null;

  @ApiProperty({ ...TIME_OR_NULL, description: 'Paid after the end' })
  latePaidAt!: string | null;
}
