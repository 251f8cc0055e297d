import { ApiProperty } from '@nestjs/swagger';
import { APPROVER_ROLES, DEFAULT_LIMIT, type ApprovalLimit } from '../domain/limits';
import { NAME_MATCHES, RULE_ACTIONS, RULE_KINDS, VELOCITY_SCOPES } from '../domain/rule';
import type { StoredPayoutRule } from '../payout-rules.repository';

class LimitFigures {
  @ApiProperty({ type: 'integer', nullable: true, example: null, description: 'Whole units; null: no limit' })
  maxPerPayout!: number | null;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  dailyMax!: number | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 10000, description: 'Null: never' })
  secondApprovalAbove!: number | null;
}

class ApprovalLimitResponse extends LimitFigures {
  @ApiProperty({ enum: APPROVER_ROLES })
  role!: string;

  @ApiProperty({ example: 'EUR' })
  currency!: string;
}

export class PolicyResponse {
  @ApiProperty({ type: [ApprovalLimitResponse] })
  limits!: ApprovalLimitResponse[];

  @ApiProperty({ type: LimitFigures, description: 'What holds where no limit is given' })
  otherwise!: LimitFigures;
}

export function toPolicy(limits: readonly ApprovalLimit[]): PolicyResponse {
  return { limits: [...limits], otherwise: { ...DEFAULT_LIMIT } };
}

export class PayoutRuleResponse {
  @ApiProperty({ example: 'payouts_hour' })
  key!: string;

  @ApiProperty({ example: 'More than 20 payouts in an hour' })
  description!: string;

  @ApiProperty({ enum: RULE_KINDS })
  kind!: string;

  @ApiProperty({ enum: RULE_ACTIONS })
  action!: string;

  @ApiProperty({ example: true })
  active!: boolean;

  @ApiProperty({ type: 'integer', example: 500 })
  priority!: number;

  @ApiProperty({ type: [String], example: [] })
  countries!: string[];

  @ApiProperty({ type: [String], example: [] })
  names!: string[];

  @ApiProperty({ enum: NAME_MATCHES, nullable: true, example: null })
  match!: string | null;

  @ApiProperty({ enum: VELOCITY_SCOPES, nullable: true, example: 'house' })
  scope!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 3600 })
  windowSeconds!: number | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 20 })
  maxCount!: number | null;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  maxAmount!: number | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  currency!: string | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T09:30:00.000Z' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T09:30:00.000Z' })
  updatedAt!: string;
}

export function toPayoutRule({ createdAt, updatedAt, ...rule }: StoredPayoutRule): PayoutRuleResponse {
  return { ...rule, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

export class PayoutRuleList {
  @ApiProperty({ type: [PayoutRuleResponse] })
  data!: PayoutRuleResponse[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Always null: all are shown' })
  nextCursor!: null;
}
