import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { Acting, decodeCursor, Idempotent, pageOf, Roles, type Page } from '../../platform/http';
import { AttemptsRepository } from './attempts.repository';
import { CaseDesk } from './case-desk.service';
import { CasesRepository } from './cases.repository';
import { AttemptBody, CasesQuery } from './dto/retry.request.dto';
import {
  AttemptResponse,
  CaseDetailResponse,
  CaseList,
  toAttemptResponse,
  toCaseDetailResponse,
  toCaseResponse,
  type CaseResponse,
} from './dto/retry.response.dto';
import { caseNotFound } from './retry.errors';

@ApiTags('Operators')
@Controller('retry/cases')
export class RetryController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly cases: CasesRepository,
    private readonly attempts: AttemptsRepository,
    private readonly desk: CaseDesk,
  ) {}

  @Get()
  @Roles('support', 'finance', 'admin')
  @ApiOperation({ summary: 'Declined renewals that are, or were, followed up; newest first' })
  @ApiOkResponse({ type: CaseList })
  async list(@Query() query: CasesQuery): Promise<Page<CaseResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.cases.list(tx, query, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toCaseResponse);
  }

  @Get(':id')
  @Roles('support', 'finance', 'admin')
  @ApiOperation({ summary: 'One case, with its attempts and reminders' })
  @ApiOkResponse({ type: CaseDetailResponse })
  async get(@Param('id') id: string): Promise<CaseDetailResponse> {
    return this.unitOfWork.service(async (tx) => {
      const one = await this.cases.byId(tx, id);
      if (!one) throw caseNotFound(id);
      const attempts = await this.attempts.ofCase(tx, id);
      return toCaseDetailResponse(one, attempts, await this.cases.reminders(tx, id));
    });
  }

  @Post(':id/attempts')
  @Roles('support', 'finance', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Charge it now, beside the schedule, which stays as it is' })
  @ApiCreatedResponse({ type: AttemptResponse })
  async attempt(
    @Param('id') id: string,
    @Body() { note = null }: AttemptBody,
    @Acting() actor: Actor,
  ): Promise<AttemptResponse> {
    return toAttemptResponse(await this.desk.attempt(id, note, actor));
  }
}
