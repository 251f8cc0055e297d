import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, pageOf, Roles, type Page } from '../../../platform/http';
import { QUEUES, WakeService } from '../../../platform/queue';
import { DeliveriesRepository } from './deliveries.repository';
import { DeliveriesQuery, RedeliverBody } from './dto/outgoing.request.dto';
import {
  DeliveryDetailResponse,
  DeliveryList,
  DeliveryResponse,
  RedeliveredResponse,
  toDeliveryDetail,
  toDeliveryResponse,
} from './dto/outgoing.response.dto';
import { EndpointsRepository } from './endpoints.repository';
import { deliveryNotFound, endpointNotFound } from './outgoing.errors';
import { Redelivery } from './redelivery.service';

@ApiTags('Outgoing webhooks')
@Controller('admin')
export class WebhookDeliveriesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: EndpointsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly redelivery: Redelivery,
    private readonly wakes: WakeService,
  ) {}

  @Get('webhook-endpoints/:id/deliveries')
  @Roles('admin')
  @ApiOperation({ summary: 'What an endpoint was told of, and how it went, newest first' })
  @ApiOkResponse({ type: DeliveryList })
  async list(@Param('id') id: string, @Query() query: DeliveriesQuery): Promise<Page<DeliveryResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service(async (tx) => {
      if (!(await this.endpoints.byId(tx, id))) throw endpointNotFound(id);
      return this.deliveries.list(tx, id, query, query.limit + 1, after);
    });
    return pageOf(rows, query.limit, (row) => row, toDeliveryResponse);
  }

  @Get('webhook-deliveries/:id')
  @Roles('admin')
  @ApiOperation({ summary: 'One delivery: what was sent, and each attempt' })
  @ApiOkResponse({ type: DeliveryDetailResponse })
  async get(@Param('id') id: string): Promise<DeliveryDetailResponse> {
    return this.unitOfWork.service(async (tx) => {
      const delivery = await this.deliveries.byId(tx, id);
      const body = delivery && (await this.deliveries.bodyOf(tx, delivery.messageId));
      if (!delivery || body === null) throw deliveryNotFound(id);
      return toDeliveryDetail(delivery, body, await this.deliveries.attemptsOf(tx, id));
    });
  }

  @Post('webhook-endpoints/:id/test')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'Send a message of type `webhook.test`; look at its delivery for how it went' })
  @ApiAcceptedResponse({ type: DeliveryResponse })
  async test(@Param('id') id: string, @Acting() actor: Actor): Promise<DeliveryResponse> {
    return toDeliveryResponse(await this.wakingUp((tx) => this.redelivery.test(tx, id, actor)));
  }

  @Post('webhook-deliveries/:id/redeliver')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'Send a message once more, now, under the same `webhook-id`' })
  @ApiAcceptedResponse({ type: DeliveryResponse })
  async redeliver(@Param('id') id: string, @Acting() actor: Actor): Promise<DeliveryResponse> {
    return toDeliveryResponse(await this.wakingUp((tx) => this.redelivery.one(tx, id, actor)));
  }

  @Post('webhook-endpoints/:id/redeliver')
  @HttpCode(202)
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'Send what an endpoint has missed since then, or everything, under the same ids' })
  @ApiAcceptedResponse({ type: RedeliveredResponse })
  async redeliverSince(
    @Param('id') id: string,
    @Body() { since, which }: RedeliverBody,
    @Acting() actor: Actor,
  ): Promise<RedeliveredResponse> {
    const { queued, nextSince } = await this.wakingUp((tx) =>
      this.redelivery.since(tx, id, since, which === 'all', actor),
    );
    return { queued, nextSince: nextSince?.toISOString() ?? null };
  }

  private async wakingUp<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const answer = await this.unitOfWork.service(work);
    this.wakes.wake(QUEUES.outgoingWebhooks);
    return answer;
  }
}
