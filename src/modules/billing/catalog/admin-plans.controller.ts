import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, pageOf, PageQuery, Roles, type Page } from '../../../platform/http';
import { Outbox } from '../../../platform/outbox';
import { CatalogAdminRepository } from './catalog-admin.repository';
import { CatalogAdmin } from './catalog-admin.service';
import { completePolicy } from './domain/dunning-policy';
import { ChangePlanTermsBody, CreatePlanBody, PriceBody, RetirePriceBody } from './dto/catalog.request.dto';
import {
  AdminPlanList,
  AdminPlanResponse,
  AdminPriceResponse,
  toAdminPlan,
  toAdminPrice,
} from './dto/catalog.response.dto';

const GRACE_DAYS = 7;

@ApiTags('Catalog')
@Controller('admin')
export class AdminPlansController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: CatalogAdminRepository,
    private readonly catalog: CatalogAdmin,
    private readonly outbox: Outbox,
  ) {}

  @Get('plans')
  @Roles('admin')
  @ApiOperation({ summary: 'All plans, archived ones too, in the order they were made' })
  @ApiOkResponse({ type: AdminPlanList })
  async list(@Query() query: PageQuery): Promise<Page<AdminPlanResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.repository.list(tx, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toAdminPlan);
  }

  @Get('plans/:id')
  @Roles('admin')
  @ApiOperation({ summary: 'One plan, by its id or its code' })
  @ApiOkResponse({ type: AdminPlanResponse })
  async get(@Param('id') id: string): Promise<AdminPlanResponse> {
    return toAdminPlan(await this.unitOfWork.service((tx) => this.catalog.plan(tx, id)));
  }

  @Post('plans')
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'A new plan' })
  @ApiCreatedResponse({ type: AdminPlanResponse })
  async create(@Body() body: CreatePlanBody, @Acting() actor: Actor): Promise<AdminPlanResponse> {
    const { code, name, description = '', trialDays = 0, graceDays = GRACE_DAYS, active = true } = body;
    const { refundAccess = 'end', disputeAccess = 'suspend', position = null, prices = [], features = [] } = body;
    const dunning = body.dunning ? completePolicy(body.dunning) : null;
    const terms = { name, description, trialDays, graceDays, active, refundAccess, disputeAccess, dunning };
    const input = { ...terms, code, position, prices, features };
    const plan = await this.unitOfWork.service((tx) => this.catalog.create(tx, input, actor));
    this.outbox.wake();
    return toAdminPlan(plan);
  }

  @Patch('plans/:id')
  @Roles('admin')
  @ApiOperation({ summary: 'Change a plan; its features and grace days reach its subscribers too' })
  @ApiOkResponse({ type: AdminPlanResponse })
  async update(
    @Param('id') id: string,
    @Body() body: ChangePlanTermsBody,
    @Acting() actor: Actor,
  ): Promise<AdminPlanResponse> {
    const { dunning: asked, ...others } = body;
    const dunning = asked ? completePolicy(asked) : asked;
    const plan = await this.unitOfWork.service((tx) => this.catalog.update(tx, id, { ...others, dunning }, actor));
    this.outbox.wake();
    return toAdminPlan(plan);
  }

  @Post('plans/:id/prices')
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'A new price for new customers; those who have the former one keep it' })
  @ApiCreatedResponse({ type: AdminPriceResponse })
  async addPrice(
    @Param('id') id: string,
    @Body() body: PriceBody,
    @Acting() actor: Actor,
  ): Promise<AdminPriceResponse> {
    const price = await this.unitOfWork.service((tx) => this.catalog.addPrice(tx, id, body, actor));
    this.outbox.wake();
    return toAdminPrice(price);
  }

  @Patch('prices/:id')
  @Roles('admin')
  @ApiOperation({ summary: 'Take a price off the shelf; those who have it keep it' })
  @ApiOkResponse({ type: AdminPriceResponse })
  async retirePrice(
    @Param('id') id: string,
    @Body() _body: RetirePriceBody,
    @Acting() actor: Actor,
  ): Promise<AdminPriceResponse> {
    const price = await this.unitOfWork.service((tx) => this.catalog.retirePrice(tx, id, actor));
    this.outbox.wake();
    return toAdminPrice(price);
  }
}
