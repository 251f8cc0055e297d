import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UnitOfWork } from '../../../platform/database';
import { CurrentUser, decodeCursor, pageOf, Roles, type Page, type UserIdentity } from '../../../platform/http';
import { AuditRepository } from './audit.repository';
import { AuditQuery } from './dto/audit.request.dto';
import { AuditEntryResponse, AuditList, toAuditEntry } from './dto/audit.response.dto';

@ApiTags('Operators')
@Controller('admin/audit')
export class AuditController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly entries: AuditRepository,
  ) {}

  @Get()
  @Roles('admin', 'finance')
  @ApiOperation({
    summary: 'Who did what, the latest first',
    description: 'An admin sees all of it, finance the payment operations.',
  })
  @ApiOkResponse({ type: AuditList })
  async list(@Query() query: AuditQuery, @CurrentUser() { roles }: UserIdentity): Promise<Page<AuditEntryResponse>> {
    const { limit, cursor, ...rest } = query;
    const filter = { ...rest, paymentsOnly: !roles.includes('admin') };
    const after = decodeCursor(cursor);
    const rows = await this.unitOfWork.service((tx) => this.entries.list(tx, filter, limit + 1, after));
    return pageOf(rows, limit, ({ at, id }) => ({ createdAt: at, id }), toAuditEntry);
  }
}
