import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { authentication } from '../../shared/app-error';
import { AppConfig } from '../config';
import { Metrics } from '../metrics';
import { Public } from './auth/access.decorators';
import { bearerOf } from './auth/access.guard';
import { isSecret } from './auth/secret-compare';
import { Unlimited } from './rate-limit/payment-attempt.decorator';

/**
 * Prometheus' scrape. With INTERNAL_API_KEY configured (always in production) it is needed, as `X-Internal-API-Key` or,
 * because scrapers can send that, as a bearer token. Without one the metrics are open, which only development allows.
 */
@ApiExcludeController()
@Public()
@Unlimited()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly config: AppConfig,
  ) {}

  @Get()
  async scrape(@Req() { headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { internalApiKey } = this.config.auth;
    const header = headers['x-internal-api-key'];
    const given = typeof header === 'string' ? header : bearerOf(headers.authorization);
    if (internalApiKey !== undefined && !isSecret(given, internalApiKey)) {
      throw authentication('INVALID_TOKEN', 'The metrics need the internal key');
    }
    const { contentType, body } = await this.metrics.render();
    void reply.type(contentType);
    return body;
  }
}
