import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { Acting, Cron } from '../../platform/http';
import { BegunRuns, toRunResponse } from './dto/reconciliation.response.dto';
import { ReconciliationRuns } from './reconciliation-runs.service';

@ApiTags('Reconciliation')
@Controller('cron')
export class ReconcileCronController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly runs: ReconciliationRuns,
  ) {}

  @Post('reconcile')
  @HttpCode(202)
  @Cron()
  @ApiOperation({
    summary: 'Compare the last days with every provider that is on; the same as `npm run job:reconcile`',
  })
  @ApiAcceptedResponse({ type: BegunRuns })
  async reconcile(@Acting() actor: Actor): Promise<BegunRuns> {
    const begun = await this.unitOfWork.service((tx) => this.runs.beginLast(tx, actor));
    return { data: begun.map(toRunResponse) };
  }
}
