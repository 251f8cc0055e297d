import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/access.decorators';
import { Unlimited } from '../rate-limit/payment-attempt.decorator';
import { ReadinessService, type Readiness } from './readiness.service';

@ApiTags('Operations')
@Public()
@Unlimited()
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs; asks nothing of anybody' })
  @ApiOkResponse({ schema: { example: { status: 'ok' } } })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'The process can do its work' })
  @ApiOkResponse({ schema: { example: { status: 'ok', details: { database: { status: 'up' } } } } })
  @ApiServiceUnavailableResponse({ description: 'NOT_READY with what is down, or SHUTTING_DOWN' })
  ready(): Promise<Readiness> {
    return this.readiness.check();
  }
}
