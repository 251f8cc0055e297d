import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/access.decorators';
import { Unlimited } from '../rate-limit/payment-attempt.decorator';
import { LivenessResponse, ReadinessResponse } from './health.response.dto';
import { ReadinessService } from './readiness.service';

@ApiTags('Operations')
@Public()
@Unlimited()
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs; asks nothing of anybody' })
  @ApiOkResponse({ type: LivenessResponse })
  live(): LivenessResponse {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'The process can do its work' })
  @ApiOkResponse({ type: ReadinessResponse })
  @ApiServiceUnavailableResponse({ description: 'NOT_READY with what is down, or SHUTTING_DOWN' })
  ready(): Promise<ReadinessResponse> {
    return this.readiness.check();
  }
}
