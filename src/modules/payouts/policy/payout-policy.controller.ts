import { Body, Controller, Get, Param, Patch, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, Idempotent, Roles } from '../../../platform/http';
import type { PayoutRule } from './domain/rule';
import { ChangePayoutRuleBody, CreatePayoutRuleBody, ReplacePolicyBody } from './dto/policy.request.dto';
import { PayoutRuleList, PayoutRuleResponse, PolicyResponse, toPayoutRule, toPolicy } from './dto/policy.response.dto';
import { PolicyDesk } from './policy-desk.service';

@ApiTags('Payouts')
@Controller('payouts')
export class PayoutPolicyController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly desk: PolicyDesk,
  ) {}

  @Get('policy')
  @Roles('admin')
  @ApiOperation({ summary: 'Who may approve how much' })
  @ApiOkResponse({ type: PolicyResponse })
  async get(): Promise<PolicyResponse> {
    return toPolicy(await this.unitOfWork.service((tx) => this.desk.limitList(tx)));
  }

  @Put('policy')
  @Roles('admin')
  @ApiOperation({
    summary: 'Say anew who may approve how much',
    description:
      'Limits go by what leaves the balance, fee included, and in its currency. Somebody with both roles may do what either may. ' +
      'Where none is given, a second person approves what is more than 10,000 whole units.',
  })
  @ApiOkResponse({ type: PolicyResponse })
  async replace(@Body() { limits }: ReplacePolicyBody, @Acting() actor: Actor): Promise<PolicyResponse> {
    const whole = limits.map(({ role, currency, maxPerPayout, dailyMax, secondApprovalAbove }) => ({
      ...{ role, currency, maxPerPayout: maxPerPayout ?? null, dailyMax: dailyMax ?? null },
      secondApprovalAbove: secondApprovalAbove ?? null,
    }));
    return toPolicy(await this.unitOfWork.service((tx) => this.desk.replaceLimits(tx, whole, actor)));
  }

  @Get('rules')
  @Roles('admin')
  @ApiOperation({ summary: 'What payouts are held against, in the order of priority' })
  @ApiOkResponse({ type: PayoutRuleList })
  async listRules(): Promise<PayoutRuleList> {
    const rules = await this.unitOfWork.service((tx) => this.desk.ruleList(tx));
    return { data: rules.map(toPayoutRule), nextCursor: null };
  }

  @Post('rules')
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'Add a rule; it counts from the next payout that is prepared or approved' })
  @ApiCreatedResponse({ type: PayoutRuleResponse })
  async createRule(@Body() body: CreatePayoutRuleBody, @Acting() actor: Actor): Promise<PayoutRuleResponse> {
    return toPayoutRule(await this.unitOfWork.service((tx) => this.desk.createRule(tx, toRule(body), actor)));
  }

  @Patch('rules/:key')
  @Roles('admin')
  @ApiOperation({ summary: 'Change a rule, or turn it off: rules are never deleted, refusals name them' })
  @ApiOkResponse({ type: PayoutRuleResponse })
  async changeRule(
    @Param('key') key: string,
    @Body() body: ChangePayoutRuleBody,
    @Acting() actor: Actor,
  ): Promise<PayoutRuleResponse> {
    return toPayoutRule(await this.unitOfWork.service((tx) => this.desk.changeRule(tx, key, body, actor)));
  }
}

const DEFAULT_PRIORITY = 500;

/** Null says as little as nothing does. */
function toRule(body: CreatePayoutRuleBody): PayoutRule {
  const { key, description, kind, action, active = true, priority = DEFAULT_PRIORITY } = body;
  const { countries = [], names = [], match = null, scope = null } = body;
  const { windowSeconds = null, maxCount = null, maxAmount = null, currency = null } = body;
  return {
    ...{ key, description, kind, action, active, priority, countries, names, match, scope },
    ...{ windowSeconds, maxCount, maxAmount, currency },
  };
}
