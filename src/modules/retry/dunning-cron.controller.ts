import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Cron } from '../../platform/http';
import { DunningJob } from './dunning-job.service';
import { DunningRunResponse } from './dto/retry.response.dto';

@ApiTags('Operators')
@Controller('cron')
export class DunningCronController {
  constructor(private readonly job: DunningJob) {}

  @Post('dunning')
  @HttpCode(200)
  @Cron()
  @ApiOperation({ summary: 'Remind, retry and end what is due; the same as `npm run job:dunning`' })
  @ApiOkResponse({ type: DunningRunResponse })
  async dunning(): Promise<DunningRunResponse> {
    return this.job.run();
  }
}
