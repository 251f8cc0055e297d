import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { FactHistoryRepository } from '../../platform/facts';
import { Acting, decodeCursor, Idempotent, pageOf, Roles, type Page } from '../../platform/http';
import { InboxOperationsRepository, type InboxEntry } from '../../platform/inbox';
import { DryRunService } from './dry-run.service';
import { DryRunQuery, EventsQuery, ReplayBody, toFilter } from './dto/operators.request.dto';
import {
  DryRunResponse,
  InboxEventDetailResponse,
  InboxEventList,
  InboxEventResponse,
  MatchingResponse,
  RequeuedResponse,
  toInboxEventDetailResponse,
  toInboxEventResponse,
} from './dto/operators.response.dto';
import { ReplayService } from './replay.service';
import { eventNotFound } from './webhooks.errors';

@ApiTags('Operators')
@ApiExtraModels(DryRunResponse, RequeuedResponse, MatchingResponse)
@Controller('admin/webhooks')
export class OperatorsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxOperationsRepository,
    private readonly facts: FactHistoryRepository,
    private readonly replays: ReplayService,
    private readonly dryRuns: DryRunService,
  ) {}

  @Get('events')
  @Roles('admin', 'support')
  @ApiOperation({ summary: "Providers' events, the latest received first" })
  @ApiOkResponse({ type: InboxEventList })
  async list(@Query() query: EventsQuery): Promise<Page<InboxEventResponse>> {
    const after = decodeCursor(query.cursor);
    const before = after ? { receivedAt: after.createdAt, id: after.id } : null;
    const filter = toFilter(query, query.status ? [query.status] : null);
    const rows = await this.unitOfWork.service((tx) => this.inbox.list(tx, filter, query.limit + 1, before));
    return pageOf(rows, query.limit, ({ receivedAt, id }) => ({ createdAt: receivedAt, id }), toInboxEventResponse);
  }

  @Get('events/:id')
  @Roles('admin', 'support')
  @ApiOperation({ summary: 'One event: what was received, what it told, and how it fared' })
  @ApiOkResponse({ type: InboxEventDetailResponse })
  async get(@Param('id') id: string): Promise<InboxEventDetailResponse> {
    return this.unitOfWork.service(async (tx) => {
      const entry = await this.inbox.byId(tx, id);
      if (!entry) throw eventNotFound(id);
      return toInboxEventDetailResponse(entry, await this.facts.toldBy(tx, entry.provider, sourcesOf(entry)));
    });
  }

  @Post('events/:id/replay')
  @HttpCode(202)
  @Roles('admin', 'support')
  @Idempotent()
  @ApiOperation({ summary: 'Handle one event again, or try what would come of it' })
  @ApiAcceptedResponse({ type: InboxEventResponse, description: 'It is put back; a worker handles it' })
  @ApiOkResponse({ type: DryRunResponse, description: 'With dryRun=true: what it would change' })
  async replay(
    @Param('id') id: string,
    @Query() { dryRun }: DryRunQuery,
    @Acting() actor: Actor,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InboxEventResponse | DryRunResponse> {
    if (dryRun) {
      void reply.status(200);
      return this.dryRuns.run(id);
    }
    const entry = await this.unitOfWork.service(async (tx) => {
      await this.replays.requeue(tx, id, actor);
      return this.inbox.byId(tx, id);
    });
    this.replays.wake();
    if (!entry) throw eventNotFound(id);
    return toInboxEventResponse(entry);
  }

  @Post('replay')
  @HttpCode(200)
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'Handle all events again that match, the oldest first' })
  @ApiOkResponse({
    schema: { oneOf: [{ $ref: getSchemaPath(RequeuedResponse) }, { $ref: getSchemaPath(MatchingResponse) }] },
    description: 'With dryRun=true only how many match',
  })
  async replayMatching(
    @Body() body: ReplayBody,
    @Query() { dryRun }: DryRunQuery,
    @Acting() actor: Actor,
  ): Promise<RequeuedResponse | MatchingResponse> {
    const filter = toFilter(body, body.status ?? null);
    if (dryRun) return { matching: await this.unitOfWork.service((tx) => this.replays.countMatching(tx, filter)) };
    const requeued = await this.unitOfWork.service((tx) => this.replays.requeueMatching(tx, filter, body.limit, actor));
    this.replays.wake();
    return { requeued };
  }
}

/** An event tells under the provider's id of it; what the provider was asked because of it, under ours. */
function sourcesOf({ id, eventId }: InboxEntry): string[] {
  return [eventId, `read:${id}`];
}
