import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../../shared/money';
import { PlanFeatureResponse, PriceResponse } from '../../dto/plans.response.dto';
import type { AdminPlan, AdminPrice, CatalogFeature } from '../catalog-admin.repository';
import type { DunningPolicy } from '../domain/dunning-policy';

export class AdminPriceResponse extends PriceResponse {
  @ApiProperty({ description: 'False: kept by those who have it, sold to nobody else' })
  active!: boolean;

  @ApiProperty({ type: String, nullable: true, example: 'price_1…', description: 'At Stripe; null until needed there' })
  providerId!: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class DunningPolicyResponse {
  @ApiProperty({ type: [Number], example: [0, 3, 7], description: 'Days after the first failure' })
  reminderDays!: number[];

  @ApiProperty({
    type: [Number],
    example: [1, 2, 4, 8, 16, 24],
    description: 'Hours between attempts; the last repeats',
  })
  retryDelaysHours!: number[];

  @ApiProperty({ enum: ['cancel', 'mark_unpaid', 'pause'] })
  endAction!: string;

  @ApiProperty({ enum: ['void', 'mark_uncollectible'] })
  endInvoice!: string;

  @ApiProperty({ example: false })
  smartTiming!: boolean;
}

export class AdminPlanResponse {
  @ApiProperty({ example: 'plan_01jd…' })
  id!: string;

  @ApiProperty({ example: 'PRO' })
  code!: string;

  @ApiProperty({ example: 'Pro' })
  name!: string;

  @ApiProperty({ example: 'For teams that ship every day' })
  description!: string;

  @ApiProperty({ example: 14 })
  trialDays!: number;

  @ApiProperty({ example: 7 })
  graceDays!: number;

  @ApiProperty()
  active!: boolean;

  @ApiProperty({ enum: ['end', 'keep'], description: 'What a full refund of the current period does to access' })
  refundAccess!: string;

  @ApiProperty({ enum: ['suspend', 'keep'], description: 'What a dispute of the current period does to access' })
  disputeAccess!: string;

  @ApiProperty({
    type: DunningPolicyResponse,
    nullable: true,
    description: 'How a declined renewal is followed up; null: as the house does it by default',
  })
  dunning!: DunningPolicyResponse | null;

  @ApiProperty({ example: 1 })
  position!: number;

  @ApiProperty({ type: [AdminPriceResponse], description: 'All it ever had, oldest first' })
  prices!: AdminPriceResponse[];

  @ApiProperty({ type: [PlanFeatureResponse] })
  features!: PlanFeatureResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'kassa_pro',
    description: 'At Stripe; null until needed there',
  })
  providerId!: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class AdminPlanList {
  @ApiProperty({ type: [AdminPlanResponse] })
  data!: AdminPlanResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class FeatureResponse {
  @ApiProperty({ example: 'feat_01jd…' })
  id!: string;

  @ApiProperty({ example: 'projects' })
  key!: string;

  @ApiProperty({ example: 'Projects' })
  name!: string;

  @ApiProperty({ enum: ['boolean', 'limit', 'metered'] })
  type!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class FeatureList {
  @ApiProperty({ type: [FeatureResponse] })
  data!: FeatureResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toAdminPrice(price: AdminPrice): AdminPriceResponse {
  const { id, billingCycle, amount, currency, active, providerId, createdAt } = price;
  return {
    id,
    billingCycle,
    amount: amountToJson(amount),
    currency,
    active,
    providerId,
    createdAt: createdAt.toISOString(),
  };
}

export function toAdminPlan(plan: AdminPlan): AdminPlanResponse {
  const { id, code, name, description, trialDays, graceDays, active, refundAccess, disputeAccess } = plan;
  const { position, providerId, dunning } = plan;
  return {
    ...{ id, code, name, description, trialDays, graceDays, active, refundAccess, disputeAccess, position },
    dunning: dunning && toDunningPolicy(dunning),
    prices: plan.prices.map(toAdminPrice),
    features: plan.features.map(({ key, name: label, type, limit }) => ({
      key,
      name: label,
      type,
      limit: limit === null ? null : amountToJson(limit),
    })),
    providerId,
    createdAt: plan.createdAt.toISOString(),
    updatedAt: plan.updatedAt.toISOString(),
  };
}

function toDunningPolicy({ reminderDays, retryDelaysHours, ...rest }: DunningPolicy): DunningPolicyResponse {
  return { ...rest, reminderDays: [...reminderDays], retryDelaysHours: [...retryDelaysHours] };
}

export function toFeature({ id, key, name, type, createdAt }: CatalogFeature): FeatureResponse {
  return { id, key, name, type, createdAt: createdAt.toISOString() };
}
