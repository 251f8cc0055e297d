import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../shared/money';
import { manageUrlOf } from '../billing.errors';
import type { PlanPreview } from '../plan-change.flow';
import type { Subscription, SubscriptionChange } from '../subscriptions.repository';
import { InvoiceTaxResponse, toInvoiceTaxResponse } from './invoices.response.dto';

const STATUSES = ['incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'paused', 'unpaid', 'canceled'];

export class SubscriptionPlanResponse {
  @ApiProperty({ example: 'PRO' })
  code!: string;

  @ApiProperty({ example: 'Pro' })
  name!: string;
}

export class SubscriptionResponse {
  @ApiProperty({ example: 'sub_01jd…' })
  id!: string;

  @ApiProperty({ enum: ['stripe', 'apple', 'google'] })
  provider!: string;

  @ApiProperty({ description: "The provider's id", example: 'sub_1SXkLy…' })
  providerId!: string;

  @ApiProperty({ type: SubscriptionPlanResponse })
  plan!: SubscriptionPlanResponse;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ enum: ['monthly', 'annual'] })
  billingCycle!: string;

  @ApiProperty({ example: 1 })
  quantity!: number;

  @ApiProperty({ description: 'Minor units per period, quantity included, before discounts and tax', example: 2900 })
  amount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ format: 'date-time' })
  currentPeriodStart!: string;

  @ApiProperty({ format: 'date-time' })
  currentPeriodEnd!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  trialEndsAt!: string | null;

  @ApiProperty()
  cancelAtPeriodEnd!: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  canceledAt!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'How long a failed renewal keeps access',
  })
  graceUntil!: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Where it is changed or canceled, if it was bought in a store; null: here',
  })
  manageUrl!: string | null;
}

export class SubscriptionList {
  @ApiProperty({ type: [SubscriptionResponse] })
  data!: SubscriptionResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class CreatedSubscriptionResponse {
  @ApiProperty({ type: SubscriptionResponse })
  subscription!: SubscriptionResponse;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Confirms the first payment, or the card of a trial',
    example: 'pi_3SXkLy…_secret_…',
  })
  clientSecret!: string | null;
}

export class PreviewLineResponse {
  @ApiProperty({ example: 'Remaining time on Pro after 16 Jan 2026' })
  description!: string;

  @ApiProperty({ description: 'Minor units; negative for a credit', example: 12_197 })
  amount!: number;
}

export class PlanPreviewResponse {
  @ApiProperty({ description: 'Charged at once, in minor units, after credit and tax', example: 3387 })
  amountDueNow!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({
    type: [PreviewLineResponse],
    description: 'Of the invoice that is due now; where none is, of the next one',
  })
  lines!: PreviewLineResponse[];

  @ApiProperty({
    type: [InvoiceTaxResponse],
    description: 'On the same invoice; those that are not inclusive come on top of the lines',
  })
  taxes!: InvoiceTaxResponse[];

  @ApiProperty({ description: 'Of the next regular invoice; 0 where none will come', example: 9900 })
  nextInvoiceAmount!: number;

  @ApiProperty({
    format: 'date-time',
    description: 'The change is counted from here; made within ten minutes it costs exactly this',
  })
  effectiveAt!: string;
}

export function toPlanPreview(preview: PlanPreview): PlanPreviewResponse {
  return {
    amountDueNow: amountToJson(preview.amountDueNow),
    currency: preview.currency,
    lines: preview.lines.map(({ description, amount }) => ({ description, amount: amountToJson(amount) })),
    taxes: preview.taxes.map(toInvoiceTaxResponse),
    nextInvoiceAmount: amountToJson(preview.nextInvoiceAmount),
    effectiveAt: preview.effectiveAt.toISOString(),
  };
}

export class SubscriptionChangeResponse {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ example: 'upgraded' })
  type!: string;

  @ApiProperty({ type: String, nullable: true, example: 'PRO' })
  fromPlan!: string | null;

  @ApiProperty({ example: 'ENTERPRISE' })
  toPlan!: string;

  @ApiProperty({ type: String, nullable: true, example: 'active' })
  fromStatus!: string | null;

  @ApiProperty({ example: 'active' })
  toStatus!: string;

  @ApiProperty({ enum: ['webhook', 'api', 'read'] })
  source!: string;
}

export class SubscriptionChangeList {
  @ApiProperty({ type: [SubscriptionChangeResponse] })
  data!: SubscriptionChangeResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

function isoOrNull(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}

export function toSubscriptionResponse(subscription: Subscription): SubscriptionResponse {
  return {
    id: subscription.id,
    provider: subscription.provider,
    providerId: subscription.providerId,
    plan: { code: subscription.plan.code, name: subscription.plan.name },
    status: subscription.status,
    billingCycle: subscription.billingCycle,
    quantity: subscription.quantity,
    amount: amountToJson(subscription.amount),
    currency: subscription.currency,
    currentPeriodStart: subscription.currentPeriodStart.toISOString(),
    currentPeriodEnd: subscription.currentPeriodEnd.toISOString(),
    trialEndsAt: isoOrNull(subscription.trialEndsAt),
    cancelAtPeriodEnd: subscription.cancelAtPeriodEnd,
    canceledAt: isoOrNull(subscription.canceledAt),
    graceUntil: isoOrNull(subscription.graceUntil),
    createdAt: subscription.createdAt.toISOString(),
    manageUrl: manageUrlOf(subscription.provider),
  };
}

export function toChangeResponse(change: SubscriptionChange): SubscriptionChangeResponse {
  return { ...change, at: change.at.toISOString() };
}
