import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, invalidInput, pageOf, Roles, type Page } from '../../../platform/http';
import { DisputeAnswerFlow } from './dispute-answer.flow';
import { disputeNotFound } from './disputes.errors';
import { DisputesRepository } from './disputes.repository';
import {
  DisputeList,
  DisputeResponse,
  DisputesQuery,
  EvidenceBody,
  toDisputeResponse,
  toEvidenceText,
} from './dto/disputes.dto';

@ApiTags('Billing')
@Controller('billing/disputes')
export class DisputesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly disputes: DisputesRepository,
    private readonly flow: DisputeAnswerFlow,
  ) {}

  @Get()
  @Roles('finance', 'support', 'admin')
  @ApiOperation({ summary: 'Disputed payments, newest first' })
  @ApiOkResponse({ type: DisputeList })
  async list(@Query() query: DisputesQuery): Promise<Page<DisputeResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.disputes.list(tx, query, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toDisputeResponse);
  }

  @Get(':id')
  @Roles('finance', 'support', 'admin')
  @ApiOperation({ summary: 'One dispute' })
  @ApiOkResponse({ type: DisputeResponse })
  async get(@Param('id') id: string): Promise<DisputeResponse> {
    const dispute = await this.unitOfWork.service((tx) => this.disputes.byId(tx, id));
    if (!dispute) throw disputeNotFound(id);
    return toDisputeResponse(dispute);
  }

  @Post(':id/evidence')
  @HttpCode(200)
  @Roles('finance')
  @Idempotent()
  @ApiOperation({ summary: 'Say what speaks for us, before the bank decides' })
  @ApiOkResponse({ type: DisputeResponse })
  async giveEvidence(
    @Param('id') id: string,
    @Body() { evidence, submit = true }: EvidenceBody,
    @Acting() actor: Actor,
  ): Promise<DisputeResponse> {
    const text = toEvidenceText(evidence);
    if (Object.keys(text).length === 0) throw invalidInput([{ field: 'evidence', message: 'says nothing' }]);
    return toDisputeResponse(await this.flow.giveEvidence(id, text, submit, actor));
  }

  @Post(':id/accept')
  @HttpCode(200)
  @Roles('finance')
  @Idempotent()
  @ApiOperation({ summary: 'Give a dispute up: it is lost' })
  @ApiOkResponse({ type: DisputeResponse })
  async accept(@Param('id') id: string, @Acting() actor: Actor): Promise<DisputeResponse> {
    return toDisputeResponse(await this.flow.accept(id, actor));
  }
}
