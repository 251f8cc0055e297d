import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, pageOf, Roles, type Page } from '../../../platform/http';
import { RefundBody, RefundList, RefundResponse, RefundsQuery, toRefundResponse } from './dto/refunds.dto';
import { RefundFlow } from './refund.flow';
import { RefundsRepository } from './refunds.repository';

@ApiTags('Billing')
@Controller('billing/refunds')
export class RefundsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly refunds: RefundsRepository,
    private readonly flow: RefundFlow,
  ) {}

  @Post()
  @Roles('finance')
  @Idempotent()
  @ApiOperation({ summary: 'Give a payment back, or a part of it' })
  @ApiCreatedResponse({ type: RefundResponse })
  async create(@Body() { paymentId, amount, reason }: RefundBody, @Acting() actor: Actor): Promise<RefundResponse> {
    const request = { paymentId, amount: amount === undefined ? null : BigInt(amount), reason };
    return toRefundResponse(await this.flow.refund(request, actor));
  }

  @Get()
  @Roles('finance', 'support', 'admin')
  @ApiOperation({ summary: 'Refunds, newest first' })
  @ApiOkResponse({ type: RefundList })
  async list(@Query() query: RefundsQuery): Promise<Page<RefundResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.refunds.list(tx, query, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toRefundResponse);
  }
}
