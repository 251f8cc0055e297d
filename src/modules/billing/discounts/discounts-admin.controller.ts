import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, pageOf, Roles, type Page } from '../../../platform/http';
import { Outbox } from '../../../platform/outbox';
import { DiscountDesk } from './discount-desk.service';
import {
  CreateDiscountBody,
  DiscountsQuery,
  EditDiscountBody,
  toChange,
  toNewDiscount,
} from './dto/discounts.request.dto';
import { DiscountList, DiscountResponse, toDiscountResponse } from './dto/discounts.response.dto';

@ApiTags('Operators')
@Controller('admin/discounts')
export class DiscountsAdminController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly desk: DiscountDesk,
    private readonly outbox: Outbox,
  ) {}

  @Post()
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'Make a discount; it is mirrored to Stripe as a coupon and a promotion code' })
  @ApiCreatedResponse({ type: DiscountResponse })
  async create(@Body() body: CreateDiscountBody, @Acting() actor: Actor): Promise<DiscountResponse> {
    const wanted = toNewDiscount(body);
    const discount = await this.unitOfWork.service((tx) => this.desk.create(tx, wanted, actor));
    this.outbox.wake();
    return toDiscountResponse(discount);
  }

  @Get()
  @Roles('admin')
  @ApiOperation({ summary: 'All discounts, newest first' })
  @ApiOkResponse({ type: DiscountList })
  async list(@Query() { active, cursor, limit }: DiscountsQuery): Promise<Page<DiscountResponse>> {
    const after = decodeCursor(cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.desk.list(tx, active ?? null, limit + 1, after));
    return pageOf(rows, limit, (row) => row, toDiscountResponse);
  }

  @Get(':id')
  @Roles('admin')
  @ApiOperation({ summary: 'One discount, with how often it is taken' })
  @ApiParam({ name: 'id', example: 'disc_01jd…', description: 'Or its code' })
  @ApiOkResponse({ type: DiscountResponse })
  async get(@Param('id') id: string): Promise<DiscountResponse> {
    return toDiscountResponse(await this.unitOfWork.service((tx) => this.desk.get(tx, id)));
  }

  @Patch(':id')
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'Change whether, how long and how often it can be had; what it gives is immutable' })
  @ApiParam({ name: 'id', example: 'disc_01jd…', description: 'Or its code' })
  @ApiOkResponse({ type: DiscountResponse })
  async edit(
    @Param('id') id: string,
    @Body() body: EditDiscountBody,
    @Acting() actor: Actor,
  ): Promise<DiscountResponse> {
    const change = toChange(body);
    const discount = await this.unitOfWork.service((tx) => this.desk.edit(tx, id, change, actor));
    this.outbox.wake();
    return toDiscountResponse(discount);
  }
}
