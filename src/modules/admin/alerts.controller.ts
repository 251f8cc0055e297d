import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { notFound } from '../../shared/app-error';
import { Alerts } from '../../platform/alerts';
import { AuditLog, type Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { Acting, decodeCursor, PageQuery, pageOf, Roles, type Page } from '../../platform/http';
import { AlertList, AlertResponse, toAlertResponse } from './dto/alerts.response.dto';

@ApiTags('Operators')
@Controller('admin/alerts')
export class AlertsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly alerts: Alerts,
    private readonly audit: AuditLog,
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

  @Post(':id/resolve')
  @HttpCode(200)
  @Roles('admin')
  @ApiOperation({ summary: 'Close an alert that was seen to' })
  @ApiOkResponse({ type: AlertResponse })
  async resolve(@Param('id') id: string, @Acting() actor: Actor): Promise<AlertResponse> {
    return this.unitOfWork.service(async (tx) => {
      const resolved = await this.alerts.resolve(tx, id);
      if (!resolved) throw notFound('ALERT_NOT_FOUND', 'Alert not found', { alertId: id.slice(0, 64) });
      const { alert, wasOpen } = resolved;
      if (wasOpen) {
        const object = { objectType: 'alert', objectId: id, customerId: null };
        await this.audit.record(tx, { actor, action: 'alert.resolve', ...object, after: { kind: alert.kind } });
      }
      return toAlertResponse(alert);
    });
  }
}
