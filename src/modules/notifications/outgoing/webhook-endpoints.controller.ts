import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, PageQuery, pageOf, Roles, type Page } from '../../../platform/http';
import { CreateEndpointBody, ChangeEndpointBody } from './dto/outgoing.request.dto';
import {
  EndpointList,
  EndpointResponse,
  EndpointWithSecretResponse,
  EventTypeList,
  eventTypes,
  toEndpointResponse,
  toEndpointWithSecret,
} from './dto/outgoing.response.dto';
import { EndpointDesk } from './endpoint-desk.service';
import { EndpointSwitch } from './endpoint-switch.service';
import { EndpointsRepository, type Endpoint } from './endpoints.repository';
import { endpointNotFound } from './outgoing.errors';

@ApiTags('Outgoing webhooks')
@Controller('admin')
export class WebhookEndpointsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: EndpointsRepository,
    private readonly desk: EndpointDesk,
    private readonly switches: EndpointSwitch,
  ) {}

  @Get('webhook-event-types')
  @Roles('admin')
  @ApiOperation({ summary: 'What an endpoint can be told of, and what each message says' })
  @ApiOkResponse({ type: EventTypeList })
  types(): EventTypeList {
    return eventTypes();
  }

  @Get('webhook-endpoints')
  @Roles('admin')
  @ApiOperation({ summary: 'Endpoints, newest first' })
  @ApiOkResponse({ type: EndpointList })
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<EndpointResponse>> {
    const after = decodeCursor(cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.endpoints.list(tx, limit + 1, after));
    return pageOf(rows, limit, (row) => row, toEndpointResponse);
  }

  @Post('webhook-endpoints')
  @Roles('admin')
  @Idempotent({ saidOnce: ['secret'] })
  @ApiOperation({
    summary: 'Add an endpoint; its secret is shown this once',
    description:
      'Messages follow the Standard Webhooks (standardwebhooks.com): POST with `webhook-id`, `webhook-timestamp` and `webhook-signature`. ' +
      'A message may come more than once, under the same `webhook-id`, and in any order: `sequence` counts the messages about one object, ' +
      'so ignore one that is lower than what was seen. An endpoint that takes only some types sees gaps in it. Any 2xx within 10 s takes ' +
      'a message; anything else is tried again over three days. 410 disables the endpoint.',
  })
  @ApiCreatedResponse({ type: EndpointWithSecretResponse })
  async create(@Body() body: CreateEndpointBody, @Acting() actor: Actor): Promise<EndpointWithSecretResponse> {
    return toEndpointWithSecret(await this.unitOfWork.service((tx) => this.desk.create(tx, body, actor)));
  }

  @Get('webhook-endpoints/:id')
  @Roles('admin')
  @ApiOperation({ summary: 'One endpoint' })
  @ApiOkResponse({ type: EndpointResponse })
  async get(@Param('id') id: string): Promise<EndpointResponse> {
    return this.found(id, (tx) => this.endpoints.byId(tx, id));
  }

  @Patch('webhook-endpoints/:id')
  @Roles('admin')
  @ApiOperation({ summary: 'Change where an endpoint is, or what it is told of' })
  @ApiOkResponse({ type: EndpointResponse })
  async change(
    @Param('id') id: string,
    @Body() body: ChangeEndpointBody,
    @Acting() actor: Actor,
  ): Promise<EndpointResponse> {
    return this.found(id, (tx) => this.desk.change(tx, id, body, actor));
  }

  @Delete('webhook-endpoints/:id')
  @HttpCode(204)
  @Roles('admin')
  @ApiOperation({ summary: 'Delete an endpoint: what waits for it is canceled, its secrets are forgotten' })
  @ApiNoContentResponse({ description: 'Deleted' })
  async remove(@Param('id') id: string, @Acting() actor: Actor): Promise<void> {
    await this.unitOfWork.service((tx) => this.desk.remove(tx, id, actor));
  }

  @Post('webhook-endpoints/:id/rotate-secret')
  @HttpCode(200)
  @Roles('admin')
  @Idempotent({ saidOnce: ['secret'] })
  @ApiOperation({ summary: 'Sign with a new secret; for 24 hours the former one signs along' })
  @ApiOkResponse({ type: EndpointWithSecretResponse })
  async rotate(@Param('id') id: string, @Acting() actor: Actor): Promise<EndpointWithSecretResponse> {
    return toEndpointWithSecret(await this.unitOfWork.service((tx) => this.desk.rotateSecret(tx, id, actor)));
  }

  @Post('webhook-endpoints/:id/enable')
  @HttpCode(200)
  @Roles('admin')
  @ApiOperation({ summary: 'Tell a disabled endpoint again; what it missed is sent by redelivery' })
  @ApiOkResponse({ type: EndpointResponse })
  async enable(@Param('id') id: string, @Acting() actor: Actor): Promise<EndpointResponse> {
    return this.found(id, async (tx) => (await this.switches.enable(tx, id, actor)) ?? this.endpoints.byId(tx, id));
  }

  @Post('webhook-endpoints/:id/disable')
  @HttpCode(200)
  @Roles('admin')
  @ApiOperation({ summary: 'Tell an endpoint of nothing for now; what waits for it is canceled' })
  @ApiOkResponse({ type: EndpointResponse })
  async disable(@Param('id') id: string, @Acting() actor: Actor): Promise<EndpointResponse> {
    return this.found(
      id,
      async (tx) => (await this.switches.disable(tx, id, 'operator', actor)) ?? this.endpoints.byId(tx, id),
    );
  }

  private async found(id: string, work: (tx: Tx) => Promise<Endpoint | null>): Promise<EndpointResponse> {
    const endpoint = await this.unitOfWork.service(work);
    if (!endpoint) throw endpointNotFound(id);
    return toEndpointResponse(endpoint);
  }
}
