import { ApiProperty } from '@nestjs/swagger';
import { RULE_OUTCOMES } from '../domain/rule';
import { SIGNAL_NAMES } from '../domain/signals';
import { PAYMENT_ACTIONS, type FraudDecision } from '../fraud-decisions.repository';
import type { StoredRule } from '../fraud-rules.repository';

export class RuleResponse {
  @ApiProperty({ example: 'failures_customer_hour' })
  key!: string;

  @ApiProperty({ example: 'One customer is declined ten times within an hour' })
  description!: string;

  @ApiProperty({ enum: SIGNAL_NAMES })
  signal!: string;

  @ApiProperty({ type: 'integer', nullable: true, example: 3600 })
  windowSeconds!: number | null;

  @ApiProperty({ type: 'integer', example: 10, description: 'Fires from here on' })
  threshold!: number;

  @ApiProperty({ type: String, nullable: true, example: null })
  currency!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: null, description: 'Minor units' })
  maxAmount!: number | null;

  @ApiProperty({ enum: RULE_OUTCOMES })
  outcome!: string;

  @ApiProperty({ example: true })
  active!: boolean;

  @ApiProperty({ type: 'integer', example: 10, description: 'Lower comes first among the reasons' })
  priority!: number;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;
}

export class RuleList {
  @ApiProperty({ type: [RuleResponse] })
  data!: RuleResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class ReasonResponse {
  @ApiProperty({ example: 'failures_customer_hour' })
  rule!: string;

  @ApiProperty({ enum: RULE_OUTCOMES })
  outcome!: string;

  @ApiProperty({ type: 'integer', example: 12 })
  observed!: number;

  @ApiProperty({ type: 'integer', example: 10 })
  threshold!: number;
}

export class DecisionResponse {
  @ApiProperty({ example: 'frd_01jd…' })
  id!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ example: 'cust_01jd…' })
  customerId!: string;

  @ApiProperty({ enum: PAYMENT_ACTIONS })
  action!: string;

  @ApiProperty({ enum: ['allow', 'review', 'block'] })
  outcome!: string;

  @ApiProperty({ description: 'Not all that the rules ask for could be found out' })
  degraded!: boolean;

  @ApiProperty({ type: [ReasonResponse] })
  reasons!: ReasonResponse[];

  @ApiProperty({ type: String, nullable: true, example: 'req_01jd…' })
  requestId!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 2900, description: 'Minor units, before discounts and tax' })
  amount!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  currency!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Equal for one address; it does not tell which' })
  ipHash!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Equal for one card; it does not tell which' })
  cardHash!: string | null;
}

export class DecisionList {
  @ApiProperty({ type: [DecisionResponse] })
  data!: DecisionResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toRuleResponse(rule: StoredRule): RuleResponse {
  return { ...rule, createdAt: rule.createdAt.toISOString(), updatedAt: rule.updatedAt.toISOString() };
}

export function toDecisionResponse(decision: FraudDecision): DecisionResponse {
  const { at, amount, reasons } = decision;
  return { ...decision, at: at.toISOString(), amount: amount === null ? null : Number(amount), reasons: [...reasons] };
}
