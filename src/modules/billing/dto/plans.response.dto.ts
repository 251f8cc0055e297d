import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../shared/money';
import type { CatalogPlan } from '../catalog.repository';

export class PriceResponse {
  @ApiProperty({ example: 'price_01jd…' })
  id!: string;

  @ApiProperty({ enum: ['monthly', 'annual'] })
  billingCycle!: string;

  @ApiProperty({ description: 'Minor units per period', example: 2900 })
  amount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;
}

export class PlanFeatureResponse {
  @ApiProperty({ example: 'projects' })
  key!: string;

  @ApiProperty({ example: 'Projects' })
  name!: string;

  @ApiProperty({ enum: ['boolean', 'limit', 'metered'] })
  type!: string;

  @ApiProperty({ type: Number, nullable: true, description: 'Null: no limit', example: 10 })
  limit!: number | null;
}

export class PlanResponse {
  @ApiProperty({ example: 'PRO' })
  code!: string;

  @ApiProperty({ example: 'Pro' })
  name!: string;

  @ApiProperty({ example: 'For teams that ship every day' })
  description!: string;

  @ApiProperty({ example: 14 })
  trialDays!: number;

  @ApiProperty({ type: [PriceResponse] })
  prices!: PriceResponse[];

  @ApiProperty({ type: [PlanFeatureResponse] })
  features!: PlanFeatureResponse[];
}

export function toPlan(plan: CatalogPlan): PlanResponse {
  const { code, name, description, trialDays } = plan;
  return {
    code,
    name,
    description,
    trialDays,
    prices: plan.prices.map(({ id, billingCycle, amount, currency }) => ({
      id,
      billingCycle,
      amount: amountToJson(amount),
      currency,
    })),
    features: plan.features.map(({ key, name: label, type, limit }) => ({
      key,
      name: label,
      type,
      limit: limit === null ? null : amountToJson(limit),
    })),
  };
}
