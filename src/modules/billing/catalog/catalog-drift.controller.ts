import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../../platform/http';
import { CatalogDriftFlow } from './catalog-drift.flow';
import { DriftReportResponse, toDriftReport } from './dto/drift.response.dto';

@ApiTags('Catalog')
@Controller('admin/catalog')
export class CatalogDriftController {
  constructor(private readonly drift: CatalogDriftFlow) {}

  @Get('drift')
  @Roles('admin')
  @ApiOperation({ summary: "Where Stripe's products and prices are not as ours; reads them all" })
  @ApiOkResponse({ type: DriftReportResponse })
  async check(): Promise<DriftReportResponse> {
    return toDriftReport(await this.drift.check());
  }
}
