import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { Acting, Authenticated, CurrentUser, Idempotent, PaymentAttempt, type UserIdentity } from '../../platform/http';
import { subscriptionNotFound } from './billing.errors';
import { CancelQuery, CreateSubscriptionBody } from './dto/subscriptions.request.dto';
import {
  CreatedSubscriptionResponse,
  SubscriptionChangeList,
  SubscriptionResponse,
  toChangeResponse,
  toSubscriptionResponse,
} from './dto/subscriptions.response.dto';
import { SubscriptionCancelFlow } from './subscription-cancel.flow';
import { SubscriptionCreateFlow } from './subscription-create.flow';
import { SubscriptionsRepository } from './subscriptions.repository';

@ApiTags('Billing')
@Controller()
export class SubscriptionsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly createFlow: SubscriptionCreateFlow,
    private readonly cancelFlow: SubscriptionCancelFlow,
  ) {}

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
        trialDays: body.trialPeriodDays,
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
}
