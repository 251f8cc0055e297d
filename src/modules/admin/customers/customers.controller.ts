import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, decodeCursor, PageQuery, pageOf, Roles, type Page } from '../../../platform/http';
import { CustomerPages } from './customer-page.service';
import { CustomerSearchRepository } from './customer-search.repository';
import { CustomersQuery } from './dto/customers.request.dto';
import {
  CustomerPageResponse,
  FoundCustomerList,
  FoundCustomerResponse,
  toCustomerPage,
  toFoundCustomer,
} from './dto/customers.response.dto';
import { TimelineEntryResponse, TimelineList, toTimelineEntry } from './dto/timeline.response.dto';

@ApiTags('Operators')
@Controller('admin/customers')
export class CustomersController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly search: CustomerSearchRepository,
    private readonly pages: CustomerPages,
  ) {}

  @Get()
  @Roles('support', 'admin', 'finance')
  @ApiOperation({ summary: 'Find customers, newest first' })
  @ApiOkResponse({ type: FoundCustomerList })
  async find(@Query() { query = '', limit, cursor }: CustomersQuery): Promise<Page<FoundCustomerResponse>> {
    const after = decodeCursor(cursor);
    const rows = await this.unitOfWork.service((tx) => this.search.find(tx, query, limit + 1, after));
    return pageOf(rows, limit, (row) => row, toFoundCustomer);
  }

  @Get(':id')
  @Roles('support', 'admin', 'finance')
  @ApiOperation({ summary: 'One customer: what he has, what he owes, and why he may use what' })
  @ApiOkResponse({ type: CustomerPageResponse })
  async page(@Param('id') id: string, @Acting() actor: Actor): Promise<CustomerPageResponse> {
    return toCustomerPage(await this.unitOfWork.service((tx) => this.pages.page(tx, id, actor)));
  }

  @Get(':id/timeline')
  @Roles('support', 'admin', 'finance')
  @ApiOperation({ summary: 'All that happened to a customer, newest first' })
  @ApiOkResponse({ type: TimelineList })
  async timeline(
    @Param('id') id: string,
    @Query() { limit, cursor }: PageQuery,
    @Acting() actor: Actor,
  ): Promise<Page<TimelineEntryResponse>> {
    const after = decodeCursor(cursor);
    const rows = await this.unitOfWork.service((tx) => this.pages.timeline(tx, id, { limit: limit + 1, after }, actor));
    return pageOf(rows, limit, ({ at, key }) => ({ createdAt: at, id: key }), toTimelineEntry);
  }
}
