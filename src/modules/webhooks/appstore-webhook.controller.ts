import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { RawBodyRequest } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config';
import { Signed } from '../../platform/http';
import { AppleWebhook } from '../../providers/apple';
import { AppStoreNotificationBody } from './dto/appstore.request.dto';
import { WebhookAcceptedResponse } from './dto/webhooks.response.dto';
import { IngressService } from './ingress.service';
import { keptHeaders } from './kept-headers';
import { bodyMissing, providerNotConfigured } from './webhooks.errors';

@ApiTags('Webhooks')
@Controller('webhooks/appstore')
export class AppStoreWebhookController {
  constructor(
    private readonly config: AppConfig,
    private readonly apple: AppleWebhook,
    private readonly ingress: IngressService,
  ) {}

  @Post()
  @HttpCode(200)
  @Signed()
  @ApiOperation({ summary: "Apple's Server Notifications V2; answered once they are stored" })
  @ApiBody({ type: AppStoreNotificationBody })
  @ApiOkResponse({ type: WebhookAcceptedResponse })
  async receive(@Req() request: RawBodyRequest<FastifyRequest>): Promise<WebhookAcceptedResponse> {
    if (!this.config.apple) throw providerNotConfigured('Apple');
    const { rawBody } = request;
    if (!rawBody) throw bodyMissing();
    const event = await this.apple.verify(rawBody);
    return this.ingress.accept({ ...event, provider: 'apple', rawBody, headers: keptHeaders(request) });
  }
}
