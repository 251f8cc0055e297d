import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import {
  Acting,
  CurrentUser,
  decodeCursor,
  Idempotent,
  PageQuery,
  pageOf,
  Roles,
  TakesFile,
  type Page,
  type UserIdentity,
} from '../../../platform/http';
import { BatchApprovalFlow } from './batch-approval.flow';
import { BatchDesk } from './batch-desk.service';
import { fileUnreadable } from './batches.errors';
import { BatchesRepository } from './batches.repository';
import type { FileKind } from './domain/batch-file';
import { ApproveBatchBody, TakeBatchQuery } from './dto/batches.request.dto';
import {
  BatchApprovalResponse,
  BatchList,
  BatchResponse,
  BatchWithLinesResponse,
  toBatch,
  toBatchApproval,
  toBatchWithLines,
} from './dto/batches.response.dto';

@ApiTags('Payouts')
@Controller('payouts/batches')
export class BatchesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly batches: BatchesRepository,
    private readonly desk: BatchDesk,
    private readonly approvals: BatchApprovalFlow,
  ) {}

  @Post()
  @Roles('finance', 'admin')
  @Idempotent()
  @TakesFile()
  @ApiOperation({
    summary: 'Prepare a file of payouts',
    description:
      'Up to 1,000 lines and 1 MiB. CSV (RFC 4180, UTF-8) with the columns `beneficiary_id`, or `name`, `type` and one for each detail ' +
      '(`details.IBAN`, `details.address.city`), and `source_currency`, `amount`, `currency`, `reference`; or JSON lines with ' +
      '`beneficiaryId`, or `name`, `type`, `details`, and `sourceCurrency`, `amount`, `currency`, `reference`. Amounts are decimal major ' +
      'units, in JSON as a text: "12.50". Lines that are no payouts are said to be so in the answer; the others are prepared one by one.',
  })
  @ApiConsumes('text/csv', 'application/x-ndjson')
  @ApiBody({
    schema: { type: 'string' },
    examples: {
      csv: {
        value: 'beneficiary_id,source_currency,amount,currency,reference\nbnf_01jd8q,USD,12.50,EUR,Invoice 7\n',
      },
    },
  })
  @ApiCreatedResponse({ type: BatchWithLinesResponse })
  async take(
    @Query() { confirmDuplicate = false }: TakeBatchQuery,
    @Req() request: RawBodyRequest<FastifyRequest>,
    @CurrentUser() { roles }: UserIdentity,
    @Acting() actor: Actor,
  ): Promise<BatchWithLinesResponse> {
    const { rawBody: bytes, headers } = request;
    const kind = kindOf(headers['content-type']);
    if (!bytes || !kind) throw fileUnreadable('must be a file of text/csv or application/x-ndjson');
    return toBatchWithLines(await this.desk.take({ kind, bytes, confirmDuplicate }, { ...actor, roles }));
  }

  @Get()
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'Files of payouts, newest first' })
  @ApiOkResponse({ type: BatchList })
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<BatchResponse>> {
    const after = decodeCursor(cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.batches.list(tx, limit + 1, after));
    return pageOf(rows, limit, (row) => row, toBatch);
  }

  @Get(':id')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'One file, with what has become of each line' })
  @ApiOkResponse({ type: BatchWithLinesResponse })
  async get(@Param('id') id: string): Promise<BatchWithLinesResponse> {
    return toBatchWithLines(await this.unitOfWork.service((tx) => this.desk.found(tx, id)));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'Prepare no more of its lines; what is prepared is canceled payout by payout' })
  @ApiOkResponse({ type: BatchWithLinesResponse })
  async cancel(
    @Param('id') id: string,
    @CurrentUser() { roles }: UserIdentity,
    @Acting() actor: Actor,
  ): Promise<BatchWithLinesResponse> {
    return toBatchWithLines(await this.unitOfWork.service((tx) => this.desk.cancel(tx, id, { ...actor, roles })));
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Roles('finance', 'admin')
  @ApiOperation({
    summary: 'Approve what it has brought, each payout by itself',
    description: 'As many lines as fit into one request; `afterLine` of the answer says where to go on.',
  })
  @ApiOkResponse({ type: BatchApprovalResponse })
  async approve(
    @Param('id') id: string,
    @Body() { afterLine = 0 }: ApproveBatchBody,
    @CurrentUser() { roles }: UserIdentity,
    @Acting() actor: Actor,
  ): Promise<BatchApprovalResponse> {
    return toBatchApproval(await this.approvals.approve(id, afterLine, { ...actor, roles }));
  }
}

const KINDS = new Map<string, FileKind>([
  ['text/csv', 'csv'],
  ['application/x-ndjson', 'jsonl'],
]);

function kindOf(contentType = ''): FileKind | null {
  const [type = ''] = contentType.split(';');
  return KINDS.get(type.trim().toLowerCase()) ?? null;
}
