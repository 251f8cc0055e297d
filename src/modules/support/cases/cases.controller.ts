import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Clock } from '../../../shared/clock';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, Roles } from '../../../platform/http';
import { CaseFileResponse, toCaseFile } from './dto/case-file.response.dto';
import { CaseFiles } from './case-files.service';

@ApiTags('Operators')
@Controller('support/cases')
export class CasesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly cases: CaseFiles,
    private readonly clock: Clock,
  ) {}

  @Get(':invoiceId')
  @Roles('support', 'finance', 'admin')
  @ApiOperation({
    summary: 'A declined renewal on one page, from its first failure to its outcome',
    description:
      'Of an invoice that never failed the answer is the same page without a case: `outcome` is `never_failed`. Looking at it is audited.',
  })
  @ApiOkResponse({ type: CaseFileResponse })
  async case(@Param('invoiceId') invoiceId: string, @Acting() actor: Actor): Promise<CaseFileResponse> {
    return toCaseFile(await this.unitOfWork.service((tx) => this.cases.of(tx, invoiceId, actor)), this.clock.now());
  }
}
