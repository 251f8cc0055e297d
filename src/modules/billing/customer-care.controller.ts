import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { Acting, Idempotent, Roles } from '../../platform/http';
import { ExtendTrialBody } from './dto/operators.request.dto';
import { SubscriptionResponse, toSubscriptionResponse } from './dto/subscriptions.response.dto';
import { TrialExtensionFlow } from './trial-extension.flow';

@ApiTags('Operators')
@Controller('admin/customers')
export class CustomerCareController {
  constructor(private readonly trials: TrialExtensionFlow) {}

  @Post(':id/trial-extension')
  @HttpCode(200)
  @Roles('support', 'admin')
  @Idempotent()
  @ApiOperation({ summary: "Extend a customer's running trial" })
  @ApiOkResponse({ type: SubscriptionResponse })
  async extendTrial(
    @Param('id') id: string,
    @Body() { days, reason }: ExtendTrialBody,
    @Acting() actor: Actor,
  ): Promise<SubscriptionResponse> {
    return toSubscriptionResponse(await this.trials.extend(id, { days, reason }, actor));
  }
}
