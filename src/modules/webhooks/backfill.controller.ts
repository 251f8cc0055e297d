import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { parseInstant } from '../../shared/instant';
import type { Actor } from '../../platform/audit';
import { Acting, Idempotent, invalidInput, Roles } from '../../platform/http';
import { BackfillService } from './backfill.service';
import { BackfillBody, BackfillResponse } from './dto/backfill.dto';

@ApiTags('Operators')
@Controller('admin/webhooks/backfill')
export class BackfillController {
  constructor(private readonly backfill: BackfillService) {}

  @Post()
  @HttpCode(200)
  @Roles('admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Ask the provider for what its deliveries did not tell; to be repeated while there is a nextCursor',
  })
  @ApiOkResponse({ type: BackfillResponse })
  run(@Body() body: BackfillBody, @Acting() actor: Actor): Promise<BackfillResponse> {
    const { since, until, ...rest } = body;
    const request = {
      ...rest,
      since: timeOf('since', since),
      ...(until === undefined ? {} : { until: timeOf('until', until) }),
    };
    return this.backfill.run(request, actor);
  }
}

function timeOf(field: string, text: string): Date {
  const at = parseInstant(text);
  if (!at) throw invalidInput([{ field, message: 'must be a time such as 2026-10-01T00:00:00Z' }]);
  return at;
}
