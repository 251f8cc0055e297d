import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, pageOf, Roles, type Page } from '../../../platform/http';
import type { FraudRule } from './domain/rule';
import { ChangeRuleBody, CreateRuleBody, DecisionsQuery } from './dto/fraud.request.dto';
import {
  DecisionList,
  DecisionResponse,
  RuleList,
  RuleResponse,
  toDecisionResponse,
  toRuleResponse,
} from './dto/fraud.response.dto';
import { FraudDecisionsRepository } from './fraud-decisions.repository';
import { FraudRules } from './fraud-rules.service';

@ApiTags('Operators')
@Controller('admin/fraud')
export class FraudDeskController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: FraudRules,
    private readonly decisions: FraudDecisionsRepository,
  ) {}

  @Get('rules')
  @Roles('admin')
  @ApiOperation({ summary: 'What is looked at before a payment is attempted, in the order of priority' })
  @ApiOkResponse({ type: RuleList })
  async listRules(): Promise<RuleList> {
    const rules = await this.unitOfWork.service((tx) => this.rules.list(tx));
    return { data: rules.map(toRuleResponse), nextCursor: null };
  }

  @Post('rules')
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'Add a rule; it counts from the next attempt on' })
  @ApiCreatedResponse({ type: RuleResponse })
  async createRule(@Body() body: CreateRuleBody, @Acting() actor: Actor): Promise<RuleResponse> {
    return toRuleResponse(await this.unitOfWork.service((tx) => this.rules.create(tx, toRule(body), actor)));
  }

  @Patch('rules/:key')
  @Roles('admin')
  @ApiOperation({ summary: 'Change a rule, or turn it off: rules are never deleted, decisions name them' })
  @ApiOkResponse({ type: RuleResponse })
  async changeRule(
    @Param('key') key: string,
    @Body() body: ChangeRuleBody,
    @Acting() actor: Actor,
  ): Promise<RuleResponse> {
    return toRuleResponse(await this.unitOfWork.service((tx) => this.rules.change(tx, key, body, actor)));
  }

  @Get('decisions')
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'What was decided of payment attempts, and why, newest first' })
  @ApiOkResponse({ type: DecisionList })
  async listDecisions(@Query() query: DecisionsQuery): Promise<Page<DecisionResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.decisions.list(tx, query, query.limit + 1, after));
    return pageOf(rows, query.limit, ({ at, id }) => ({ createdAt: at, id }), toDecisionResponse);
  }
}

/** Null says as little as nothing does. */
function toRule(body: CreateRuleBody): FraudRule {
  const { key, description, signal, threshold, outcome, active, priority } = body;
  const { windowSeconds = null, currency = null, maxAmount = null } = body;
  return { key, description, signal, threshold, outcome, active, priority, windowSeconds, currency, maxAmount };
}
