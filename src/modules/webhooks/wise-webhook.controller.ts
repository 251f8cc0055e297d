import { Controller, Headers, HttpCode, Post, Req } from '@nestjs/common';
import type { RawBodyRequest } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../../platform/config';
import { Signed } from '../../platform/http';
import { WiseWebhook } from '../../providers/wise';
import { WiseEventBody } from './dto/wise.request.dto';
import { WiseWebhookAcceptedResponse } from './dto/wise.response.dto';
import { IngressService } from './ingress.service';
import { keptHeaders } from './kept-headers';
import { bodyMissing, providerNotConfigured } from './webhooks.errors';

@ApiTags('Webhooks')
@Controller('webhooks/wise')
export class WiseWebhookController {
  constructor(
    private readonly config: AppConfig,
    private readonly wise: WiseWebhook,
    private readonly ingress: IngressService,
  ) {}

  @Post()
  @HttpCode(200)
  @Signed()
  @ApiOperation({ summary: "Wise's events; answered once they are stored" })
  @ApiHeader({
    name: 'X-Signature-SHA256',
    required: true,
    description: 'RSA-SHA256 of the body with the key of Wise that is configured, in base64',
  })
  @ApiHeader({
    name: 'X-Test-Notification',
    required: false,
    description: 'true: it is answered, and nothing is done',
  })
  @ApiBody({ type: WiseEventBody })
  @ApiOkResponse({ type: WiseWebhookAcceptedResponse })
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('x-signature-sha256') signature: string | undefined,
    @Headers('x-test-notification') testNotification: string | undefined,
  ): Promise<WiseWebhookAcceptedResponse> {
    if (!this.config.wise) throw providerNotConfigured('Wise');
    const { rawBody } = request;
    if (!rawBody) throw bodyMissing();
    const event = this.wise.verify({ signature, testNotification }, rawBody);
    if ('test' in event) return { received: true };
    const headers = { ...keptHeaders(request), ...deliveryId(request) };
    return this.ingress.accept({ ...event, provider: 'wise', rawBody, headers });
  }
}

/** Another one each time it is delivered: what Wise's support asks for. */
function deliveryId({ headers }: FastifyRequest): Record<string, string> {
  const id = headers['x-delivery-id'];
  return typeof id === 'string' ? { 'x-delivery-id': id.slice(0, 255) } : {};
}
