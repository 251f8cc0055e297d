import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Clock } from '../../shared/clock';
import { parseInstant } from '../../shared/instant';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { Acting, decodeCursor, Idempotent, invalidInput, pageOf, Roles, type Page } from '../../platform/http';
import { BreakDesk } from './break-desk.service';
import { BreaksQuery, IgnoreBody, RunBody, RunsQuery } from './dto/reconciliation.request.dto';
import {
  BreakList,
  BreakResponse,
  RunList,
  RunResponse,
  toBreakResponse,
  toRunResponse,
} from './dto/reconciliation.response.dto';
import { ReconciliationBreaksRepository } from './reconciliation-breaks.repository';
import { ReconciliationRuns } from './reconciliation-runs.service';
import { ReconciliationRunsRepository } from './reconciliation-runs.repository';
import { runNotFound } from './reconciliation.errors';

@ApiTags('Reconciliation')
@Controller('reconciliation')
export class ReconciliationController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly service: ReconciliationRuns,
    private readonly runs: ReconciliationRunsRepository,
    private readonly breaks: ReconciliationBreaksRepository,
    private readonly desk: BreakDesk,
  ) {}

  @Post('runs')
  @HttpCode(202)
  @Roles('finance')
  @Idempotent()
  @ApiOperation({
    summary: "Compare a provider's statement with the books; the run of that window under way is joined",
  })
  @ApiAcceptedResponse({ type: RunResponse })
  async begin(@Body() { provider, from, to }: RunBody, @Acting() actor: Actor): Promise<RunResponse> {
    const request = { provider, from: timeOf('from', from), to: timeOf('to', to) };
    return toRunResponse(await this.unitOfWork.service((tx) => this.service.begin(tx, request, actor)));
  }

  @Get('runs')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'Runs, newest first' })
  @ApiOkResponse({ type: RunList })
  async list(@Query() query: RunsQuery): Promise<Page<RunResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.runs.list(tx, query, query.limit + 1, after));
    return pageOf(rows, query.limit, ({ startedAt, id }) => ({ createdAt: startedAt, id }), toRunResponse);
  }

  @Get('runs/:id')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'One run, with its totals per day and currency' })
  @ApiOkResponse({ type: RunResponse })
  async get(@Param('id') id: string): Promise<RunResponse> {
    const run = await this.unitOfWork.service((tx) => this.runs.byId(tx, id));
    if (!run) throw runNotFound(id);
    return toRunResponse(run);
  }

  @Get('runs/:id/breaks')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'What a run has found, as it stands now; what was seen first most recently comes first' })
  @ApiOkResponse({ type: BreakList })
  async breaksOf(@Param('id') id: string, @Query() query: BreaksQuery): Promise<Page<BreakResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service(async (tx) => {
      if (!(await this.runs.byId(tx, id))) throw runNotFound(id);
      return this.breaks.ofRun(tx, id, query, query.limit + 1, after);
    });
    const now = this.clock.now();
    return pageOf(
      rows,
      query.limit,
      ({ firstSeenAt, id: breakId }) => ({ createdAt: firstSeenAt, id: breakId }),
      (row) => toBreakResponse(row, now),
    );
  }

  @Post('breaks/:id/ignore')
  @HttpCode(200)
  @Roles('finance')
  @Idempotent()
  @ApiOperation({ summary: 'Nothing is to be done about a difference, and why: later runs leave it so' })
  @ApiOkResponse({ type: BreakResponse })
  async ignore(
    @Param('id') id: string,
    @Body() { reason }: IgnoreBody,
    @Acting() actor: Actor,
  ): Promise<BreakResponse> {
    const ignored = await this.unitOfWork.service((tx) => this.desk.ignore(tx, id, reason, actor));
    return toBreakResponse(ignored, this.clock.now());
  }
}

function timeOf(field: string, text: string): Date {
  const at = parseInstant(text);
  if (!at) throw invalidInput([{ field, message: 'must be a time such as 2026-10-01T00:00:00Z' }]);
  return at;
}
