import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { Acting, Authenticated, CurrentUser, Idempotent, PaymentAttempt, type UserIdentity } from '../../platform/http';
import { CheckoutFlow } from './checkout.flow';
import { CheckoutBody, PortalBody } from './dto/checkout.request.dto';
import { CheckoutResponse, PortalResponse } from './dto/checkout.response.dto';
import { PortalFlow } from './portal.flow';

@ApiTags('Billing')
@Controller('billing')
export class CheckoutController {
  constructor(
    private readonly checkoutFlow: CheckoutFlow,
    private readonly portalFlow: PortalFlow,
  ) {}

  @Post('checkout')
  @Authenticated()
  @Idempotent()
  @PaymentAttempt()
  @ApiOperation({ summary: "Open Stripe's hosted checkout for a plan" })
  @ApiCreatedResponse({ type: CheckoutResponse })
  async checkout(
    @CurrentUser() user: UserIdentity,
    @Body() body: CheckoutBody,
    @Acting() actor: Actor,
  ): Promise<CheckoutResponse> {
    return this.checkoutFlow.open(
      user,
      {
        plan: body.plan,
        billingCycle: body.billingCycle,
        quantity: body.quantity,
        discountCode: body.discountCode ?? null,
        trialDays: undefined,
        currency: body.currency ?? undefined,
        successUrl: body.successUrl,
        cancelUrl: body.cancelUrl,
      },
      actor,
    );
  }

  @Post('portal')
  @Authenticated()
  @Idempotent()
  @ApiOperation({ summary: "Open Stripe's page for cards, invoices, plan and cancellation" })
  @ApiCreatedResponse({ type: PortalResponse })
  async portal(@CurrentUser() user: UserIdentity, @Body() body: PortalBody): Promise<PortalResponse> {
    return { url: await this.portalFlow.open(user, body.returnUrl, body.flow ?? null) };
  }
}
