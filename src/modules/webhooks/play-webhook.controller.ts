import { Controller, Headers, HttpCode, Post, Req } from '@nestjs/common';
import type { RawBodyRequest } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config';
import { Signed } from '../../platform/http';
import { GoogleWebhook } from '../../providers/google';
import { PlayNotificationBody } from './dto/play.request.dto';
import { WebhookAcceptedResponse } from './dto/webhooks.response.dto';
import { IngressService } from './ingress.service';
import { keptHeaders } from './kept-headers';
import { bodyMissing, providerNotConfigured } from './webhooks.errors';

@ApiTags('Webhooks')
@Controller('webhooks/play')
export class PlayWebhookController {
  constructor(
    private readonly config: AppConfig,
    private readonly google: GoogleWebhook,
    private readonly ingress: IngressService,
  ) {}

  @Post()
  @HttpCode(200)
  @Signed()
  @ApiOperation({
    summary: "Google's Real-time Developer Notifications, pushed by Pub/Sub; answered once they are stored",
  })
  @ApiHeader({
    name: 'Authorization',
    required: true,
    description: "Bearer with Google's OpenID token for this address",
  })
  @ApiBody({ type: PlayNotificationBody })
  @ApiOkResponse({ type: WebhookAcceptedResponse })
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('authorization') authorization: string | undefined,
  ): Promise<WebhookAcceptedResponse> {
    if (!this.config.google) throw providerNotConfigured('Google');
    const { rawBody } = request;
    if (!rawBody) throw bodyMissing();
    const event = await this.google.verify(authorization, rawBody);
    return this.ingress.accept({ ...event, provider: 'google', rawBody, headers: keptHeaders(request) });
  }
}
