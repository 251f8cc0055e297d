import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import {
  Acting,
  Authenticated,
  CurrentUser,
  decodeCursor,
  Idempotent,
  PageQuery,
  pageOf,
  PaymentAttempt,
  type Page,
  type UserIdentity,
} from '../../platform/http';
import { subscriptionNotFound } from './billing.errors';
import { CancelQuery, ChangePlanBody, CreateSubscriptionBody } from './dto/subscriptions.request.dto';
import {
  CreatedSubscriptionResponse,
  PlanPreviewResponse,
  SubscriptionChangeList,
  SubscriptionList,
  SubscriptionResponse,
  toChangeResponse,
  toPlanPreview,
  toSubscriptionResponse,
} from './dto/subscriptions.response.dto';
import { PlanChangeFlow, type PlanChangeRequest } from './plan-change.flow';
import { SubscriptionCancelFlow } from './subscription-cancel.flow';
import { SubscriptionCreateFlow } from './subscription-create.flow';
import { SubscriptionPauseFlow } from './subscription-pause.flow';
import { SubscriptionsRepository } from './subscriptions.repository';

@ApiTags('Billing')
@Controller()
export class SubscriptionsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly createFlow: SubscriptionCreateFlow,
    private readonly cancelFlow: SubscriptionCancelFlow,
    private readonly planChange: PlanChangeFlow,
    private readonly pauseFlow: SubscriptionPauseFlow,
  ) {}

  @Get('billing/subscriptions')
  @Authenticated()
  @ApiOperation({ summary: 'All subscriptions the signed-in user has or had, in whichever store, newest first' })
  @ApiOkResponse({ type: SubscriptionList })
  async list(
    @CurrentUser() user: UserIdentity,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<SubscriptionResponse>> {
    const after = decodeCursor(cursor) ?? null;
    const rows = await this.unitOfWork.user(user.id, (tx) => this.subscriptions.ofUser(tx, user.id, limit + 1, after));
    return pageOf(rows, limit, (row) => row, toSubscriptionResponse);
  }

  @Get('billing/subscriptions/me')
  @Authenticated()
  @ApiOperation({ summary: "The signed-in user's subscription" })
  @ApiOkResponse({ type: SubscriptionResponse })
  async mine(@CurrentUser() user: UserIdentity): Promise<SubscriptionResponse> {
    const current = await this.unitOfWork.user(user.id, (tx) => this.subscriptions.currentOfUser(tx, user.id));
    if (!current) throw subscriptionNotFound();
    return toSubscriptionResponse(current);
  }

  @Get('billing/subscriptions/me/changes')
  @Authenticated()
  @ApiOperation({ summary: 'What happened to it, newest first' })
  @ApiOkResponse({ type: SubscriptionChangeList })
  async changes(@CurrentUser() user: UserIdentity): Promise<SubscriptionChangeList> {
    const changes = await this.unitOfWork.user(user.id, async (tx) => {
      const current = await this.subscriptions.currentOfUser(tx, user.id);
      if (!current) throw subscriptionNotFound();
      return this.subscriptions.changesOf(tx, current.id);
    });
    return { data: changes.map(toChangeResponse), nextCursor: null };
  }

  @Post(['billing/subscriptions', 'stripe/subscriptions'])
  @Authenticated()
  @Idempotent()
  @PaymentAttempt()
  @ApiOperation({ summary: 'Start a subscription; confirm its first payment with the client secret' })
  @ApiCreatedResponse({ type: CreatedSubscriptionResponse })
  async create(
    @CurrentUser() user: UserIdentity,
    @Body() body: CreateSubscriptionBody,
    @Acting() actor: Actor,
  ): Promise<CreatedSubscriptionResponse> {
    const { subscription, clientSecret } = await this.createFlow.create(
      user,
      {
        plan: body.plan,
        billingCycle: body.billingCycle,
        quantity: body.quantity,
        discountCode: body.discountCode ?? null,
        trialDays: body.trialPeriodDays,
        currency: body.currency ?? undefined,
        paymentMethodRef: body.paymentMethodId ?? null,
      },
      actor,
    );
    return { subscription: toSubscriptionResponse(subscription), clientSecret };
  }

  @Delete('billing/subscriptions')
  @Authenticated()
  @ApiOperation({ summary: 'Cancel at the end of the paid period, or now' })
  @ApiOkResponse({ type: SubscriptionResponse })
  async cancel(
    @CurrentUser() user: UserIdentity,
    @Query() query: CancelQuery,
    @Acting() actor: Actor,
  ): Promise<SubscriptionResponse> {
    return toSubscriptionResponse(await this.cancelFlow.cancel(user, query.atPeriodEnd, actor));
  }

  @Patch('billing/subscriptions/plan')
  @Authenticated()
  @Idempotent()
  @PaymentAttempt()
  @ApiOperation({ summary: 'Change plan, cycle or quantity; what it costs is charged at once, a credit kept' })
  @ApiOkResponse({ type: SubscriptionResponse })
  async changePlan(
    @CurrentUser() user: UserIdentity,
    @Body() body: ChangePlanBody,
    @Acting() actor: Actor,
  ): Promise<SubscriptionResponse> {
    return toSubscriptionResponse(await this.planChange.change(user, toChange(body), actor));
  }

  @Post('billing/subscriptions/plan/preview')
  @HttpCode(200)
  @Authenticated()
  @ApiOperation({ summary: "What such a change would cost, by Stripe's own preview; honoured for ten minutes" })
  @ApiOkResponse({ type: PlanPreviewResponse })
  async previewPlan(@CurrentUser() user: UserIdentity, @Body() body: ChangePlanBody): Promise<PlanPreviewResponse> {
    return toPlanPreview(await this.planChange.preview(user, toChange(body)));
  }

  @Post('billing/subscriptions/pause')
  @HttpCode(200)
  @Authenticated()
  @Idempotent()
  @ApiOperation({ summary: 'Pause: no invoices and no access until it is resumed; the unused time is credited then' })
  @ApiOkResponse({ type: SubscriptionResponse })
  async pause(@CurrentUser() user: UserIdentity, @Acting() actor: Actor): Promise<SubscriptionResponse> {
    return toSubscriptionResponse(await this.pauseFlow.pause(user, actor));
  }

  @Post('billing/subscriptions/resume')
  @HttpCode(200)
  @Authenticated()
  @Idempotent()
  @PaymentAttempt()
  @ApiOperation({ summary: 'Take a scheduled cancellation back, or go on after a pause with a new period' })
  @ApiOkResponse({ type: SubscriptionResponse })
  async resume(@CurrentUser() user: UserIdentity, @Acting() actor: Actor): Promise<SubscriptionResponse> {
    return toSubscriptionResponse(await this.pauseFlow.resume(user, actor));
  }
}

/** Null says as little as nothing does. */
function toChange({ plan, billingCycle, quantity, currency }: ChangePlanBody): PlanChangeRequest {
  const none = undefined;
  return { plan, billingCycle: billingCycle ?? none, quantity: quantity ?? none, currency: currency ?? none };
}
