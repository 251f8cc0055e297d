import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UnitOfWork } from '../../platform/database';
import { Public } from '../../platform/http';
import { CatalogRepository } from './catalog.repository';
import { PlanResponse, toPlan } from './dto/plans.response.dto';

@ApiTags('Billing')
@Controller('billing/plans')
export class PlansController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly catalog: CatalogRepository,
  ) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'What is for sale' })
  @ApiOkResponse({ type: [PlanResponse] })
  async list(): Promise<PlanResponse[]> {
    const plans = await this.unitOfWork.service((tx) => this.catalog.plans(tx));
    return plans.map(toPlan);
  }
}
