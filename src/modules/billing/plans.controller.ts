import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../platform/http';
import { PlanResponse } from './dto/plans.response.dto';
import { PlansService } from './plans.service';

@ApiTags('Billing')
@Controller('billing/plans')
export class PlansController {
  constructor(private readonly plans: PlansService) {}

  @Get()
  @Public()
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({ summary: 'What is for sale' })
  @ApiOkResponse({ type: [PlanResponse] })
  list(): Promise<string> {
    return this.plans.list();
  }
}
