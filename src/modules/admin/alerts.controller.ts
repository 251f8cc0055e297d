import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Alerts } from '../../platform/alerts';
import { UnitOfWork } from '../../platform/database';
import { decodeCursor, PageQuery, pageOf, Roles, type Page } from '../../platform/http';
import { AlertList, AlertResponse, toAlertResponse } from './dto/alerts.response.dto';

@ApiTags('Operators')
@Controller('admin/alerts')
export class AlertsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly alerts: Alerts,
  ) {}

  @Get()
  @Roles('admin', 'support')
  @ApiOperation({ summary: 'What an operator must look at, the latest first' })
  @ApiOkResponse({ type: AlertList })
  async list(@Query() query: PageQuery): Promise<Page<AlertResponse>> {
    const after = decodeCursor(query.cursor);
    const before = after ? { at: after.createdAt, id: after.id } : null;
    const rows = await this.unitOfWork.service((tx) => this.alerts.list(tx, query.limit + 1, before));
    return pageOf(rows, query.limit, (row) => ({ createdAt: row.lastAt, id: row.id }), toAlertResponse);
  }
}
