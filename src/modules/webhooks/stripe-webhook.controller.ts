import { Controller, Headers, HttpCode, Post, Req } from '@nestjs/common';
import type { RawBodyRequest } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config';
import { Signed } from '../../platform/http';
import { Clock } from '../../shared/clock';
import { verifyStripeEvent } from '../../providers/stripe';
import { WebhookAcceptedResponse } from './dto/webhooks.response.dto';
import { IngressService } from './ingress.service';
import { keptHeaders } from './kept-headers';
import { bodyMissing, providerNotConfigured } from './webhooks.errors';

@ApiTags('Webhooks')
@Controller(['webhooks/stripe', 'billing/webhooks/stripe'])
export class StripeWebhookController {
  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly ingress: IngressService,
  ) {}

  @Post()
  @HttpCode(200)
  @Signed()
  @ApiOperation({ summary: "Stripe's events; answered once they are stored" })
  @ApiHeader({ name: 'Stripe-Signature', required: true })
  @ApiOkResponse({ type: WebhookAcceptedResponse })
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('stripe-signature') signature: string | undefined,
  ): Promise<WebhookAcceptedResponse> {
    const { stripe } = this.config;
    if (!stripe) throw providerNotConfigured('Stripe');
    if (!request.rawBody) throw bodyMissing();
    const wallSeconds = Math.floor(this.clock.wall().getTime() / 1000);
    const event = verifyStripeEvent(request.rawBody, signature, stripe.webhookSecrets, wallSeconds);
    return this.ingress.accept({
      ...event,
      provider: 'stripe',
      rawBody: request.rawBody,
      headers: keptHeaders(request),
    });
  }
}
