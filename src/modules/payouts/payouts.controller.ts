import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { money } from '../../shared/money';
import type { Actor } from '../../platform/audit';
import { UnitOfWork, type Tx } from '../../platform/database';
import {
  Acting,
  CurrentUser,
  decodeCursor,
  IdempotencyContext,
  Idempotent,
  invalidInput,
  pageOf,
  Roles,
  type Page,
  type UserIdentity,
} from '../../platform/http';
import { BeneficiariesService } from './beneficiaries/beneficiaries.service';
import type { BeneficiaryInput } from './beneficiaries/beneficiary-create.flow';
import { ApprovePayoutBody, EndPayoutBody, PayoutsQuery, PreparePayoutBody } from './dto/payouts.request.dto';
import {
  ApprovedPayoutResponse,
  PayoutDetailResponse,
  PayoutList,
  PayoutResponse,
  PreparedPayoutResponse,
  toPayoutDetailResponse,
  toPayoutResponse,
  toPreparedResponse,
  type ShownPayout,
} from './dto/payouts.response.dto';
import { PayoutApproveFlow } from './payout-approve.flow';
import { PayoutEndFlow } from './payout-end.flow';
import { PayoutPrepareFlow } from './payout-prepare.flow';
import type { PayoutActor } from './payout-record.service';
import { payoutNotFound } from './payouts.errors';
import { PayoutsRepository, type Payout } from './payouts.repository';

@ApiTags('Payouts')
@Controller('payouts')
export class PayoutsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly payouts: PayoutsRepository,
    private readonly beneficiaries: BeneficiariesService,
    private readonly prepares: PayoutPrepareFlow,
    private readonly approvals: PayoutApproveFlow,
    private readonly ends: PayoutEndFlow,
  ) {}

  @Post('prepare')
  @Roles('finance', 'admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Prepare a payout: it is priced, checked, and its money set aside; somebody else approves it',
    description:
      'The same amount with the same reference to the same beneficiary within a day is 409 DUPLICATE_SUSPECTED; `confirmDuplicate` ' +
      'pays it once more. Amounts are minor units, as everywhere.',
  })
  @ApiCreatedResponse({ type: PreparedPayoutResponse })
  async prepare(
    @Body() body: PreparePayoutBody,
    @Acting() actor: Actor,
    @CurrentUser() { roles }: UserIdentity,
  ): Promise<PreparedPayoutResponse> {
    const { sourceCurrency, amount, currency, reference, confirmDuplicate = false } = body;
    const keyed = IdempotencyContext.current();
    const payout = await this.prepares.prepare(
      {
        ...{ beneficiary: payeeOf(body), sourceCurrency, target: money(BigInt(amount), currency) },
        ...{ reference: reference.trim(), confirmDuplicate },
      },
      { ...actor, roles },
      keyed ? `${keyed.scope}:${keyed.key}` : null,
    );
    return toPreparedResponse(payout);
  }

  @Post('approve')
  @HttpCode(200)
  @Roles('finance', 'admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Approve what somebody else has prepared',
    description:
      'Above a threshold the first approval answers `awaiting_second_approval`. Where the quote has expired and a new one costs more than ' +
      'the tolerance allows it is 409 QUOTE_CHANGED with the new quote: approve again with `acceptQuoteId`.',
  })
  @ApiOkResponse({ type: ApprovedPayoutResponse })
  async approve(
    @Body() { payoutId, acceptQuoteId }: ApprovePayoutBody,
    @Acting() actor: Actor,
    @CurrentUser() { roles }: UserIdentity,
  ): Promise<ApprovedPayoutResponse> {
    const by: PayoutActor = { ...actor, roles };
    const { id, status } = await this.approvals.approve(payoutId, { acceptQuoteId: acceptQuoteId ?? null }, by);
    return { payoutId: id, status };
  }

  @Post(':id/reject')
  @HttpCode(200)
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'Refuse what was prepared; its money is free again' })
  @ApiOkResponse({ type: PayoutResponse })
  async reject(
    @Param('id') id: string,
    @Body() { reason }: EndPayoutBody,
    @Acting() actor: Actor,
    @CurrentUser() { roles }: UserIdentity,
  ): Promise<PayoutResponse> {
    return this.answer(await this.ends.reject(id, reason ?? null, { ...actor, roles }));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Roles('finance', 'admin')
  @ApiOperation({
    summary: 'Call a payout off, also at the provider as long as it has not converted the money',
    description:
      'While the provider does not answer, `cancelRequestedAt` is set, and it is called off as soon as it does.',
  })
  @ApiOkResponse({ type: PayoutResponse })
  async cancel(
    @Param('id') id: string,
    @Body() { reason }: EndPayoutBody,
    @Acting() actor: Actor,
    @CurrentUser() { roles }: UserIdentity,
  ): Promise<PayoutResponse> {
    return this.answer(await this.ends.cancel(id, reason ?? null, { ...actor, roles }));
  }

  @Get()
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'Payouts, newest first' })
  @ApiOkResponse({ type: PayoutList })
  async list(@Query() query: PayoutsQuery): Promise<Page<PayoutResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const shown = await this.unitOfWork.service(async (tx) =>
      this.shown(tx, await this.payouts.list(tx, query, query.limit + 1, after)),
    );
    return pageOf(
      shown,
      query.limit,
      ({ payout }) => ({ id: payout.id, createdAt: payout.preparedAt }),
      toPayoutResponse,
    );
  }

  @Get(':id')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'One payout, with every change of its status and who says so' })
  @ApiOkResponse({ type: PayoutDetailResponse })
  get(@Param('id') id: string): Promise<PayoutDetailResponse> {
    return this.unitOfWork.service(async (tx) => {
      const payout = await this.payouts.byId(tx, id);
      if (!payout) throw payoutNotFound(id);
      const [shown] = await this.shown(tx, [payout]);
      if (!shown) throw payoutNotFound(id);
      return toPayoutDetailResponse(shown, await this.payouts.history(tx, id));
    });
  }

  private answer(payout: Payout): Promise<PayoutResponse> {
    return this.unitOfWork.service(async (tx) => {
      const [shown] = await this.shown(tx, [payout]);
      if (!shown) throw payoutNotFound(payout.id);
      return toPayoutResponse(shown);
    });
  }

  private async shown(tx: Tx, payouts: readonly Payout[]): Promise<ShownPayout[]> {
    const ids = [...new Set(payouts.map(({ beneficiaryId }) => beneficiaryId))];
    const found = new Map((await this.beneficiaries.byIds(tx, ids)).map((one) => [one.id, one]));
    return payouts.flatMap((payout) => {
      const beneficiary = found.get(payout.beneficiaryId);
      return beneficiary ? [{ payout, beneficiary }] : [];
    });
  }
}

/** @throws INVALID_INPUT for an account in another currency than what is paid. */
function payeeOf({ beneficiary, currency, sourceCurrency }: PreparePayoutBody): { id: string } | BeneficiaryInput {
  const { id, name, currency: of, type, details } = beneficiary;
  if (id !== undefined) return { id };
  if (name === undefined || of === undefined || type === undefined || details === undefined) {
    throw invalidInput([{ field: 'beneficiary', message: 'names a known one by id, or an account' }]);
  }
  if (of !== currency) throw invalidInput([{ field: 'currency', message: "must be the beneficiary's" }]);
  return { name, currency: of, type, details, sourceCurrency, customerId: null };
}
